package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// teller writes stories: a first line that answers, and below it what else is
// known, each with a label.
type teller struct {
	out    io.Writer
	colour palette
	now    time.Time
	rows   *view.Builder
}

// maxPeers is how many peers are listed one by one.
const maxPeers = 8

type fact struct{ label, text string }

func (t *teller) story(st *monitor.Story) {
	e := &st.Endpoint
	row := t.rows.Build(&monitor.Snapshot{Endpoints: []monitor.Endpoint{*e}, Taken: t.now}, view.Query{}, view.Options{}).Rows[0]
	t.headline(&row, e.Owner, e.Holders)

	var facts []fact
	add := func(label, text string) {
		if text != "" {
			facts = append(facts, fact{label, text})
		}
	}
	add(lang.X("cli.who.since", "since"), t.since(&row))
	add(lang.X("cli.who.origin", "started by"), origins(st))
	add(lang.X("cli.who.command", "command"), row.Command)
	if len(e.Holders) > 0 {
		h := e.Holders[0]
		if h.ExeDeleted {
			add(lang.X("cli.who.exe", "executable"), lang.X("cli.who.replaced", "{{.Exe}} – replaced or removed since it was started", map[string]any{"Exe": h.Exe}))
		}
		dir := h.Cwd
		if h.Project != "" && dir != "" {
			dir += " (" + lang.X("cli.who.project", "project {{.Name}}", map[string]any{"Name": h.Project}) + ")"
		}
		add(lang.X("cli.who.cwd", "directory"), dir)
	}
	add(lang.X("cli.who.user", "user"), row.User)
	add(lang.X("cli.who.unit", "unit"), row.Unit)
	add(lang.X("cli.who.container", "container"), container(e, &row))
	add(lang.X("cli.who.open", "open to"), openTo(e))
	if st.HasBacklog {
		add(lang.X("cli.who.backlog", "backlog"), lang.X("cli.who.backlog_is", "{{.Waiting}} of at most {{.Limit}} connections wait to be accepted",
			map[string]any{"Waiting": st.Backlog, "Limit": st.BacklogLimit}))
	}
	if e.Proto == sockets.TCP {
		facts = append(facts, peers(st.Peers)...)
	}
	if e.Owner == monitor.OwnerHidden {
		add(lang.X("cli.who.hint", "hint"), lang.X("cli.who.privilege", "run it as root or administrator to see which process that is"))
	}
	t.facts(facts)
}

// connection tells of a connection that uses the port without a listener.
func (t *teller) connection(c *monitor.Connection) {
	row := t.rows.Build(&monitor.Snapshot{Connections: []monitor.Connection{*c}, Taken: t.now}, view.Query{}, view.Options{All: true}).Rows[0]
	t.headline(&row, c.Owner, c.Holders)
	facts := []fact{{lang.X("cli.who.state", "state"), row.State}}
	if row.Remote != "" {
		facts = append(facts, fact{lang.X("cli.who.remote", "to"), row.Remote})
	}
	if row.Command != "" {
		facts = append(facts, fact{lang.X("cli.who.command", "command"), row.Command})
	}
	t.facts(facts)
}

// headline answers the question: who holds what.
func (t *teller) headline(r *view.Row, o monitor.Owner, hs []monitor.Holder) {
	d := map[string]any{"Who": view.HolderNames(hs), "What": r.Proto + " " + r.Local,
		"Hint": strings.TrimPrefix(r.Owner, view.Owner(monitor.OwnerHidden))} // " (root, nginx.service)"
	var s string
	switch {
	case len(hs) > 0:
		s = lang.X("cli.who.holds", "{{.Who}} holds {{.What}}", d)
	case o == monitor.OwnerKernel:
		s = lang.X("cli.who.kernel", "the kernel itself holds {{.What}}", d)
	case o == monitor.OwnerExited:
		s = lang.X("cli.who.exited", "{{.What}} is still open, but the process that held it has ended", d)
	default:
		s = lang.X("cli.who.hidden", "{{.What}} is held by a process that may not be read{{.Hint}}", d)
	}
	fmt.Fprintln(t.out, t.colour.paint(bold, escape(s)))
}

// facts writes the facts with their labels set in one column.
func (t *teller) facts(facts []fact) {
	widest := 0
	for _, f := range facts {
		widest = max(widest, width(f.label))
	}
	for _, f := range facts {
		fmt.Fprintf(t.out, "  %s  %s\n", t.colour.paint(dim, pad(f.label, widest, false)), escape(f.text))
	}
}

