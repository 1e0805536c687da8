package tray

import (
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// maxTitle keeps the menu narrower than a phone is wide.
const maxTitle = 48

// A Builder makes models and remembers its work from one snapshot to the next.
// It is not safe for concurrent use.
type Builder struct{ rows *view.Builder }

// NewBuilder returns a Builder that speaks the language that is set now.
func NewBuilder() *Builder { return &Builder{rows: view.NewBuilder()} }

// Build makes the model of a snapshot, which is nil before the first poll. It
// is a function of its arguments alone.
func (b *Builder) Build(s *monitor.Snapshot, st State) Model {
	opt := st.View
	opt.All, opt.Sort, opt.Desc = false, view.ColPort, false
	doors := doorsOf(b.rows.Build(s, view.Query{}, opt).Rows, st)

	m := Model{Icon: icon(st), Paused: st.Paused, Labels: labels(), Status: status(s, doors, st)}
	m.Tooltip = "Portlight – " + m.Status
	for i, d := range doors {
		if i == MaxPorts {
			rest := len(doors) - i
			m.More = lang.XN("tray.more", "and {{.Count}} more…", rest, map[string]any{"Count": rest})
			break
		}
		m.Ports = append(m.Ports, Port{Key: d.key, Title: title(d.row), Holder: holder(d.row.Endpoint), Free: d.free})
	}
	return m
}

// holder is an endpoint's only one.
func holder(e *monitor.Endpoint) (id process.Identity) {
	if len(e.Holders) == 1 {
		id = e.Holders[0].Identity
	}
	return id
}

func labels() Labels {
	return Labels{
		Why:    lang.X("tray.why", "Why can't I use a port?"),
		Open:   lang.X("tray.open", "Open Portlight"),
		Pause:  lang.X("tray.pause", "Pause notifications"),
		Quit:   lang.X("tray.quit", "Quit"),
		Browse: lang.X("tray.browse", "Open in browser"),
		Copy:   lang.X("tray.copy", "Copy address"),
		Free:   lang.X("tray.free", "Free this port"),
	}
}

// icon picks the one thing an icon can say.
func icon(st State) assets.TrayState {
	switch {
	case st.Err != nil:
		return assets.TrayError
	case st.Warning:
		return assets.TrayWarning
	case st.Paused:
		return assets.TrayPaused
	case st.Changed:
		return assets.TrayChanged
	}
	return assets.TrayNormal
}

func status(s *monitor.Snapshot, doors []door, st State) string {
	switch {
	case st.Err != nil:
		return lang.X("tray.error", "The ports can't be read")
	case s == nil:
		return lang.X("tray.reading", "Reading the ports…")
	case len(doors) == 0:
		return lang.X("tray.nothing", "Nothing is listening")
	}
	text := lang.XN("tray.listening", "{{.Count}} listening", len(doors), map[string]any{"Count": len(doors)})
	open := 0
	for _, d := range doors {
		if d.exposed {
			open++
		}
	}
	if open > 0 {
		text += " · " + lang.XN("tray.reachable", "{{.Count}} reachable from outside", open, map[string]any{"Count": open})
	}
	return text
}

// door is one program listening on one TCP port, on however many addresses.
type door struct {
	key     monitor.Key // of the address that is best to connect to
	row     view.Row
	rank    int
	exposed bool
	free    bool
}

// doorsOf merges the rows that a person would call one port and puts what a
// developer looks for first.
func doorsOf(rows []view.Row, st State) []door {
	type same struct{ port, process, pid, project string }
	at := map[same]int{}
	var doors []door
	for _, r := range rows {
		e := r.Endpoint
		if e == nil || e.Proto != sockets.TCP {
			continue
		}
		k := same{r.Port, r.Process, r.PID, r.Project}
		i, ok := at[k]
		if !ok {
			i = len(doors)
			at[k] = i
			doors = append(doors, door{key: e.Key, row: r, rank: rank(r, st),
				free: e.Owner == monitor.OwnerKnown && !r.Ours})
		}
		d := &doors[i]
		d.exposed = d.exposed || e.Exposure > monitor.ExposureLoopback
		if preference(e.Key) < preference(d.key) {
			d.key = e.Key
		}
	}
	slices.SortStableFunc(doors, func(a, b door) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), a.key.Compare(b.key))
	})
	return doors
}

// preference orders the addresses of one program: browsers and people type
// localhost, which is tried as IPv4 by everything.
func preference(k monitor.Key) int {
	a := k.Addr.Addr().Unmap()
	n := 0
	switch {
	case a.IsLoopback():
	case a.IsUnspecified():
		n = 2
	default:
		n = 4
	}
	if !a.Is4() {
		n++
	}
	return n
}

// rank says how likely the user is to look for a row, 0 the likeliest.
func rank(r view.Row, st State) int {
	n := 0
	if r.Ours || !own(r, st) && r.Container == "" {
		n = 4 // other users' and system services, and ourselves
	}
	if st.View.Ephemeral.Contains(r.ID.Addr.Port()) {
		n += 2 // language servers, editors' helpers
	}
	if r.Project == "" && r.Category != view.CategoryRuntime && r.Category != view.CategoryDatabase && r.Category != view.CategoryWeb {
		n++
	}
	return n
}

func own(r view.Row, st State) bool {
	if uid, ok := r.Endpoint.UID(); ok && st.HasUID {
		return uid == st.UID
	}
	return st.User != "" && r.User == st.User
}

// title is what a line of the menu says: port, program, project.
func title(r view.Row) string {
	s := r.Port + "  " + plain.Text(r.Process, maxTitle)
	if p := plain.Text(r.Project, maxTitle); p != "" && p != r.Process {
		s += " · " + p
	}
	if rs := []rune(s); len(rs) > maxTitle {
		return strings.TrimRight(string(rs[:maxTitle-1]), " ") + "…"
	}
	return s
}
