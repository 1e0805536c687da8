package monitor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// scanner makes snapshots. It owns the kernel handles and every buffer that is
// used again; what it publishes is freshly made and never touched afterwards.
type scanner struct {
	reader     *sockets.Reader
	index      *process.Index
	facts      *process.Reader
	containers ContainerNamer

	prev *Snapshot
	// What prev was made of: when the next poll finds the same, its endpoints
	// are copied instead of built.
	rows, lastRows []sockets.Socket
	wanted         []process.Socket
	generation     uint64
	named          uint64 // generation of containers
	renewed        time.Time
	places         []place
	order          []int32
}

// place says which endpoint or connection a row became, and which of the
// endpoint's sockets; -1 for a connection.
type place struct{ row, socket int32 }

func newScanner(opt Options) (*scanner, error) {
	r, err := sockets.Open()
	if err != nil {
		return nil, err
	}
	x, err := process.OpenIndex()
	if err != nil {
		r.Close()
		return nil, err
	}
	return &scanner{reader: r, index: x, facts: process.NewReader(), containers: opt.Containers}, nil
}

func (s *scanner) close() error {
	return errors.Join(s.reader.Close(), s.index.Close())
}

// scan reads the tables and makes the next snapshot. If the tables can't be
// read it returns the last endpoints once more, marked stale, and the error.
func (s *scanner) scan(ctx context.Context, connections bool) (*Snapshot, error) {
	began := time.Now()
	want := sockets.Endpoints
	if connections {
		want |= sockets.Connections
	}
	var err error
	if s.rows, err = s.reader.Read(want, s.rows[:0]); err != nil && s.prev != nil {
		return s.stale(began, err), err
	}
	read := time.Now()

	same := s.prev != nil && s.prev.WithConnections == connections && s.sameSockets()
	if !same {
		s.wanted = s.wanted[:0]
		for i := range s.rows {
			s.wanted = append(s.wanted, question(&s.rows[i]))
		}
	}
	if xerr := s.index.Update(read, s.wanted, same); xerr != nil && s.prev != nil {
		return s.stale(began, xerr), xerr
	} else if err == nil {
		err = xerr
	}

	next := &Snapshot{Seq: 1, Taken: read, WithConnections: connections, Limits: s.reader.Limits()}
	if s.prev != nil {
		next.Seq = s.prev.Seq + 1
	}
	var named uint64
	if s.containers != nil {
		named = s.containers.Generation()
	}
	again := s.facts.Begin(next.Taken)
	if same && !again && s.generation == s.index.Generation() && s.named == named {
		s.repeat(next)
	} else {
		s.build(ctx, next)
		s.renewed = next.Taken
	}
	s.generation, s.named = s.index.Generation(), named
	s.rows, s.lastRows = s.lastRows, s.rows
	next.Warnings = s.warnings(err)
	done := time.Now()
	next.Cost = Cost{Wall: done.Sub(began), Read: read.Sub(began), Resolve: done.Sub(read)}
	s.prev = next
	return next, err
}

// stale repeats the last snapshot with a warning: an error is no reason to
// claim that every port was closed.
func (s *scanner) stale(began time.Time, err error) *Snapshot {
	next := *s.prev
	next.Seq++
	next.Warnings = append(s.warnings(nil), Warning{Code: WarnStale, Err: err.Error()})
	next.Cost = Cost{Wall: time.Since(began)}
	s.prev = &next
	s.lastRows = s.lastRows[:0] // whatever comes next is compared with nothing
	return &next
}

func (s *scanner) warnings(err error) []Warning {
	var w []Warning
	if n := s.index.Unreadable(); n > 0 {
		w = append(w, Warning{Code: WarnUnreadable, Count: n})
	}
	if slices.Contains(s.reader.Limits(), sockets.LimitFallback) {
		w = append(w, Warning{Code: WarnFallback})
	}
	if err != nil {
		w = append(w, Warning{Code: WarnPartial, Err: err.Error()})
	}
	return w
}

// sameSockets compares this poll's rows with the last one's, all but what
// changes with traffic. The kernel lists a table that stays in the same order.
func (s *scanner) sameSockets() bool {
	if len(s.rows) != len(s.lastRows) {
		return false
	}
	for i := range s.rows {
		a, b := &s.rows[i], &s.lastRows[i]
		if a.Handle != b.Handle || a.Local != b.Local || a.Remote != b.Remote || a.State != b.State ||
			a.Proto != b.Proto || a.PID != b.PID || a.UID != b.UID || a.Device != b.Device || a.V6Only != b.V6Only ||
			a.Cgroup != b.Cgroup || a.Created != b.Created || a.HasUID != b.HasUID || a.ServiceTag != b.ServiceTag {
			return false
		}
	}
	return true
}

