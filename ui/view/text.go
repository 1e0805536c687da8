package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/services"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// maker makes the text of one snapshot's rows.
type maker struct {
	voc      *vocabulary
	self     process.Identity
	baseline time.Time
	// known is the text of the last snapshot's processes, processes that of
	// this one's: what isn't taken over is forgotten.
	known, processes map[*process.Process]*processText
}

// processText is what rows say of a process. Many rows share one process.
type processText struct {
	command  string
	category Category
	system   bool
	words    []string // lower case
	users    []string // lower case
	program  string   // lower case
}

func (m *maker) process(p *process.Process) *processText {
	if t := m.processes[p]; t != nil {
		return t
	}
	t := m.known[p]
	if t == nil {
		t = newProcessText(p)
	}
	m.processes[p] = t
	return t
}

func newProcessText(p *process.Process) *processText {
	t := &processText{command: p.CommandLine(), category: CategoryOf(p.Name), system: isSystemProcess(p), program: strings.ToLower(p.Name)}
	if t.command == "" {
		t.command = p.Exe
	}
	for _, s := range []string{p.Name, p.Project, p.ProjectDir, t.command, p.Unit, p.Container} {
		if s != "" {
			t.words = append(t.words, strings.ToLower(s))
		}
	}
	t.users = userWords(p.User, p.HasUID, p.UID)
	return t
}

func userWords(name string, hasUID bool, uid uint32) (words []string) {
	if name != "" {
		words = append(words, strings.ToLower(name))
	}
	if n := strconv.FormatUint(uint64(uid), 10); hasUID && n != name {
		words = append(words, n)
	}
	return words
}

// text makes the text of a row whose endpoint or connection is set.
func (m *maker) text(id ID, r *Row) *Text {
	t := &Text{ID: id, voc: m.voc, Proto: id.Proto.String(), Port: strconv.Itoa(int(id.Addr.Port()))}
	t.Address = id.Addr.Addr().String()
	if id.Device != "" {
		t.Address += "%" + id.Device // as ss(8) writes a bound device
	}
	t.Local = id.Addr.String()
	t.Service = services.Name(id.Proto, id.Addr.Port())
	if e := r.Endpoint; e != nil {
		m.endpoint(t, e)
	} else {
		m.connection(t, r.Connection)
	}
	t.State = t.state.String()
	t.sort = sortKeys{
		project: strings.ToLower(t.Project), process: strings.ToLower(t.Process),
		user: strings.ToLower(t.User), command: strings.ToLower(t.Command), service: strings.ToLower(t.Service),
	}
	return t
}

func (m *maker) endpoint(t *Text, e *monitor.Endpoint) {
	t.state, t.exp = e.State, e.Exposure
	t.Exposure = m.voc.exposure(e.Exposure)
	if c := e.Container; c != nil {
		t.Container = firstOf(c.Name, shortID(c.ID))
		t.Project = firstOf(c.Project, c.Name)
		t.say(c.ID, c.Name, c.Image, c.Project)
	}
	uid, hasUID := e.UID()
	m.owner(t, e.Owner, e.Holders, e.Creators, hasUID, uid)
	t.udpNoise = e.Proto == sockets.UDP && t.Category == CategoryBrowser

	switch {
	case !e.CreatedAt.IsZero():
		t.SinceTime, t.SinceKind = e.CreatedAt, SinceExact
	case e.FirstSeen.After(m.baseline):
		t.SinceTime, t.SinceKind = e.FirstSeen, SinceExact
	default:
		t.sinceHolder(e.Holders)
	}
}

func (m *maker) connection(t *Text, c *monitor.Connection) {
	t.state = c.State
	if c.Remote.IsValid() {
		t.Remote = c.Remote.String()
	}
	if t.Service == "" {
		t.Service = services.Name(c.Proto, c.Remote.Port())
	}
	var creators []monitor.Creator
	if c.Creator != nil {
		creators = []monitor.Creator{*c.Creator}
	}
	m.owner(t, c.Owner, c.Holders, creators, c.HasUID, c.UID)
	if at := c.Socket.CreatedAt(); !at.IsZero() {
		t.SinceTime, t.SinceKind = at, SinceExact
	} else {
		t.sinceHolder(c.Holders)
	}
}

// sinceHolder takes the start of the oldest holder as a lower bound.
func (t *Text) sinceHolder(holders []monitor.Holder) {
	for _, h := range holders {
		if !h.Started.IsZero() && (t.SinceKind == SinceUnknown || h.Started.Before(t.SinceTime)) {
			t.SinceTime, t.SinceKind = h.Started, SinceHolder
		}
	}
}

