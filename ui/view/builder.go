package view

import (
	"slices"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// A Builder makes rows and remembers its work: text is made again only for
// what changed since the last snapshot, and a keystroke in the same snapshot
// only filters rows that are in order already. It is not safe for concurrent
// use.
type Builder struct {
	voc       *vocabulary
	processes map[*process.Process]*processText

	snapshot *monitor.Snapshot
	base     baseOptions
	rows     []Row // of snapshot, in the order of sort and desc
	sort     Column
	desc     bool
	natural  []Row // of snapshot, in key order
}

// baseOptions are the options that the text of rows depends on.
type baseOptions struct {
	all      bool
	self     process.Identity
	baseline time.Time
}

// NewBuilder returns a Builder that speaks the language that is set now.
func NewBuilder() *Builder {
	return &Builder{voc: newVocabulary(), processes: map[*process.Process]*processText{}}
}

// Build makes the rows of a snapshot; of a nil snapshot there are none. The
// rows stay valid and unchanged when Build is called again.
func (b *Builder) Build(s *monitor.Snapshot, q Query, opt Options) Result {
	if s == nil {
		return Result{}
	}
	if opt.Sort == 0 {
		opt.Sort = ColPort
	}
	b.load(s, baseOptions{all: opt.All, self: opt.Self, baseline: opt.Baseline})
	b.order(opt.Sort, opt.Desc)

	res := Result{Total: len(b.rows), Rows: make([]Row, 0, len(b.rows))}
	for _, r := range b.rows {
		switch {
		case !q.Match(r.Text):
			res.Hidden.Filter++
		case slices.ContainsFunc(opt.Ignore, func(ig Query) bool { return !ig.Empty() && ig.Match(r.Text) }):
			res.Hidden.Ignored++
		case opt.HideSystem && r.isSystem(opt.Ephemeral):
			res.Hidden.System++
		default:
			res.Rows = append(res.Rows, r)
		}
	}
	return res
}

// load makes the rows of s in key order, taking over the text of the rows that
// are as they were in the snapshot before.
func (b *Builder) load(s *monitor.Snapshot, base baseOptions) {
	if b.snapshot == s && b.base == base {
		return
	}
	old := b.natural
	if b.base.self != base.self || b.base.baseline != base.baseline {
		old = nil
	}
	m := maker{voc: b.voc, self: base.self, baseline: base.baseline, known: b.processes,
		processes: make(map[*process.Process]*processText, len(b.processes))}
	if m.baseline.IsZero() {
		m.baseline = s.Taken
	}
	conns := s.Connections
	if !base.all {
		conns = nil
	}
	rows := make([]Row, 0, len(s.Endpoints)+len(conns))
	for i, j := 0, 0; i < len(s.Endpoints) || j < len(conns); {
		var r Row
		var id ID
		if j == len(conns) || i < len(s.Endpoints) && s.Endpoints[i].Key.Compare(connectionKey(&conns[j])) <= 0 {
			r.Endpoint = &s.Endpoints[i]
			id = ID{Key: r.Endpoint.Key}
			i++
		} else {
			r.Connection = &conns[j]
			id = connectionID(r.Connection)
			j++
		}
		for len(old) > 0 && compareID(old[0].ID, id) < 0 {
			old = old[1:]
		}
		if len(old) > 0 && old[0].ID == id && m.same(&old[0], &r) {
			r.Text = old[0].Text
		} else {
			r.Text = m.text(id, &r)
		}
		rows = append(rows, r)
	}
	b.snapshot, b.base, b.natural, b.processes = s, base, rows, m.processes
	b.rows, b.sort = rows, 0
}

// order sorts b.rows, unless they are sorted so already.
func (b *Builder) order(c Column, desc bool) {
	if b.sort == c && b.desc == desc {
		return
	}
	rows := slices.Clone(b.natural)
	cmp := comparison(c)
	if desc {
		up := cmp
		cmp = func(x, y *Text) int { return up(y, x) }
	}
	empty := emptiness(c)
	slices.SortStableFunc(rows, func(x, y Row) int {
		if empty != nil { // what is unknown comes last, whichever way
			if ex, ey := empty(x.Text), empty(y.Text); ex || ey {
				switch {
				case ex && ey:
					return 0
				case ex:
					return 1
				default:
					return -1
				}
			}
		}
		return cmp(x.Text, y.Text)
	})
	b.rows, b.sort, b.desc = rows, c, desc
}

func connectionKey(c *monitor.Connection) monitor.Key {
	return monitor.Key{Proto: c.Proto, Addr: c.Local, Device: c.Device}
}

func connectionID(c *monitor.Connection) ID {
	return ID{Key: connectionKey(c), Remote: c.Remote, Handle: c.Handle, PID: c.Socket.PID}
}

func compareID(a, b ID) int {
	if c := a.Key.Compare(b.Key); c != 0 {
		return c
	}
	if c := a.Remote.Compare(b.Remote); c != 0 {
		return c
	}
	switch {
	case a.Handle != b.Handle && a.Handle < b.Handle, a.Handle == b.Handle && a.PID < b.PID:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// comparison returns the order of a column; rows that are equal in it stay in
// key order.
func comparison(c Column) func(x, y *Text) int {
	switch c {
	case ColProto:
		return func(x, y *Text) int { return int(x.ID.Proto) - int(y.ID.Proto) }
	case ColAddress:
		return func(x, y *Text) int { return x.ID.Addr.Addr().Compare(y.ID.Addr.Addr()) }
	case ColPort:
		return func(x, y *Text) int { return int(x.ID.Addr.Port()) - int(y.ID.Addr.Port()) }
	case ColPID:
		return func(x, y *Text) int { return slices.Compare(x.PIDs, y.PIDs) }
	case ColSince: // ascending: the youngest first, as ages grow
		return func(x, y *Text) int { return y.SinceTime.Compare(x.SinceTime) }
	case ColState:
		return func(x, y *Text) int { return int(x.state) - int(y.state) }
	case ColRemote:
		return func(x, y *Text) int { return x.ID.Remote.Compare(y.ID.Remote) }
	case ColExposure:
		return func(x, y *Text) int { return int(x.exp) - int(y.exp) }
	}
	key := textKey(c)
	return func(x, y *Text) int { return strings.Compare(key(x), key(y)) }
}

// textKey returns what a column of text is sorted by.
func textKey(c Column) func(*Text) string {
	switch c {
	case ColProject:
		return func(t *Text) string { return t.sort.project }
	case ColProcess:
		return func(t *Text) string { return t.sort.process }
	case ColUser:
		return func(t *Text) string { return t.sort.user }
	case ColService:
		return func(t *Text) string { return t.sort.service }
	}
	return func(t *Text) string { return t.sort.command }
}

// emptiness returns what tells rows that have nothing in the column, nil for
// columns that are never empty.
func emptiness(c Column) func(*Text) bool {
	switch c {
	case ColProto, ColAddress, ColPort, ColState:
		return nil
	case ColPID:
		return func(t *Text) bool { return len(t.PIDs) == 0 }
	case ColSince:
		return func(t *Text) bool { return t.SinceKind == SinceUnknown }
	case ColRemote:
		return func(t *Text) bool { return !t.ID.Remote.IsValid() }
	case ColExposure:
		return func(t *Text) bool { return t.exp == 0 }
	}
	key := textKey(c)
	return func(t *Text) bool { return key(t) == "" }
}
