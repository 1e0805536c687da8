package ports

import (
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/ui/view"
)

// selected shows a row in the pane, if that is open.
func (p *Page) selected(r *view.Row) {
	if p.side.open {
		p.pane.Tell(p.shown, *r)
		p.loseGone(r)
	}
}

// loseGone says of a row that is only shown for a moment more that it is gone.
func (p *Page) loseGone(r *view.Row) {
	if r.Endpoint != nil && p.fade.isGone(r.Endpoint.Key) {
		p.pane.Lose(p.shown)
	}
}

func (p *Page) openPane() {
	r := p.table.Current()
	if r == nil {
		return
	}
	if !p.side.open {
		p.side.setOpen(true)
		p.want()
		p.save()
	}
	p.pane.Tell(p.shown, *r)
	p.loseGone(r)
}

func (p *Page) closePane() {
	if p.side.open {
		p.side.setOpen(false)
		p.pane.Clear()
		p.want()
		p.save()
	}
	p.table.Focus()
}

func (p *Page) togglePane() {
	if p.side.open {
		p.closePane()
		return
	}
	if p.table.Current() == nil {
		p.table.Focus()
	}
	p.openPane()
}

// updatePane shows the row in the pane as the new snapshot has it, even if the
// filter leaves it out.
func (p *Page) updatePane() {
	was := p.pane.Row()
	if !p.side.open || was == nil {
		if r := p.table.Current(); p.side.open && r != nil {
			p.pane.Tell(p.shown, *r)
		}
		return
	}
	if r := p.table.Current(); r != nil && r.ID == was.ID {
		p.pane.Tell(p.shown, *r)
		p.loseGone(r)
		return
	}
	if was.Endpoint != nil {
		if e, ok := p.snapshot.Endpoint(was.Endpoint.Key); ok {
			p.pane.Tell(p.shown, p.rowOf(e))
			return
		}
	}
	p.pane.Lose(p.shown)
}

// rowOf makes the row of one endpoint, whether or not the table shows it.
func (p *Page) rowOf(e *monitor.Endpoint) view.Row {
	one := *p.snapshot
	one.Endpoints, one.Connections = []monitor.Endpoint{*e}, nil
	r := view.Build(&one, view.Query{}, view.Options{Self: p.opt.Self, Baseline: p.baseline}).Rows[0]
	r.Endpoint = e
	return r
}

// Select opens the details of an endpoint, taking back filters that hide it.
// It reports whether there is one.
func (p *Page) Select(k monitor.Key) bool {
	if p.snapshot == nil {
		return false
	}
	if _, ok := p.snapshot.Endpoint(k); !ok {
		return false
	}
	id := view.ID{Key: k}
	if !p.table.Select(id) {
		p.search.SetText("")
		if !p.table.Select(id) {
			p.reveal = true
			p.rebuild(true)
			p.table.Select(id)
		}
	}
	p.openPane()
	p.table.Focus()
	return true
}

// ApplyStory hands the pane what it asked for.
func (p *Page) ApplyStory(st monitor.Story, routes []doctor.Route) { p.pane.ApplyStory(st, routes) }

// Attempted shows how freeing goes.
func (p *Page) Attempted() {
	if p.side.open {
		p.pane.Tick()
	}
}

// escape goes back one step: the pane, then the search box.
func (p *Page) escape() {
	if p.side.open {
		p.closePane()
		return
	}
	p.search.Focus()
}

func (p *Page) rune(r rune) {
	if r == '/' {
		p.search.Focus()
	}
}

// Search puts the keyboard into the search box.
func (p *Page) Search() { p.search.Focus() }

// Focus puts the keyboard where it is of most use.
func (p *Page) Focus() {
	if len(p.table.Rows()) > 0 {
		p.opt.Window.Canvas().Focus(p.table)
	} else {
		p.search.Focus()
	}
}

// Free frees the port of the row that is selected, and opens the details to
// show how that goes; with ask the plan is shown in any case.
func (p *Page) Free(ask bool) {
	p.openPane()
	p.pane.Free(ask)
}

func (p *Page) copy(text string) { p.opt.Clipboard.SetContent(text) }
