package free

import (
	"net/netip"
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
)

// verdict is what one look says of the targets.
type verdict uint8

const (
	vacant  verdict = iota + 1 // nobody holds them
	pending                    // a subject that has ended is still listed
	kept                       // a socket from before is still there
	retaken                    // there is a socket that wasn't there before
)

// read compares a look with the one right before the first signal.
func (r *run) read(s *monitor.Snapshot) (verdict, []monitor.Holder) {
	v := vacant
	var holders []monitor.Holder
	self, _ := process.Self()
	for i := range r.plan.Targets {
		e, ok := s.Endpoint(r.plan.Targets[i].Key)
		if !ok {
			continue
		}
		var others []monitor.Holder
		ending := false
		for _, h := range e.Holders {
			switch {
			case h.Identity == self && r.order.Hold:
			case r.hasEnded(h.Identity):
				ending = true
			default:
				others = append(others, h)
			}
		}
		switch {
		case len(others) == 0 && (len(e.Holders) > 0 && !ending):
			continue // ourselves
		case len(others) == 0 && !ending && e.Owner == monitor.OwnerHidden && r.isNew(e, nil):
			v = retaken // by somebody who may not be read
		case len(others) == 0:
			v = max(v, pending)
		case r.isNew(e, others):
			v = retaken
		default:
			v = max(v, kept)
		}
		holders = append(holders, others...)
	}
	return v, holders
}

func (r *run) hasEnded(id process.Identity) bool {
	return slices.ContainsFunc(r.all, func(s *subject) bool { return s.Identity == id && s.h.Ended() })
}

// isNew reports whether the endpoint's sockets weren't there before: by their
// handle, or where the system gives none, by who holds them and since when.
func (r *run) isNew(now *monitor.Endpoint, holders []monitor.Holder) bool {
	i := slices.IndexFunc(r.before, func(e monitor.Endpoint) bool { return e.Key == now.Key })
	if i < 0 {
		return true
	}
	was := &r.before[i]
	if len(now.Sockets) > 0 && (now.Sockets[0].Handle != 0 || now.Sockets[0].Created != 0) {
		return !sameSockets(was, now)
	}
	return !slices.ContainsFunc(holders, func(h monitor.Holder) bool { return was.HeldBy(h.Identity) || h.Started.Before(r.began) })
}

// heldAgain names who has the port, and who is behind that.
func (r *run) heldAgain(v verdict, holders []monitor.Holder) Final {
	if v == kept {
		return Final{Ending: EndStillHeld, Holders: holders}
	}
	f := Final{Ending: EndTakenAgain, Holders: holders}
	if len(holders) > 0 {
		f.By = r.startedBy(holders[0].Process)
	}
	return f
}

// startedBy finds who started the new holder: the nearest ancestor that it has
// in common with the old one, or one known to start things again, or its
// parent. The first process and a session's manager are everybody's ancestors.
func (r *run) startedBy(p *process.Process) *process.Ancestor {
	for i := range p.Parents {
		a := &p.Parents[i]
		if a.PID == 1 || a.Name == "systemd" || a.Name == "launchd" {
			break
		}
		if restarts(*a) || slices.ContainsFunc(r.choice.Victims, func(v Victim) bool {
			return v.Holds && slices.ContainsFunc(v.Parents, func(b process.Ancestor) bool { return b.Identity == a.Identity })
		}) {
			return a
		}
	}
	if len(p.Parents) > 0 {
		return &p.Parents[0]
	}
	return nil
}

// neighbours are the holders of other addresses of the port that stand in the
// way of the one that was tried.
func neighbours(s *monitor.Snapshot, t bind.Try) (found []monitor.Holder) {
	for i := range s.Endpoints {
		if e := &s.Endpoints[i]; e.Proto == t.Proto && e.Addr.Port() == t.Addr.Port() && overlap(e.Addr.Addr(), t.Addr.Addr()) {
			found = append(found, e.Holders...)
		}
	}
	return found
}

// overlap reports whether sockets at the two addresses can meet the same
// packet: IPv6 wildcards may serve IPv4.
func overlap(a, b netip.Addr) bool {
	a, b = a.Unmap(), b.Unmap()
	return a == b || a.IsUnspecified() && (a.Is6() || b.Is4()) || b.IsUnspecified() && (b.Is6() || a.Is4())
}
