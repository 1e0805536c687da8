package details

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// document is what the pane shows, in words. Two equal documents look the
// same, so that only another one is drawn.
type document struct {
	icon     theme.Icon
	title    string
	subtitle string
	address  string
	exposure monitor.Exposure
	sections []section
}

type section struct {
	title string
	lines []line
}

// line is a fact: its name and value. Copy puts a button beside it.
type line struct {
	label, value string
	raw          string // what is copied
	mono, copy   bool
	color        fyne.ThemeColorName
}

// maxText is how many characters of a value are shown; all of them are copied.
const maxText = 1200

// foreign is a line whose value another program chose.
func foreign(label, value string, mono bool) line {
	return line{label: label, value: plain.Text(value, maxText), raw: value, mono: mono, copy: true}
}

// describe tells an endpoint's story. Other are the other endpoints of its
// holders; text is its row's.
func describe(st *monitor.Story, text *view.Text, other []monitor.Key, now time.Time) document {
	e := &st.Endpoint
	d := document{icon: CategoryIcon(text), title: plain.Text(text.Process, 80), subtitle: plain.Text(text.Project, 80),
		address: Address(e.Key), exposure: e.Exposure}
	if e.Owner != monitor.OwnerKnown {
		d.sections = append(d.sections, hiddenSection(e, text))
	}
	for i := range e.Holders {
		var origin *monitor.Origin
		if i < len(st.Origins) {
			origin = &st.Origins[i]
		}
		if i == maxHolders {
			d.sections = append(d.sections, moreHolders(e.Holders[i:]))
			break
		}
		d.sections = append(d.sections, holderSection(&e.Holders[i], origin, len(e.Holders) > 1, now))
	}
	d.sections = append(d.sections, socketSection(st, text, now))
	if s, ok := peersSection(st.Peers); ok {
		d.sections = append(d.sections, s)
	}
	if len(other) > 0 {
		s := section{title: lang.X("window.details.also", "Same process, other ports"),
			lines: []line{{value: addresses(other[:min(len(other), maxOther)]), mono: true}}}
		if rest := len(other) - maxOther; rest > 0 {
			s.lines = append(s.lines, andMore(rest))
		}
		d.sections = append(d.sections, s)
	}
	return d
}

// shadowSection says that other programs have the port too, and which of them
// this machine's clients reach.
func shadowSection(sh *monitor.Shadow, routes []doctor.Route) section {
	s := section{title: lang.X("window.details.shadow", "Careful"),
		lines: []line{{value: sentence(view.ShadowText(sh)), color: ftheme.ColorNameWarning}}}
	for _, r := range routes {
		s.lines = append(s.lines, line{value: sentence(view.Route(r))})
	}
	return s
}

// sentence begins with a capital letter and is safe to show.
func sentence(s string) string { return plain.Sentence(s, maxText) }

// CategoryIcon is the icon of a row's program; a holder that can't be read has
// a lock.
func CategoryIcon(text *view.Text) theme.Icon {
	switch {
	case text.Category != view.CategoryUnknown && text.Category != "":
		return theme.Icon(text.Category)
	case len(text.PIDs) == 0 && text.Owner != "":
		return "lock"
	}
	return "app"
}

// maxHolders is how many holders are told of in full.
const maxHolders = 3

// Address writes a key the way people read it: "tcp 127.0.0.1:80", with the
// device where the socket is bound to one.
func Address(k monitor.Key) string {
	s := k.Proto.String() + " " + k.Addr.String()
	if k.Device != "" {
		s += " (" + k.Device + ")"
	}
	return s
}

func addresses(keys []monitor.Key) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = Address(k)
	}
	return strings.Join(out, "\n")
}

func hiddenSection(e *monitor.Endpoint, text *view.Text) section {
	s := section{title: lang.X("window.details.process", "Process")}
	s.lines = append(s.lines, line{label: lang.X("window.details.holder", "Holder"), value: text.Owner})
	why := ""
	switch e.Owner {
	case monitor.OwnerHidden:
		why = lang.X("window.details.hidden", "The process may not be read by this user. Run Portlight as administrator or root to see it.")
	case monitor.OwnerExited:
		why = lang.X("window.details.exited", "The last process seen here has ended, but the socket is still there: another process may have inherited it.")
	case monitor.OwnerKernel:
		why = lang.X("window.details.kernel", "No process holds it: it belongs to the kernel itself.")
	}
	if why != "" {
		s.lines = append(s.lines, line{value: why, color: theme.ColorMuted})
	}
	return s
}

