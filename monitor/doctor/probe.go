package doctor

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// probeTimeout bounds one connection to this very machine.
const probeTimeout = 2 * time.Second

// probe connects to localhost in both families and looks whose the accepted
// end is. What it finds replaces what the kernel said when asked.
func (e *Evidence) probe(ctx context.Context, q *Question) {
	var routes []Route
	for _, to := range localhosts() {
		r := e.connect(ctx, netip.AddrPortFrom(to, q.Port))
		routes = append(routes, r)
	}
	e.Localhost = routes
}

// localhosts are the addresses that "localhost" stands for.
func localhosts() []netip.Addr {
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
}

func (e *Evidence) connect(ctx context.Context, to netip.AddrPort) Route {
	r := Route{To: to.Addr(), Probed: true}
	dialer := net.Dialer{Timeout: probeTimeout}
	c, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return r
	}
	defer c.Close()
	mine := c.LocalAddr().(*net.TCPAddr).AddrPort()
	snap, err := monitor.Once(ctx, monitor.Options{}, true)
	if err != nil {
		return r
	}
	r.Key, r.Found = acceptedBy(snap, mine, to)
	return r
}

// acceptedBy finds the endpoint behind the far end of a connection of ours:
// one that its holder holds, or the nearest that could have accepted it where
// nobody has yet.
func acceptedBy(s *monitor.Snapshot, mine, to netip.AddrPort) (monitor.Key, bool) {
	var holders []process.Identity
	for _, c := range s.Connections {
		if c.Proto == sockets.TCP && unmap(c.Local) == to && unmap(c.Remote) == mine {
			for _, h := range c.Holders {
				holders = append(holders, h.Identity)
			}
		}
	}
	best, found, score := monitor.Key{}, false, 0
	for i := range s.Endpoints {
		p := &s.Endpoints[i]
		t := bind.Try{Addr: to}
		if p.Proto != sockets.TCP || p.Addr.Port() != to.Port() || !inWay(p.Addr.Addr(), p.DualStack, &t) {
			continue
		}
		n := 1
		if p.Addr.Addr().Unmap().Is4() == to.Addr().Is4() {
			n++
		}
		if p.Addr.Addr().Unmap() == to.Addr() {
			n++
		}
		if slices.ContainsFunc(holders, p.HeldBy) {
			n += 10
		}
		if n > score {
			best, found, score = p.Key, true, n
		}
	}
	return best, found
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