// repeat makes the next snapshot of a poll that found nothing new. Snapshots
// never change, so they can share their endpoints; only queue lengths that
// moved and evidence that grows old make a copy.
func (s *scanner) repeat(next *Snapshot) {
	next.Endpoints, next.Connections = s.prev.Endpoints, s.prev.Connections
	moved := false
	for i := range s.rows {
		a, b := &s.rows[i], &s.lastRows[i]
		if a.RecvQueue == b.RecvQueue && a.SendQueue == b.SendQueue {
			continue
		}
		if !moved {
			moved = true
			next.Endpoints, next.Connections = slices.Clone(next.Endpoints), slices.Clone(next.Connections)
		}
		at := s.places[i]
		if at.socket < 0 {
			next.Connections[at.row].Socket = *a
			continue
		}
		e := &next.Endpoints[at.row]
		e.Sockets = slices.Clone(e.Sockets)
		e.Sockets[at.socket] = *a
	}
	if next.Taken.Sub(s.renewed) >= renewAfter {
		s.renew(next, moved)
	}
}

// renewAfter is how old the times of the evidence in a snapshot get before
// they are written anew: the evidence itself is looked at in every poll, so
// with an interval more it stays under five seconds.
const renewAfter = 3 * time.Second

// renew gives every holder the time its evidence has now.
func (s *scanner) renew(next *Snapshot, owned bool) {
	if !owned {
		next.Endpoints, next.Connections = slices.Clone(next.Endpoints), slices.Clone(next.Connections)
	}
	holders := 0
	for i := range next.Endpoints {
		holders += len(next.Endpoints[i].Holders)
	}
	for i := range next.Connections {
		holders += len(next.Connections[i].Holders)
	}
	fresh := make([]Holder, 0, holders)
	again := func(old []Holder) []Holder {
		at := len(fresh)
		for _, h := range old {
			fresh = append(fresh, Holder{h.Process, s.index.Verified(h.Identity)})
		}
		return fresh[at:len(fresh):len(fresh)]
	}
	for i := range next.Endpoints {
		next.Endpoints[i].Holders = again(next.Endpoints[i].Holders)
	}
	for i := range next.Connections {
		next.Connections[i].Holders = again(next.Connections[i].Holders)
	}
	s.renewed = next.Taken
}

// build groups the rows by key and asks who holds them.
func (s *scanner) build(ctx context.Context, next *Snapshot) {
	s.order = s.order[:0]
	for i := range s.rows {
		s.order = append(s.order, int32(i))
	}
	// Endpoints first, each kind in key order.
	slices.SortFunc(s.order, func(i, j int32) int {
		a, b := &s.rows[i], &s.rows[j]
		if ea, eb := a.IsEndpoint(), b.IsEndpoint(); ea != eb {
			if ea {
				return -1
			}
			return 1
		}
		return sockets.Compare(a, b)
	})
	s.places = slices.Grow(s.places[:0], len(s.rows))[:len(s.rows)]

	var before []Endpoint
	if s.prev != nil {
		before = s.prev.Endpoints
	}
	group := 0
	for group < len(s.order) && s.rows[s.order[group]].IsEndpoint() {
		end := group + 1
		key := keyOf(&s.rows[s.order[group]])
		for end < len(s.order) && s.rows[s.order[end]].IsEndpoint() && keyOf(&s.rows[s.order[end]]) == key {
			end++
		}
		for len(before) > 0 && before[0].Key.Compare(key) < 0 {
			before = before[1:]
		}
		e := s.endpoint(ctx, key, s.order[group:end])
		e.FirstSeen = next.Taken
		if len(before) > 0 && before[0].Key == key {
			e.FirstSeen = before[0].FirstSeen
		}
		for n, i := range s.order[group:end] {
			s.places[i] = place{int32(len(next.Endpoints)), int32(n)}
		}
		next.Endpoints = append(next.Endpoints, e)
		group = end
	}
	if next.WithConnections {
		next.Connections = make([]Connection, 0, len(s.order)-group)
	}
	for _, i := range s.order[group:] {
		s.places[i] = place{int32(len(next.Connections)), -1}
		next.Connections = append(next.Connections, s.connection(ctx, &s.rows[i]))
	}
	s.facts.Sweep()
}

// question asks who holds the socket of a row.
func question(r *sockets.Socket) process.Socket {
	return process.Socket{Handle: r.Handle, PID: r.PID, HasUID: r.HasUID, UID: r.UID, Created: r.Created, ServiceTag: r.ServiceTag}
}

