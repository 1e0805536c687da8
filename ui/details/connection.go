package details

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// describeConnection tells of a connection: it has no story of its own.
func describeConnection(c *monitor.Connection, text *view.Text, now time.Time) document {
	d := document{icon: CategoryIcon(text), title: plain.Text(text.Process, 80), subtitle: plain.Text(text.Project, 80),
		address: c.Proto.String() + " " + c.Local.String()}
	if c.Remote.IsValid() {
		d.address += " → " + c.Remote.String()
	}
	s := section{title: lang.X("window.details.connection", "Connection"), lines: []line{
		{label: lang.X("window.details.local", "Local"), value: c.Local.String(), raw: c.Local.String(), mono: true, copy: true},
	}}
	if c.Remote.IsValid() {
		s.lines = append(s.lines, line{label: lang.X("window.details.remote", "Remote"), value: c.Remote.String(), raw: c.Remote.String(), mono: true, copy: true})
	}
	s.lines = append(s.lines, line{label: lang.X("window.details.state", "State"), value: State(c.State)})
	if text.Owner != "" {
		s.lines = append(s.lines, line{label: lang.X("window.details.holder", "Holder"), value: text.Owner})
	}
	d.sections = append(d.sections, s)
	for i := range c.Holders {
		d.sections = append(d.sections, holderSection(&c.Holders[i], nil, len(c.Holders) > 1, now))
	}
	return d
}
