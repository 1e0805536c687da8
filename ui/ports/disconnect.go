package ports

import (
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// askDisconnect asks whether to close a connection.
func (p *Page) askDisconnect(c *monitor.Connection) {
	q := parts.Question{
		Icon:    "close",
		Title:   lang.X("window.disconnect.title", "Close this connection?"),
		Warning: lang.X("window.disconnect.warning", "Both programs go on; what was under way is lost. The system allows it to an administrator only."),
		Do:      lang.X("window.disconnect.do", "Close connection"),
		Cancel:  lang.X("window.cancel", "Cancel"),
		Danger:  true,
	}
	add := func(label, value string) {
		if value != "" {
			q.Facts = append(q.Facts, [2]string{label, plain.Text(value, 300)})
		}
	}
	add(lang.X("window.details.process", "Process"), view.HolderNames(c.Holders))
	add(lang.X("window.details.local", "Local"), c.Local.String())
	add(lang.X("window.details.remote", "Remote"), c.Remote.String())
	closing := *c
	parts.Ask(p.opt.Window.Canvas(), q, func() { p.act.Disconnect(closing) })
}
