package ports

import (
	"strings"

	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// showHidden counts what the settings leave out, and offers to show it.
func (p *Page) showHidden(n int) {
	text := ""
	switch {
	case p.reveal && (p.settings.HideSystem || len(p.ignore) > 0):
		text = lang.X("window.hidden.again", "Hide again")
	case n > 0:
		text = lang.XN("window.hidden.show", "{{.Count}} hidden · show", n, map[string]any{"Count": n})
	}
	if p.hidden.Say(text) {
		p.bar.Layout.Layout(p.bar.Objects, p.bar.Size())
	}
}

// toggleHidden shows what the settings leave out, or hides it again.
func (p *Page) toggleHidden() {
	p.reveal = !p.reveal
	p.rebuild(true)
}

// vacant is the port that alone is searched for and that nobody holds, 0 if
// something else is searched for.
func (p *Page) vacant() uint16 {
	port, err := view.ParsePort(strings.TrimSpace(p.search.Text))
	if err != nil || p.snapshot == nil {
		return 0
	}
	for i := range p.snapshot.Endpoints {
		if p.snapshot.Endpoints[i].Addr.Port() == port {
			return 0
		}
	}
	return port
}

// SetOrphans says which servers were left behind.
func (p *Page) SetOrphans(groups []monitor.OrphanGroup) {
	p.orphans = groups
	n := 0
	for i := range groups {
		n += len(groups[i].Orphans)
	}
	text := ""
	if n > 0 {
		text = lang.XN("window.orphans.chip", "{{.Count}} left behind", n, map[string]any{"Count": n})
	}
	if p.left.Say(text) {
		p.bar.Layout.Layout(p.bar.Objects, p.bar.Size())
	}
}

// shadowed are the endpoints of ports that different programs have.
func shadowed(s *monitor.Snapshot) map[monitor.Key]*monitor.Shadow {
	out := map[monitor.Key]*monitor.Shadow{}
	for _, sh := range monitor.Shadows(s) {
		for _, k := range sh.Keys {
			out[k] = &sh
		}
	}
	return out
}

// showState says why there are no rows, if there are none. A filter that is
// wrong is told of already.
func (p *Page) showState() {
	empty := len(p.table.Rows()) == 0 && !p.wrong || p.failure != ""
	switch {
	case !empty:
	case p.failure != "":
		p.state.Say("error", ftheme.ColorNameError, lang.X("window.state.error", "The ports can't be read"), p.failure, "", nil)
	case p.snapshot == nil:
		p.state.Say("clock", mutedColor, lang.X("window.empty.loading", "Reading the ports…"), "", "", nil)
	case p.vacant() != 0:
		port := p.vacant()
		p.state.Say("check", ftheme.ColorNameSuccess, lang.X("window.empty.port", "Nobody holds port {{.Port}}", map[string]any{"Port": port}),
			lang.X("window.empty.port_text", "If a program can't have it all the same, Portlight can find out why."),
			lang.X("window.menu.why", "Why can't I use this port?"), func() { p.opt.Why(port, sockets.TCP) })
	case !p.query.Empty():
		p.state.Say("search", mutedColor, lang.X("window.empty.filter", "Nothing matches “{{.Query}}”", map[string]any{"Query": p.search.Text}), "",
			lang.X("window.empty.clear", "Clear the filter"), func() { p.search.SetText(""); p.search.Focus() })
	case p.hidden.Visible():
		p.state.Say("eye", mutedColor, lang.X("window.empty.hidden", "Everything open is hidden"), "",
			lang.X("window.empty.show", "Show it"), p.toggleHidden)
	default:
		p.state.Say("check", ftheme.ColorNameSuccess, lang.X("window.empty.none", "No open ports"),
			lang.X("window.empty.none_text", "No program on this machine waits for connections."), "", nil)
	}
	if p.table.Hidden != empty {
		p.state.Hidden = !empty
		p.table.Hidden = empty
		p.root.Refresh()
	}
}
