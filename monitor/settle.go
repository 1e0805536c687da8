package monitor

import (
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// EventKind says what became of an endpoint once it had come to rest.
type EventKind uint8

// The kinds.
const (
	// EventOpened: nobody held it before the burst of changes, somebody
	// does after.
	EventOpened EventKind = iota + 1
	// EventClosed: it was held, and isn't any more.
	EventClosed
	// EventRestarted: another process of the same program in the same
	// project, container or unit holds it now.
	EventRestarted
	// EventHolderChanged: a program holds it that did not before.
	EventHolderChanged
)

// String returns the word used in JSON.
func (k EventKind) String() string {
	switch k {
	case EventOpened:
		return "opened"
	case EventClosed:
		return "closed"
	case EventRestarted:
		return "restarted"
	case EventHolderChanged:
		return "holder_changed"
	}
	return "unknown"
}

// Event is what a burst of changes to one endpoint amounts to. Before is nil
// for EventOpened, After for EventClosed.
type Event struct {
	Kind          EventKind
	Key           Key
	Before, After *Endpoint
	// At is when it happened: the first change of an opening, the last of
	// everything else. It is earlier than when it was told.
	At time.Time
}

// The times of a Settler that sets none.
const (
	// DefaultRest is how long an endpoint has to be left alone before its
	// changes are told. A server that fails to start is gone within it.
	DefaultRest = time.Second
	// DefaultRestartWindow is how long a closed endpoint may stay closed
	// and still count as restarted: most rebuilds take less.
	DefaultRestartWindow = 10 * time.Second
)

// maxRests bounds the wait for an endpoint that never rests.
const maxRests = 10

// Settler makes events of changes. It is a pure state machine: time enters
// only as an argument, and it is not safe for concurrent use.
//
// Every endpoint settles by itself. Its changes are collected until none has
// come for the rest time (at most ten times that), or, if it is closed, until
// the restart window is over. Then the state before the first is compared with
// the state after the last: opened and closed again within that time is
// nothing, and so is a process that closed its socket and opened it anew.
type Settler struct {
	rest, restart time.Duration
	pending       map[Key]*burst
}

type burst struct {
	before, after *Endpoint
	first, last   time.Time
}

// NewSettler returns a Settler with these times; 0 means the default.
func NewSettler(rest, restartWindow time.Duration) *Settler {
	if rest == 0 {
		rest = DefaultRest
	}
	if restartWindow == 0 {
		restartWindow = DefaultRestartWindow
	}
	return &Settler{rest: rest, restart: max(restartWindow, rest), pending: map[Key]*burst{}}
}

// Settle takes in changes in the order they happened, and returns the events
// that are due at now, in key order. Call it with no changes when the time
// that Next names has come.
func (s *Settler) Settle(changes []Change, now time.Time) []Event {
	var out []Event
	for _, c := range changes {
		if c.Kind == Updated {
			// Not worth an event, but later comparisons should be with
			// what was known last.
			if b := s.pending[c.Key]; b != nil {
				b.after = c.After
			}
			continue
		}
		b := s.pending[c.Key]
		if b != nil && b.due(s).Before(c.At) {
			// The caller was late: this change belongs to another burst.
			out = b.event(out, c.Key)
			b = nil
		}
		if b == nil {
			b = &burst{before: c.Before, first: c.At}
			s.pending[c.Key] = b
		}
		b.after, b.last = c.After, c.At
	}
	for k, b := range s.pending {
		if !b.due(s).After(now) {
			out = b.event(out, k)
			delete(s.pending, k)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return a.Key.Compare(b.Key) })
	return out
}

// Next returns when Settle will have something to say, false if nothing waits.
func (s *Settler) Next() (time.Time, bool) {
	var next time.Time
	for _, b := range s.pending {
		if d := b.due(s); next.IsZero() || d.Before(next) {
			next = d
		}
	}
	return next, !next.IsZero()
}

func (b *burst) due(s *Settler) time.Time {
	rest := s.rest
	if b.before != nil && b.after == nil {
		rest = s.restart
	}
	due, latest := b.last.Add(rest), b.first.Add(maxRests*s.rest)
	if b.after != nil && latest.Before(due) {
		return latest
	}
	return due
}

// event appends what the burst amounts to, if anything.
func (b *burst) event(out []Event, k Key) []Event {
	e := Event{Key: k, Before: b.before, After: b.after, At: b.last}
	switch {
	case b.before == nil && b.after == nil:
		return out
	case b.before == nil:
		e.Kind, e.At = EventOpened, b.first
	case b.after == nil:
		e.Kind = EventClosed
	default:
		e.Kind = succession(b.before, b.after)
	}
	if e.Kind == 0 {
		return out
	}
	return append(out, e)
}

// succession says what it means that after stands where before stood, 0 for
// nothing. Holders that become readable or unreadable are no event: nobody has
// moved, we only see better or worse.
func succession(before, after *Endpoint) EventKind {
	if len(before.Holders) == 0 || len(after.Holders) == 0 {
		switch {
		case len(before.Holders)+len(after.Holders) > 0, sameSockets(before, after):
			return 0
		case slices.Equal(before.Creators, after.Creators):
			return EventRestarted
		}
		return EventHolderChanged
	}
	newProgram := slices.ContainsFunc(after.Holders, func(h Holder) bool {
		return !slices.ContainsFunc(before.Holders, func(o Holder) bool {
			return o.Identity == h.Identity || sameProgram(before, after, o.Process, h.Process)
		})
	})
	switch {
	case newProgram:
		return EventHolderChanged
	case SameHolder(before.Holders, after.Holders):
		return 0 // workers come and go under one parent, or a process reopened its socket
	}
	return EventRestarted
}

func sameSockets(a, b *Endpoint) bool {
	return slices.ContainsFunc(a.Sockets, func(x sockets.Socket) bool {
		return x.Handle != 0 && slices.ContainsFunc(b.Sockets, func(y sockets.Socket) bool { return x.Handle == y.Handle })
	})
}

// sameProgram compares what a person means by a program: the name, and what it
// works on. The path of the executable doesn't count, because `go run` and its
// like build into a new folder each time; the interpreter's name alone doesn't
// either, because node is every project.
func sameProgram(before, after *Endpoint, a, b *process.Process) bool {
	if a.Name != b.Name {
		return false
	}
	if x, y := before.Container, after.Container; x != nil && y != nil {
		return x.Name == y.Name
	}
	switch {
	case a.ProjectDir != "" || b.ProjectDir != "":
		return a.ProjectDir == b.ProjectDir
	case a.Unit != "" && b.Unit != "":
		return a.Unit == b.Unit
	}
	return a.Cwd == b.Cwd || a.Cwd == "" || b.Cwd == ""
}