func keyOf(s *sockets.Socket) Key { return Key{s.Proto, s.Local, s.Device} }

// endpoint makes one endpoint of the rows under its key.
func (s *scanner) endpoint(ctx context.Context, key Key, rows []int32) Endpoint {
	first := &s.rows[rows[0]]
	e := Endpoint{
		Key: key, State: first.State, Exposure: exposureOf(key.Addr.Addr()),
		Sockets: make([]sockets.Socket, len(rows)), HoldersComplete: true,
		DualStack: dualStack(first),
	}
	owner := ownership{}
	for n, i := range rows {
		row := &s.rows[i]
		e.Sockets[n] = *row
		if at := row.CreatedAt(); !at.IsZero() && (e.CreatedAt.IsZero() || at.Before(e.CreatedAt)) {
			e.CreatedAt = at
		}
		a := s.index.Answer(question(row))
		e.HoldersComplete = e.HoldersComplete && a.Complete
		owner.add(a)
		if len(a.Claims) == 0 {
			if c := s.creator(row); c != (Creator{}) && !slices.Contains(e.Creators, c) {
				e.Creators = append(e.Creators, c)
			}
		}
		for _, c := range a.Claims {
			if !e.HeldBy(c.Identity) {
				e.Holders = append(e.Holders, Holder{s.facts.Facts(ctx, c), c.VerifiedAt})
			}
		}
	}
	if len(rows) > 1 {
		slices.SortStableFunc(e.Holders, func(a, b Holder) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.PID, b.PID))
		})
	}
	e.Owner = owner.verdict()
	e.Container = s.container(&e)
	return e
}

func (s *scanner) connection(ctx context.Context, row *sockets.Socket) Connection {
	a := s.index.Answer(question(row))
	owner := ownership{}
	owner.add(a)
	c := Connection{Socket: *row, Owner: owner.verdict(), HoldersComplete: a.Complete}
	if row.State == sockets.TimeWait && len(a.Claims) == 0 {
		c.Owner = OwnerKernel // its program has let go (RFC 9293, section 3.6)
	}
	if by := s.creator(row); len(a.Claims) == 0 && c.Owner != OwnerKernel && by != (Creator{}) {
		c.Creator = &by
	}
	if len(a.Claims) > 0 {
		c.Holders = make([]Holder, len(a.Claims))
	}
	for i, claim := range a.Claims {
		c.Holders[i] = Holder{s.facts.Facts(ctx, claim), claim.VerifiedAt}
	}
	return c
}

func (s *scanner) creator(row *sockets.Socket) Creator {
	at := s.facts.Place(row.Cgroup)
	c := Creator{HasUID: row.HasUID, UID: row.UID, Unit: at.Unit, Container: at.Container}
	if c.HasUID {
		c.User = s.facts.User(row.UID)
	}
	return c
}

// container names the container that publishes the endpoint or runs a holder.
func (s *scanner) container(e *Endpoint) *Container {
	if s.containers == nil {
		return nil
	}
	if c, ok := s.containers.Published(e.Key); ok {
		return &c
	}
	for _, h := range e.Holders {
		if c, ok := s.containers.ByID(h.Container); ok {
			return &c
		}
	}
	for _, by := range e.Creators {
		if c, ok := s.containers.ByID(by.Container); ok {
			return &c
		}
	}
	return nil
}

// ownership sums up the answers about the sockets of one endpoint.
type ownership struct{ known, hidden, exited, kernel bool }

func (o *ownership) add(a process.Answer) {
	switch {
	case len(a.Claims) > 0:
		o.known = true
	case a.Exited:
		o.exited = true
	case a.Kernel:
		o.kernel = true
	default:
		o.hidden = true
	}
}

// verdict: one named holder makes an endpoint known; without one, the least
// certain answer counts.
func (o *ownership) verdict() Owner {
	switch {
	case o.known:
		return OwnerKnown
	case o.hidden:
		return OwnerHidden
	case o.exited:
		return OwnerExited
	}
	return OwnerKernel
}

// dualStack: an IPv6 wildcard serves IPv4 too unless it is v6-only
// (IPV6_V6ONLY, RFC 3493 section 5.3).
func dualStack(s *sockets.Socket) sockets.Tri {
	a := s.Local.Addr()
	switch {
	case !a.Is6() || !a.IsUnspecified():
		return sockets.No
	case s.V6Only == sockets.Unknown:
		return sockets.Unknown
	}
	return sockets.TriOf(s.V6Only == sockets.No)
}
