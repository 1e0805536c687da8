package ports

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/details"
	"github.com/portlight-app/portlight/ui/table"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// columns are the table's, what people look for first. In a narrow window the
// last ones to be missed stay; the details pane tells the rest.
func (p *Page) columns() []table.Column[view.Row] {
	text := func(c view.Column, color fyne.ThemeColorName) func(*view.Row) table.Cell {
		return func(r *view.Row) table.Cell { return table.Cell{Text: r.Cell(c, p.now), Color: color} }
	}
	col := func(c view.Column, want, min float32, drop int, cell func(*view.Row) table.Cell) table.Column[view.Row] {
		return table.Column[view.Row]{ID: c.String(), Title: c.Title(), Width: want, Min: min, Drop: drop,
			Trailing: c.Numeric(), Mono: c.Numeric(), Cell: cell}
	}
	cols := []table.Column[view.Row]{
		col(view.ColProcess, 200, 168, 0, p.processCell),
		col(view.ColProject, 116, 88, 4, text(view.ColProject, "")),
		col(view.ColPort, 66, 62, 0, text(view.ColPort, "")),
		col(view.ColProto, 58, 54, 3, text(view.ColProto, theme.ColorMuted)),
		col(view.ColAddress, 128, 112, 0, p.addressCell),
		col(view.ColRemote, 172, 150, 2, text(view.ColRemote, "")),
		col(view.ColExposure, 114, 108, 1, exposureCell),
		col(view.ColState, 116, 114, 5, p.stateCell),
		col(view.ColPID, 84, 82, 6, text(view.ColPID, "")),
		col(view.ColUser, 104, 84, 8, text(view.ColUser, theme.ColorMuted)),
		col(view.ColSince, 86, 84, 7, func(r *view.Row) table.Cell {
			return table.Cell{Text: details.Age(r.Text, p.now), Color: theme.ColorMuted}
		}),
		col(view.ColCommand, 190, 104, 9, text(view.ColCommand, theme.ColorMuted)),
	}
	for i := range cols {
		switch cols[i].ID {
		case view.ColCommand.String():
			cols[i].Grow, cols[i].Long = 4, true
		case view.ColProcess.String(), view.ColProject.String():
			cols[i].Grow, cols[i].Long = 1, true
		case view.ColAddress.String():
			cols[i].Grow = 1
		case view.ColUser.String():
			cols[i].Long = true
		case view.ColRemote.String():
			cols[i].Hidden = true // until connections are shown
		}
	}
	return cols
}

func (p *Page) processCell(r *view.Row) table.Cell {
	// "(nginx.service)" is too long for the column, and all units that hold
	// ports are services.
	name := strings.Replace(r.Process, ".service)", ")", 1)
	c := table.Cell{Text: name, Icon: details.CategoryIcon(r.Text)}
	if len(r.PIDs) == 0 {
		c.Color = theme.ColorMuted
	}
	return c
}

// addressCell marks an address whose port other programs have too: the column
// that says so in a word isn't always there.
func (p *Page) addressCell(r *view.Row) table.Cell {
	c := table.Cell{Text: r.Cell(view.ColAddress, p.now)}
	if r.Endpoint != nil && p.shadows[r.Endpoint.Key] != nil {
		c.Icon, c.IconColor = "warning", ftheme.ColorNameWarning
	}
	return c
}

func exposureCell(r *view.Row) table.Cell {
	if r.Endpoint == nil {
		return table.Cell{}
	}
	text, badge := ExposureColors(r.Endpoint.Exposure)
	return table.Cell{Text: r.Exposure, Color: text, Badge: badge}
}

// ExposureColors are those of an exposure's badge.
func ExposureColors(e monitor.Exposure) (text, ground fyne.ThemeColorName) {
	switch e {
	case monitor.ExposureAll:
		return theme.ColorAll, theme.ColorAllBG
	case monitor.ExposureNetwork:
		return theme.ColorNetwork, theme.ColorNetworkBG
	}
	return theme.ColorLoopback, theme.ColorLoopbackBG
}

func (p *Page) stateCell(r *view.Row) table.Cell {
	if r.Endpoint != nil {
		if p.fade.isGone(r.Endpoint.Key) {
			return table.Cell{Text: lang.X("window.state.closed", "closed"), Icon: "close", IconColor: ftheme.ColorNameError}
		}
		if p.shadows[r.Endpoint.Key] != nil {
			return table.Cell{Text: lang.X("window.state.shadow", "shadowed"), Icon: "warning", Color: ftheme.ColorNameWarning}
		}
		return p.states[r.Endpoint.State]
	}
	return p.states[r.Connection.State]
}

// stateCells are looked up once: words cost microseconds, and there are many
// rows.
func stateCells() map[sockets.State]table.Cell {
	cells := map[sockets.State]table.Cell{}
	for _, s := range sockets.States() {
		cells[s] = stateOf(s)
	}
	return cells
}

func stateOf(s sockets.State) table.Cell {
	c := table.Cell{Text: details.State(s), Icon: details.StateIcon(s), IconColor: theme.ColorMuted}
	switch s {
	case sockets.Listen:
		c.IconColor = ftheme.ColorNameSuccess
	case sockets.Established:
		c.IconColor = ftheme.ColorNamePrimary
	case sockets.CloseWait:
		c.IconColor = ftheme.ColorNameWarning
	}
	return c
}