// owner fills in what is known of the holders, or in their place of the
// sockets' creators.
func (m *maker) owner(t *Text, o monitor.Owner, holders []monitor.Holder, creators []monitor.Creator, hasUID bool, uid uint32) {
	t.Category = CategoryUnknown
	t.system = len(holders) > 0 || o == monitor.OwnerKernel
	var names []string
	for i, h := range holders {
		p := m.process(h.Process)
		t.PIDs = append(t.PIDs, h.PID)
		if name := firstOf(h.Name, h.Exe, strconv.Itoa(int(h.Identity.PID))); !slices.Contains(names, name) {
			names = append(names, name)
		}
		t.words = append(t.words, p.words...)
		t.users = append(t.users, p.users...)
		t.programs = append(t.programs, p.program)
		t.Project = firstOf(t.Project, h.Project)
		t.User = firstOf(t.User, h.User)
		t.Unit = firstOf(t.Unit, h.Unit)
		t.Container = firstOf(t.Container, shortID(h.Container))
		if i == 0 {
			t.Command, t.Category = p.command, p.category
		}
		t.system = t.system && p.system
		t.Ours = t.Ours || h.Identity == m.self && m.self.PID != 0
	}
	slices.Sort(t.PIDs)
	t.PID, t.Process = pidText(t.PIDs), m.names(names)
	for _, c := range creators {
		t.Unit = firstOf(t.Unit, c.Unit)
		t.Container = firstOf(t.Container, shortID(c.Container))
		t.say(c.Unit, c.Container)
		t.users = append(t.users, userWords(c.User, c.HasUID, c.UID)...)
		if len(holders) == 0 {
			t.User = firstOf(t.User, c.User)
		}
	}
	if o == monitor.OwnerKernel {
		hasUID = false // root's number then says nothing of anybody
	}
	if t.User == "" && hasUID {
		t.User = strconv.FormatUint(uint64(uid), 10)
	}
	if hasUID {
		t.users = append(t.users, strconv.FormatUint(uint64(uid), 10))
	}
	if len(holders) == 0 {
		t.Process = "(" + firstOf(t.Container, t.Unit, m.voc.owner(o)) + ")"
		t.system = t.system || isSystemUnit(t.Unit)
		if t.Container != "" {
			t.Category = CategoryContainer
		} else if c := CategoryOf(strings.TrimSuffix(t.Unit, ".service")); t.Unit != "" {
			t.Category = c
		}
		if o == monitor.OwnerKernel {
			t.Category = CategorySystem
		}
	}
	if o != monitor.OwnerKnown {
		t.Owner = m.voc.ownerWith(o, t.User, hasUID, uid, t.Unit, t.Container)
	}
}

// say adds words to be found by.
func (t *Text) say(words ...string) {
	for _, w := range words {
		if w != "" {
			t.words = append(t.words, strings.ToLower(w))
		}
	}
}

// maxNames is how many different names of holders a row shows.
const maxNames = 2

func (m *maker) names(names []string) string {
	if len(names) > maxNames {
		return strings.Join(names[:maxNames], ", ") + " +" + strconv.Itoa(len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}

func pidText(pids []int32) string {
	switch len(pids) {
	case 0:
		return ""
	case 1:
		return strconv.Itoa(int(pids[0]))
	}
	return strconv.Itoa(int(pids[0])) + " +" + strconv.Itoa(len(pids)-1)
}

// shortID cuts a container id as its engine's commands do.
func shortID(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// same reports whether the text of old may be used for r, which has the same
// ID: whether all that text is made of is unchanged.
func (m *maker) same(old, r *Row) bool {
	var holders, before []monitor.Holder
	if e := r.Endpoint; e != nil {
		o := old.Endpoint
		uid, has := e.UID()
		oldUID, oldHas := o.UID()
		if uid != oldUID || has != oldHas || o.State != e.State || o.Exposure != e.Exposure || o.Owner != e.Owner ||
			!o.FirstSeen.Equal(e.FirstSeen) || !o.CreatedAt.Equal(e.CreatedAt) ||
			!samePointee(o.Container, e.Container) || !slices.Equal(o.Creators, e.Creators) {
			return false
		}
		holders, before = e.Holders, o.Holders
	} else {
		c, o := r.Connection, old.Connection
		if c.State != o.State || c.Owner != o.Owner || c.UID != o.UID || c.HasUID != o.HasUID ||
			c.Created != o.Created || !samePointee(c.Creator, o.Creator) {
			return false
		}
		holders, before = c.Holders, o.Holders
	}
	if len(holders) != len(before) {
		return false
	}
	for i := range holders {
		if holders[i].Process != before[i].Process {
			return false
		}
	}
	for _, h := range holders {
		m.process(h.Process) // carry it over
	}
	return true
}

func samePointee[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}
