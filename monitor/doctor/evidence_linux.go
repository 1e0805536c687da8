package doctor

import (
	"context"
	"errors"
	"net/netip"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// readSystem asks the kernel what its table of endpoints leaves out.
func (e *Evidence) readSystem(ctx context.Context, q *Question) {
	miss := func(err error) {
		// What a kernel can't tell isn't missing: other fields say so.
		if err != nil && !errors.Is(err, sockets.ErrUnsupported) {
			e.Missing = append(e.Missing, err)
		}
	}
	if q.Proto == sockets.TCP {
		bound, err := sockets.BoundOnly(q.Port)
		miss(err)
		e.BoundKnown = err == nil
		e.Bound, err = holdersOf(ctx, bound)
		miss(err)
		e.Lingering, err = sockets.LingeringOn(q.Port)
		miss(err)
	}
	for _, p := range e.endpointsOn(q) {
		if unattended(&p) {
			e.Unattended = append(e.Unattended, p.Key)
		}
	}
	for _, to := range localhosts() {
		s, found, err := sockets.Lookup(q.Proto, netip.AddrPortFrom(to, q.Port))
		if err != nil {
			miss(err)
			continue
		}
		r := Route{To: to, Found: found}
		if found {
			r.Key = monitor.Key{Proto: s.Proto, Addr: s.Local, Device: s.Device}
		}
		e.Localhost = append(e.Localhost, r)
	}
	if q.Reach {
		e.Barriers = e.barriers(ctx, q)
	}
}
