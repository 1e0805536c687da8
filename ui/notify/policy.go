package notify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// Rules are what the user wants to be told.
type Rules struct {
	Paused bool
	// Opened, Closed: TCP outside the ephemeral range.
	Opened, Closed bool
	// Exposed: a TCP endpoint reachable from beyond this machine where there
	// was none of that program on that port, or on ephemeral ports at all.
	Exposed bool
	// SecondOwner: an unrelated program on a TCP port that another holds.
	SecondOwner bool
	// UDP adds UDP outside the ephemeral range to Opened and Closed.
	// Ephemeral UDP is never told.
	UDP bool

	// Ephemeral is the range the system hands out ports from by itself.
	Ephemeral view.PortRange
	// MutedPorts and MutedPrograms (names of processes, containers or
	// units; case doesn't matter) are never told of.
	MutedPorts    []uint16
	MutedPrograms []string
	// Self is Portlight: its endpoints and its children's are never told of.
	Self process.Identity
}

// Calm returns the rules of who has set none. The ephemeral range is IANA's
// dynamic ports (RFC 6335, section 6), which Windows and macOS use; Linux says
// its own in ip_local_port_range.
func Calm() Rules {
	return Rules{Opened: true, Exposed: true, SecondOwner: true, Ephemeral: view.PortRange{First: 49152, Last: 65535}}
}

// The policy's times.
const (
	// coalesce is how long the first notice waits for company.
	coalesce = 2 * time.Second
	// gap is the least time between two batches.
	gap = 20 * time.Second
	// forget is how long a program that closed its port is still familiar
	// there.
	forget = 12 * time.Hour
)

// Reason is why a notice is given, the most urgent first.
type Reason uint8

// The reasons.
const (
	ReasonSecondOwner Reason = iota + 1
	ReasonExposed
	ReasonOpened
	ReasonClosed
)

// Notice is one thing worth telling, in codes; Words makes the text.
type Notice struct {
	Reason   Reason
	Key      monitor.Key
	Exposure monitor.Exposure
	Who      Who
	// Other held the port already, for ReasonSecondOwner.
	Other Who
}

// Who is a program as a person knows it; every field may be empty.
type Who struct{ Name, Project string }

// Policy decides what is worth a toast. It is a pure state machine: time
// enters only as an argument, and it is not safe for concurrent use.
//
// It stays calm by remembering: a program that was announced on a port, or was
// there when Portlight started, may come and go on it without another word
// until it has been away for half a day. On ephemeral ports, which are new each
// time, it is the program that is remembered.
type Policy struct {
	rules    Rules
	familiar map[memo]time.Time // when it was last seen to open or close
	pending  map[memo]Notice
	first    time.Time // of the pending
	last     time.Time // when the last batch was given
}

// memo is what is remembered of an endpoint.
type memo struct {
	proto  sockets.Proto
	port   uint16 // 0 for the ephemeral ones
	who    Who
	beyond bool // reachable from beyond this machine
	beside Who  // for a second owner: beside whom
}

// NewPolicy returns a Policy that finds nothing familiar yet.
func NewPolicy(r Rules) *Policy {
	return &Policy{rules: r, familiar: map[memo]time.Time{}, pending: map[memo]Notice{}}
}

// SetRules changes the rules from now on. What waits is dropped if pausing.
func (p *Policy) SetRules(r Rules) {
	p.rules = r
	if r.Paused {
		clear(p.pending)
	}
}

// Baseline makes everything in the snapshot familiar.
func (p *Policy) Baseline(s *monitor.Snapshot, now time.Time) {
	for i := range s.Endpoints {
		p.remember(&s.Endpoints[i], now)
	}
}

// Take considers events; s is the snapshot they led to.
func (p *Policy) Take(events []monitor.Event, s *monitor.Snapshot, now time.Time) {
	for i := range events {
		e := &events[i]
		n, m, ok := p.consider(e, s, now)
		if e.After != nil {
			p.remember(e.After, now)
		} else {
			p.remember(e.Before, now)
		}
		if !ok || p.rules.Paused || p.muted(e) {
			continue
		}
		if len(p.pending) == 0 {
			p.first = now
		}
		if was, ok := p.pending[m]; ok {
			n = merge(was, n)
		}
		p.pending[m] = n
	}
}

// Due returns the notices to be told now, as one toast, the most urgent first;
// nil if it isn't time.
func (p *Policy) Due(now time.Time) []Notice {
	if next, ok := p.Next(); !ok || next.After(now) {
		return nil
	}
	batch := make([]Notice, 0, len(p.pending))
	for _, n := range p.pending {
		batch = append(batch, n)
	}
	slices.SortFunc(batch, func(a, b Notice) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), a.Key.Compare(b.Key))
	})
	clear(p.pending)
	p.last = now
	return batch
}

