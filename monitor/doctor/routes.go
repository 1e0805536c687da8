package doctor

import (
	"net/netip"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Routes asks the kernel where a packet to localhost's addresses would arrive.
// Nothing is sent. It returns nil where the kernel can't be asked.
func Routes(proto sockets.Proto, port uint16) (routes []Route) {
	for _, to := range localhosts() {
		s, found, err := sockets.Lookup(proto, netip.AddrPortFrom(to, port))
		if err != nil {
			continue
		}
		r := Route{To: to, Found: found}
		if found {
			r.Key = monitor.Key{Proto: s.Proto, Addr: s.Local, Device: s.Device}
		}
		routes = append(routes, r)
	}
	return routes
}