func holderSection(h *monitor.Holder, origin *monitor.Origin, several bool, now time.Time) section {
	s := section{title: lang.X("window.details.process", "Process")}
	if several {
		s.title = plain.Text(h.Name, 80)
	}
	add := func(label, value string, mono bool) {
		if value != "" {
			s.lines = append(s.lines, foreign(label, value, mono))
		}
	}
	add(lang.X("window.details.pid", "PID"), strconv.Itoa(int(h.PID)), true)
	if !h.Started.IsZero() {
		s.lines = append(s.lines, line{label: lang.X("window.details.started", "Started"),
			value: Clock(h.Started, now) + " · " + ago(now.Sub(h.Started))})
	}
	if h.User != "" {
		s.lines = append(s.lines, line{label: lang.X("window.details.user", "User"), value: h.User})
	}
	if origin != nil {
		s.lines = append(s.lines, line{label: lang.X("window.details.origin", "Started by"), value: lineage(origin)})
	}
	add(lang.X("window.details.command", "Command"), h.CommandLine(), true)
	exe := h.Exe
	add(lang.X("window.details.exe", "Program"), exe, true)
	if h.ExeDeleted {
		s.lines = append(s.lines, line{color: "warning",
			value: lang.X("window.details.exe_deleted", "The program's file was replaced or removed since: this is its old code.")})
	}
	add(lang.X("window.details.cwd", "Directory"), h.Cwd, true)
	if h.ProjectDir != "" && h.ProjectDir != h.Cwd {
		add(lang.X("window.details.project_dir", "Project"), h.ProjectDir, true)
	}
	add(lang.X("window.details.unit", "Service"), h.Unit, false)
	add(lang.X("window.details.container", "Container"), short(h.Container), true)
	return s
}

// short cuts a container's id to what its tools print.
func short(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

func moreHolders(hs []monitor.Holder) section {
	s := section{title: lang.X("window.details.more_holders", "Further processes")}
	for i := range hs {
		s.lines = append(s.lines, line{label: plain.Text(hs[i].Name, 80), value: "PID " + strconv.Itoa(int(hs[i].PID))})
	}
	return s
}

// lineage writes who started whom, the eldest first: "terminal tmux › zsh".
func lineage(o *monitor.Origin) string {
	names := make([]string, 0, len(o.Chain))
	for _, a := range slices.Backward(o.Chain) {
		names = append(names, plain.Text(a.Name, 80))
	}
	chain := strings.Join(names, " › ")
	switch what := view.Origin(*o); {
	case len(o.Chain) > 0 && o.Name != "" && o.Chain[len(o.Chain)-1].Name == o.Name:
		names[0] = plain.Text(what, 120) // which ends with that name
		return strings.Join(names, " › ")
	case chain == "":
		return what
	case o.Kind == monitor.OriginUnknown:
		return chain
	default:
		return what + "\n" + chain
	}
}

func socketSection(st *monitor.Story, text *view.Text, now time.Time) section {
	e := &st.Endpoint
	s := section{title: lang.X("window.details.socket", "Socket")}
	s.lines = append(s.lines, line{label: lang.X("window.details.address", "Address"), value: Address(e.Key), raw: e.Addr.String(), mono: true, copy: true})
	reach := view.Exposure(e.Exposure)
	if e.DualStack == sockets.Yes {
		reach += " · " + lang.X("window.details.dual", "IPv4 and IPv6")
	}
	s.lines = append(s.lines, line{label: lang.X("window.details.exposure", "Reach"), value: reach})
	since := Age(text, now)
	state := State(e.State)
	if since != "" {
		state += " · " + lang.X("window.details.since", "for {{.Age}}", map[string]any{"Age": since})
	}
	if e.State != sockets.Closed { // the pane says so above
		s.lines = append(s.lines, line{label: lang.X("window.details.state", "State"), value: state})
	}
	if st.HasBacklog {
		l := line{label: lang.X("window.details.backlog", "Backlog"),
			value: lang.X("window.details.backlog_of", "{{.Used}} of {{.Limit}} waiting", map[string]any{"Used": st.Backlog, "Limit": st.BacklogLimit})}
		if st.BacklogLimit > 0 && st.Backlog*2 >= st.BacklogLimit {
			l.color = "warning"
		}
		s.lines = append(s.lines, l)
	}
	if c := e.Container; c != nil {
		v := c.Name
		if c.Image != "" {
			v += " · " + c.Image
		}
		l := foreign(lang.X("window.details.container", "Container"), v, false)
		l.raw = c.Name
		s.lines = append(s.lines, l)
	}
	if text.Service != "" {
		s.lines = append(s.lines, line{label: lang.X("window.details.service", "Usually"), color: theme.ColorMuted,
			value: lang.X("window.details.service_guess", "{{.Name}}, by its number", map[string]any{"Name": text.Service})})
	}
	if !e.HoldersComplete && e.Owner == monitor.OwnerKnown && e.State != sockets.Closed {
		s.lines = append(s.lines, line{color: theme.ColorMuted,
			value: lang.X("window.details.incomplete", "Other processes, that may not be read, could hold it too.")})
	}
	return s
}
