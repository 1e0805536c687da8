package details

import (
	"fyne.io/fyne/v2/theme"

	"github.com/portlight-app/portlight/ui/freeing"
)

// drawFree shows the button, and how freeing goes.
func (p *Pane) drawFree() {
	if !p.shown {
		return
	}
	p.free.Hidden = p.row.Endpoint == nil
	p.why.Hidden = p.row.Endpoint == nil
	color := theme.ColorNameError
	if p.gone {
		color = theme.ColorNameDisabled
		p.free.Disable()
	} else {
		p.free.Enable()
	}
	p.free.SetDrawing("stop", color)
	if p.row.Endpoint == nil {
		p.line.Tell(0)
	} else {
		p.line.TellOf(p.row.Endpoint.Key)
	}
}

// Free frees the port of the row shown; with ask the plan is shown in any case.
func (p *Pane) Free(ask bool) {
	if p.shown && !p.gone && p.row.Endpoint != nil {
		p.opt.Desk.Free(p.snapshot, p.row.Endpoint, ask)
		p.drawFree()
	}
}

// Line says how freeing goes.
func (p *Pane) Line() *freeing.Line { return p.line }
