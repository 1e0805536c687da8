package ports

import (
	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"
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