func (t *teller) since(r *view.Row) string {
	d := map[string]any{"Age": view.Duration(t.now.Sub(r.SinceTime)), "Time": r.SinceTime.In(t.now.Location()).Format(time.DateTime)}
	switch r.SinceKind {
	case view.SinceExact:
		return lang.X("cli.who.since_exact", "{{.Time}} ({{.Age}} ago)", d)
	case view.SinceHolder:
		return lang.X("cli.who.since_holder", "{{.Time}} at the earliest, when the process started ({{.Age}} ago)", d)
	}
	return ""
}

// origins says what started the holders, and through which programs. Workers
// of one server share their story, so it is told once.
func origins(st *monitor.Story) string {
	var told, seen []string
	for i, o := range st.Origins {
		if i >= len(st.Endpoint.Holders) || o.Kind == monitor.OriginUnknown && len(o.Chain) == 0 {
			continue
		}
		s := view.Origin(o)
		if slices.Contains(seen, s) {
			continue
		}
		seen = append(seen, s)
		switch {
		case o.Kind == monitor.OriginOrphan && len(o.Chain) > 0:
			s = lang.X("cli.who.orphan", "a parent that has ended; now below {{.Name}}", map[string]any{"Name": o.Chain[len(o.Chain)-1].Name})
		case len(o.Chain) > 0:
			var chain []string
			for _, a := range slices.Backward(o.Chain) {
				chain = append(chain, a.Name)
			}
			s += ": " + strings.Join(append(chain, st.Endpoint.Holders[i].Name), " → ")
		}
		told = append(told, s)
	}
	if len(told) > 1 {
		return told[0] + " +" + strconv.Itoa(len(told)-1)
	}
	return strings.Join(told, "")
}

func container(e *monitor.Endpoint, r *view.Row) string {
	if c := e.Container; c != nil && c.Image != "" {
		return r.Container + " (" + c.Image + ")"
	}
	return r.Container
}

// openTo says who can reach the endpoint, as far as its address tells.
func openTo(e *monitor.Endpoint) string {
	d := map[string]any{"Address": e.Addr.Addr().String()}
	switch {
	case e.Exposure == monitor.ExposureLoopback:
		return lang.X("cli.who.open_loopback", "this machine only")
	case e.Exposure == monitor.ExposureNetwork:
		return lang.X("cli.who.open_network", "whoever reaches {{.Address}}", d)
	case e.DualStack == sockets.Yes:
		return lang.X("cli.who.open_dual", "every network, IPv4 and IPv6 (a firewall may allow less)")
	case e.Family() == 6:
		return lang.X("cli.who.open_6", "every network over IPv6 (a firewall may allow less)")
	}
	return lang.X("cli.who.open_4", "every network over IPv4 (a firewall may allow less)")
}

// peers lists who is connected, one line each.
func peers(ps []monitor.Peer) []fact {
	label := lang.X("cli.who.connected", "connected")
	if len(ps) == 0 {
		return nil
	}
	var facts []fact
	for i, p := range ps {
		if i == maxPeers {
			facts = append(facts, fact{"", lang.XN("cli.who.more_peers", "and {{.Count}} more", len(ps)-i, map[string]any{"Count": len(ps) - i})})
			break
		}
		s := p.Connection.Remote.String()
		if len(p.Local) > 0 {
			s = lang.X("cli.who.from", "{{.Who}} from {{.Address}}", map[string]any{"Who": view.HolderNames(p.Local), "Address": s})
		}
		if p.Connection.State != sockets.Established {
			s += ", " + p.Connection.State.String()
		}
		if in := p.Info; in != nil {
			s += ", " + lang.X("cli.who.traffic", "{{.In}} received, {{.Out}} sent, round trip {{.RTT}}",
				map[string]any{"In": size(in.BytesReceived), "Out": size(in.BytesAcked), "RTT": millis(in.RTT)})
		}
		facts = append(facts, fact{label, s})
		label = ""
	}
	return facts
}

// size writes a number of bytes with three digits, in powers of 1000.
func size(n uint64) string {
	if n < 1000 {
		return strconv.FormatUint(n, 10) + " B"
	}
	f, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		if f /= 1000; f < 999.5 {
			break
		}
	}
	return strconv.FormatFloat(f, 'g', 3, 64) + " " + unit
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'g', 3, 64) + " ms"
}
