package notify

import (
	"cmp"
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// whoOf names the endpoint's program: the container published there, else the
// oldest holder, else what the kernel tells of the socket's creator.
func whoOf(e *monitor.Endpoint) Who {
	switch {
	case e.Container != nil && e.Container.Name != "":
		return Who{Name: e.Container.Name, Project: e.Container.Project}
	case len(e.Holders) > 0:
		return Who{Name: e.Holders[0].Name, Project: e.Holders[0].Project}
	case len(e.Creators) > 0:
		// The creator's user is no program: without a unit nobody is named.
		return Who{Name: e.Creators[0].Unit}
	}
	return Who{}
}

// rival returns who held the event's port before the newcomer and is another:
// on the same endpoint, or on another address of the same port.
func rival(e *monitor.Event, s *monitor.Snapshot) (*monitor.Endpoint, bool) {
	if e.Kind == monitor.EventHolderChanged && e.Before != nil && monitor.SameHolder(e.Before.Holders, e.After.Holders) {
		// Somebody joined those who stayed.
		joined := *e.After
		joined.Holders = slices.DeleteFunc(slices.Clone(e.After.Holders), func(h monitor.Holder) bool {
			return e.Before.HeldBy(h.Identity)
		})
		if unrelated(e.Before, &joined) {
			return e.Before, true
		}
	}
	// Key order has protocol and port before all else.
	same := func(o monitor.Endpoint, k monitor.Key) int {
		return cmp.Or(cmp.Compare(o.Proto, k.Proto), cmp.Compare(o.Addr.Port(), k.Addr.Port()))
	}
	first, _ := slices.BinarySearchFunc(s.Endpoints, e.Key, same)
	for i := first; i < len(s.Endpoints) && same(s.Endpoints[i], e.Key) == 0; i++ {
		if o := &s.Endpoints[i]; o.Key != e.Key && unrelated(o, e.After) && shadowed(s, o.Key, e.Key) {
			return o, true
		}
	}
	return nil, false
}

// shadowed reports whether who asks for one of the endpoints may reach the
// other: two networks' addresses are told apart by everybody.
func shadowed(s *monitor.Snapshot, a, b monitor.Key) bool {
	return slices.ContainsFunc(monitor.Shadows(s), func(sh monitor.Shadow) bool {
		return slices.Contains(sh.Keys, a) && slices.Contains(sh.Keys, b)
	})
}

// unrelated reports that two endpoints are certainly held by programs that
// have nothing to do with each other: no process in common, none the other's
// ancestor, another name or project, another container. Where a holder can't
// be read, only different users are certain.
func unrelated(a, b *monitor.Endpoint) bool {
	if len(a.Holders) == 0 || len(b.Holders) == 0 {
		x, okX := a.UID()
		y, okY := b.UID()
		return okX && okY && x != y
	}
	if whoOf(a) == whoOf(b) {
		return false
	}
	for _, x := range a.Holders {
		for _, y := range b.Holders {
			if x.Identity == y.Identity || descends(x.Process, y.Identity) || descends(y.Process, x.Identity) {
				return false
			}
		}
	}
	return true
}

// descends reports whether the identity is among p's ancestors. Everybody
// descends from PID 1, which is why sockets that systemd passes on have no
// second owner.
func descends(p *process.Process, id process.Identity) bool {
	return slices.ContainsFunc(p.Parents, func(a process.Ancestor) bool { return a.Identity == id })
}
