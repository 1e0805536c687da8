package view

import (
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
)

// Gone says what an orphan has lost, in one sentence.
func Gone(g monitor.Gone) string {
	d := map[string]any{"Name": g.Name}
	switch g.Kind {
	case monitor.OriginTerminal:
		return lang.X("view.gone.terminal", "its terminal is gone ({{.Name}})", d)
	case monitor.OriginIDE:
		return lang.X("view.gone.ide", "its editor is gone ({{.Name}})", d)
	case monitor.OriginAgent:
		return lang.X("view.gone.agent", "its coding agent is gone ({{.Name}})", d)
	}
	return lang.X("view.gone.unseen", "whatever started it is gone")
}

// GroupName names a group of orphans: the project, or its folder.
func GroupName(g *monitor.OrphanGroup) string {
	return firstOf(g.Project, g.Dir, lang.X("view.gone.nowhere", "no project"))
}
