package doctor

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// rank is the order in which causes are believed: what stops every program,
// then who holds the port, then what passes by itself.
var rank = map[Cause]int{
	AddressNotLocal: 1, FamilyDisabled: 2, Privileged: 3, ExcludedRange: 4,
	Container: 5, SystemdSocket: 6, HTTPSys: 7, Ghost: 8, HeldOtherAddress: 9,
	HeldShared: 10, HeldHidden: 11, Held: 12, BoundNotListen: 13,
	LingeringOnly: 14, EphemeralClient: 15, Unexplained: 16, FreeWithReuse: 17, Free: 18,
}

// Diagnose names the cause that the evidence shows. It reads nothing else.
func Diagnose(q Question, e *Evidence) *Diagnosis {
	d := &Diagnosis{
		Question: q, Tries: e.Tries, Localhost: e.Localhost, Barriers: e.Barriers, Missing: e.Missing,
		Verdict: verdict(e.Tries),
	}
	if e.Snapshot != nil {
		d.Taken = e.Snapshot.Taken
	}
	found := e.findings(&q)
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(rank[a.Cause], rank[b.Cause]) })
	if len(found) == 0 {
		found = []Finding{{Cause: Unexplained}}
	}
	d.Finding = found[0]
	d.Notes = append(found[1:], e.beside(&q)...)
	for _, s := range monitor.Shadows(e.Snapshot) {
		if s.Proto == q.Proto && s.Port == q.Port {
			d.Shadow = &s
		}
	}
	d.Remedies = remedies(d, e)
	return d
}

// verdict: the port can be had if every address that exists can.
func verdict(tries []bind.Try) Verdict {
	had, not, trouble := false, false, len(tries) == 0
	for i := range tries {
		t := &tries[i]
		switch {
		case !decisive(t):
		case refused(t):
			not = true
		case t.Code == bind.OK:
			had = true
		case !missing(t):
			trouble = true
		}
	}
	switch {
	case not:
		return CanNotHave
	case trouble:
		return CanNotTell
	case had:
		return CanHave
	}
	return CanNotHave // no such address
}

// findings are the causes that are in the way, or that nothing is.
func (e *Evidence) findings(q *Question) []Finding {
	var failed, inUse, plain []bind.Try
	there := false
	for _, t := range e.Tries {
		there = there || !missing(&t)
		switch {
		case !refused(&t):
		case !decisive(&t):
			plain = append(plain, t)
		case t.Code == bind.InUse || e.OS == "windows":
			inUse = append(inUse, t)
			fallthrough
		default:
			failed = append(failed, t)
		}
	}
	if len(e.Tries) > 0 && !there {
		return e.notHere(e.Tries)
	}
	found := e.denied(q, failed)
	found = append(found, e.held(q, failed)...)
	found = append(found, e.unlisted(q, e.unexplained(q, inUse))...)
	switch v := verdict(e.Tries); {
	case len(found) > 0 || v == CanNotTell:
		return found
	case v == CanNotHave:
		return []Finding{{Cause: Unexplained, Addrs: addrsOf(failed)}}
	case len(plain) > 0:
		f := Finding{Cause: FreeWithReuse, Lingering: e.lingeringFor(plain), Addrs: addrsOf(plain)}
		f.Wait = wait(f.Lingering)
		if c := e.clientFor(q, plain); c != nil {
			f.Client, f.Wait = c, 0
		}
		return []Finding{f}
	}
	return []Finding{{Cause: Free}}
}

// notHere: no address asked for exists.
func (e *Evidence) notHere(tries []bind.Try) []Finding {
	var off, foreign []bind.Try
	for _, t := range tries {
		if e.familyOff(&t) {
			off = append(off, t)
		} else {
			foreign = append(foreign, t)
		}
	}
	var found []Finding
	if len(off) > 0 {
		found = append(found, Finding{Cause: FamilyDisabled, Addrs: addrsOf(off)})
	}
	if len(foreign) > 0 {
		found = append(found, Finding{Cause: AddressNotLocal, Addrs: addrsOf(foreign)})
	}
	return found
}

// familyOff: the try failed for want of its whole IP version. Where IPv6 is
// off by net.ipv6.conf.*.disable_ipv6, even ::1 is gone, and bind(2) only says
// that the address isn't local.
func (e *Evidence) familyOff(t *bind.Try) bool {
	a := t.Addr.Addr()
	if t.Code == bind.NoFamily {
		return true
	}
	return a.Is6() && !a.Is4In6() && len(e.Local) > 0 &&
		!slices.ContainsFunc(e.Local, func(l netip.Addr) bool { return l.Unmap().Is6() })
}