// Next returns when Due will have something, false if nothing waits.
func (p *Policy) Next() (time.Time, bool) {
	if len(p.pending) == 0 {
		return time.Time{}, false
	}
	next := p.first.Add(coalesce)
	if quiet := p.last.Add(gap); !p.last.IsZero() && quiet.After(next) {
		next = quiet
	}
	return next, true
}

// consider makes a notice of an event if the rules ask for one. The memo it
// returns names it among the pending: one program on one port is one notice,
// over both IP versions and every address.
func (p *Policy) consider(e *monitor.Event, s *monitor.Snapshot, now time.Time) (Notice, memo, bool) {
	at := e.After
	if at == nil {
		at = e.Before
	}
	m := p.memo(at)
	id := m
	id.beyond = false
	n := Notice{Key: e.Key, Exposure: at.Exposure, Who: m.who}
	ephemeral := p.rules.Ephemeral.Contains(e.Key.Addr.Port())
	udp := e.Key.Proto == sockets.UDP
	if p.own(at) || udp && (ephemeral || !p.rules.UDP) {
		return n, id, false
	}
	if e.Kind == monitor.EventClosed {
		_, waiting := p.pending[id]
		delete(p.pending, id)
		n.Reason = ReasonClosed
		return n, id, p.rules.Closed && !ephemeral && !waiting
	}
	if p.rules.SecondOwner && !udp {
		if other, ok := rival(e, s); ok {
			n.Reason, n.Other = ReasonSecondOwner, whoOf(other)
			m.beside = n.Other
			known := p.knows(m, now)
			p.familiar[m] = now
			return n, id, !known
		}
	}
	if e.Kind == monitor.EventRestarted && (e.Before == nil || e.Before.Exposure == at.Exposure) || p.knows(m, now) {
		return n, id, false
	}
	local := m
	local.beyond = false
	switch {
	case m.beyond && !udp && p.rules.Exposed && (ephemeral || !p.rules.Opened || p.knows(local, now)):
		n.Reason = ReasonExposed
	case !ephemeral && p.rules.Opened && !(m.beyond && p.knows(local, now)):
		n.Reason = ReasonOpened
	default:
		return n, id, false
	}
	return n, id, true
}

// merge joins two notices about one program on one port.
func merge(was, is Notice) Notice {
	if was.Reason == ReasonOpened && is.Reason == ReasonExposed {
		is.Reason = ReasonOpened // it opened just now, and says how far it reaches
	}
	if was.Reason < is.Reason {
		was, is = is, was
	}
	is.Exposure = max(is.Exposure, was.Exposure)
	return is
}

func (p *Policy) knows(m memo, now time.Time) bool {
	at, ok := p.familiar[m]
	return ok && now.Sub(at) < forget
}

func (p *Policy) remember(e *monitor.Endpoint, now time.Time) {
	m := p.memo(e)
	p.familiar[m] = now
	if m.beyond {
		// Who is known to the network doesn't surprise on loopback.
		m.beyond = false
		p.familiar[m] = now
	}
	if len(p.familiar) > 4096 {
		for m, at := range p.familiar {
			if now.Sub(at) > forget {
				delete(p.familiar, m)
			}
		}
	}
}

func (p *Policy) memo(e *monitor.Endpoint) memo {
	m := memo{proto: e.Proto, port: e.Addr.Port(), who: whoOf(e), beyond: e.Exposure > monitor.ExposureLoopback}
	if p.rules.Ephemeral.Contains(m.port) {
		m.port = 0
	}
	return m
}

func (p *Policy) own(e *monitor.Endpoint) bool {
	self := p.rules.Self
	return self.PID != 0 && slices.ContainsFunc(e.Holders, func(h monitor.Holder) bool {
		return h.Identity == self || descends(h.Process, self)
	})
}

func (p *Policy) muted(e *monitor.Event) bool {
	if slices.Contains(p.rules.MutedPorts, e.Key.Addr.Port()) {
		return true
	}
	is := func(name string) bool {
		return name != "" && slices.ContainsFunc(p.rules.MutedPrograms, func(m string) bool { return strings.EqualFold(m, name) })
	}
	at := e.After
	if at == nil {
		at = e.Before
	}
	return at.Container != nil && is(at.Container.Name) ||
		slices.ContainsFunc(at.Holders, func(h monitor.Holder) bool { return is(h.Name) || is(h.Unit) }) ||
		slices.ContainsFunc(at.Creators, func(c monitor.Creator) bool { return is(c.Unit) })
}
