package ports

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// GoTo asks for a port and opens its row: the listening one before others.
func (p *Page) GoTo() {
	c := p.opt.Window.Canvas()
	entry := parts.NewEntry(1)
	entry.PlaceHolder = lang.X("window.goto.hint", "3000")
	say := parts.Muted(lang.X("window.goto.help", "Enter opens who holds it, Esc goes back."))
	content := container.NewVBox(
		widget.NewLabelWithStyle(lang.X("window.goto.title", "Go to port"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), entry, say)
	popup := widget.NewModalPopUp(container.NewPadded(content), c)
	entry.Escape = popup.Hide
	entry.OnSubmitted = func(text string) {
		port, err := view.ParsePort(strings.TrimSpace(text))
		if err != nil {
			say.SetText(err.Error())
			return
		}
		if !p.goTo(port) {
			say.SetText(lang.X("window.goto.none", "Nothing holds port {{.Port}}.", map[string]any{"Port": port}))
			return
		}
		popup.Hide()
		p.table.Focus()
	}
	popup.Resize(fyne.NewSize(320, popup.MinSize().Height))
	popup.Show()
	c.Focus(entry)
}

func (p *Page) goTo(port uint16) bool {
	if p.snapshot == nil {
		return false
	}
	best := -1
	for i := range p.snapshot.Endpoints {
		e := &p.snapshot.Endpoints[i]
		if e.Addr.Port() == port && (best < 0 || e.Proto == sockets.TCP && p.snapshot.Endpoints[best].Proto != sockets.TCP) {
			best = i
		}
	}
	return best >= 0 && p.Select(p.snapshot.Endpoints[best].Key)
}