// denied: the system doesn't let this user, or anybody, have the port.
func (e *Evidence) denied(q *Question, failed []bind.Try) []Finding {
	var denied []bind.Try
	for _, t := range failed {
		if t.Code == bind.Denied {
			denied = append(denied, t)
		}
	}
	if e.OS == "windows" {
		return e.excluded(q, failed, len(denied) > 0)
	}
	if len(denied) == 0 {
		return nil
	}
	low := e.Reserved.FirstUnprivileged
	if low == 0 {
		low = 1024 // IPPORT_RESERVED, where the system doesn't say
	}
	if q.Port < low {
		return []Finding{{Cause: Privileged, Addrs: addrsOf(denied), LowPort: low}}
	}
	return []Finding{{Cause: Unexplained, Addrs: addrsOf(denied)}} // a security module, a filter on the cgroup
}

// excluded: Windows answers 10013 for a port in an excluded range, but also for
// one that another holds exclusively: then the holder is the cause.
func (e *Evidence) excluded(q *Question, failed []bind.Try, denied bool) []Finding {
	if !denied {
		return nil
	}
	for i := range e.Reserved.Excluded {
		x := &e.Reserved.Excluded[i]
		if x.Proto != q.Proto || !x.Contains(q.Port) {
			continue
		}
		var of []bind.Try
		for _, t := range failed {
			if t.Addr.Addr().Is4() == (x.Family == 4) && !e.explained(q, &t) {
				of = append(of, t)
			}
		}
		if len(of) > 0 {
			return []Finding{{Cause: ExcludedRange, Excluded: x, Addrs: addrsOf(of)}}
		}
	}
	return nil
}

// explained: an endpoint is in the try's way.
func (e *Evidence) explained(q *Question, t *bind.Try) bool {
	return slices.ContainsFunc(e.endpointsOn(q), func(p monitor.Endpoint) bool {
		return inWay(p.Addr.Addr(), p.DualStack, t)
	})
}

func (e *Evidence) unexplained(q *Question, tries []bind.Try) []bind.Try {
	return slices.DeleteFunc(slices.Clone(tries), func(t bind.Try) bool {
		if e.explained(q, &t) {
			return true
		}
		// Windows' excluded ranges have spoken already.
		return t.Code == bind.Denied && slices.ContainsFunc(e.Reserved.Excluded, func(x bind.Excluded) bool {
			return x.Proto == q.Proto && x.Contains(q.Port) && (x.Family == 4) == t.Addr.Addr().Is4()
		})
	})
}

// beside are facts of the port that are in nobody's way.
func (e *Evidence) beside(q *Question) []Finding {
	var notes []Finding
	var failed, gone []bind.Try
	there := false
	for _, t := range e.Tries {
		there = there || !missing(&t)
		switch {
		case missing(&t):
			gone = append(gone, t)
		case refused(&t):
			failed = append(failed, t)
		}
	}
	if there && len(gone) > 0 {
		notes = append(notes, e.notHere(gone)...)
	}
	var other []monitor.Endpoint
	for _, p := range e.endpointsOn(q) {
		if !inWayOfAny(p.Addr.Addr(), p.DualStack, failed) {
			other = append(other, p)
		}
	}
	if len(other) > 0 {
		notes = append(notes, Finding{Cause: HeldOtherAddress, Endpoints: other})
	}
	return notes
}

func (e *Evidence) lingeringFor(tries []bind.Try) []sockets.Lingering {
	var all []sockets.Lingering
	for _, l := range e.Lingering {
		if inWayOfAny(l.Local.Addr(), sockets.No, tries) {
			all = append(all, l)
		}
	}
	return all
}

// wait is when the last of them is gone, 0 if one of them doesn't tell.
func wait(all []sockets.Lingering) time.Duration {
	var longest time.Duration
	for _, l := range all {
		if l.Left == 0 {
			return 0
		}
		longest = max(longest, l.Left)
	}
	return longest
}

func (e *Evidence) clientFor(q *Question, tries []bind.Try) *monitor.Connection {
	for _, c := range e.connectionsOn(q) {
		if inWayOfAny(c.Local.Addr(), sockets.No, tries) {
			return &c
		}
	}
	return nil
}

// addrsOf are the addresses of the tries, each once.
func addrsOf(tries []bind.Try) []netip.Addr {
	var all []netip.Addr
	for _, t := range tries {
		if a := t.Addr.Addr(); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}
