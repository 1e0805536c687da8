package doctor

import (
	"net/netip"
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// inWay reports whether a socket on the local address keeps the try from its
// own, as inet_rcv_saddr_equal of Linux decides it: the same address, or a
// wildcard on either side. dual sockets stand in both families.
func inWay(local netip.Addr, dual sockets.Tri, t *bind.Try) bool {
	have, want := local.Unmap(), t.Addr.Addr().Unmap()
	if have.Is4() != want.Is4() {
		switch {
		case have.Is6() && have.IsUnspecified():
			return dual != sockets.No
		case want.IsUnspecified():
			return t.Manner == bind.Dual && want.Is6()
		}
		return false
	}
	return have == want || have.IsUnspecified() || want.IsUnspecified()
}

// inWayOfAny reports whether it is in the way of one of the tries.
func inWayOfAny(local netip.Addr, dual sockets.Tri, tries []bind.Try) bool {
	return slices.ContainsFunc(tries, func(t bind.Try) bool { return inWay(local, dual, &t) })
}

// decisive: this try says whether a program that does as servers do gets the
// address; the plain one only who has to wait.
func decisive(t *bind.Try) bool { return t.Manner != bind.Plain }

// refused: the address is there and we didn't get it.
func refused(t *bind.Try) bool { return t.Code == bind.InUse || t.Code == bind.Denied }

// missing: there is no such address on this machine.
func missing(t *bind.Try) bool { return t.Code == bind.NotLocal || t.Code == bind.NoFamily }

// endpointsOn returns the endpoints of the port, of any address.
func (e *Evidence) endpointsOn(q *Question) []monitor.Endpoint {
	if e.Snapshot == nil {
		return nil
	}
	var all []monitor.Endpoint
	for _, p := range e.Snapshot.Endpoints {
		if p.Proto == q.Proto && p.Addr.Port() == q.Port {
			all = append(all, p)
		}
	}
	return all
}

// connectionsOn returns the connections with that local port which a program
// still has.
func (e *Evidence) connectionsOn(q *Question) []monitor.Connection {
	if e.Snapshot == nil {
		return nil
	}
	var all []monitor.Connection
	for _, c := range e.Snapshot.Connections {
		if c.Proto != q.Proto || c.Local.Port() != q.Port || c.State == sockets.TimeWait {
			continue
		}
		if e.OS == "linux" && c.Handle == 0 {
			continue // ended for its program, or not accepted by one yet
		}
		all = append(all, c)
	}
	return all
}

// outgoing reports whether the connection was made from here rather than
// accepted: its port is one the system gives to those, or it is on its way.
func (e *Evidence) outgoing(c *monitor.Connection) bool {
	if c.State == sockets.SynSent || c.Proto == sockets.UDP {
		return true
	}
	if e.Reserved.Ephemeral.Contains(c.Local.Port()) {
		return true
	}
	// Its far end listens on this very machine.
	return slices.ContainsFunc(e.Snapshot.Endpoints, func(p monitor.Endpoint) bool {
		return p.Proto == c.Proto && p.Addr == c.Remote
	})
}
