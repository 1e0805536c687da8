// Package table is the one table of the window: columns are data, rows any
// type. It draws only what is visible and touches only what changed, keeps
// scroll position and selection through updates, and works by keyboard alone.
//
// It is neither widget.Table nor widget.List: both tie the selection to an
// index and repaint everything with every refresh, the first also moves every
// visible cell with every step of the scroll wheel. Here an update that
// changes nothing visible draws nothing.
package table

import (
	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/ui/theme"
)

// Column describes one column of a table of T. Widths are in Fyne's
// device-independent pixels.
type Column[T any] struct {
	// ID names the column in settings; never translated.
	ID    string
	Title string
	// Width is what the column would like to have, Min what it can't do
	// without.
	Width, Min float32
	// Grow is the column's share of the room that is left over.
	Grow float32
	// Hidden columns are not shown.
	Hidden bool
	// Drop says how soon the column is left out where there is no room for
	// all: the highest goes first, 0 never.
	Drop int
	// Trailing sets text flush right, Mono in a fixed-width font.
	Trailing, Mono bool
	// Long columns hold texts of any length, such as commands: these may be
	// cut, and end in an ellipsis then.
	Long bool
	// Unsortable columns ignore a click on their header.
	Unsortable bool
	// Cell makes the cell of a row. It is called for visible rows only.
	Cell func(row *T) Cell
}

// Cell is what is shown in one cell. It is comparable: an equal cell is not
// drawn again.
type Cell struct {
	Text string
	// Color of text and icon; "" is the foreground's. IconColor is the icon's
	// where it has another.
	Color     fyne.ThemeColorName
	Bold      bool
	Icon      theme.Icon
	IconColor fyne.ThemeColorName
	// Badge is the background of a badge around the text, "" for none.
	Badge fyne.ThemeColorName
}

// Distances within a row.
const (
	RowHeight  = 26
	cellPad    = 8 // at both sides of a cell
	iconSize   = 15
	iconGap    = 6
	badgePad   = 6
	minDragged = 32 // what a column can be dragged down to
)

// spec is a column as far as its width is concerned.
type spec struct {
	want, min, grow float32
	drop            int
}

// widths divides the room among the columns. A column that has none has to be
// left out: its width is 0.
func widths(cols []spec, room float32) []float32 {
	shown := make([]bool, len(cols))
	for i := range shown {
		shown[i] = true
	}
	var least, want, grow float32
	sum := func() {
		least, want, grow = 0, 0, 0
		for i, c := range cols {
			if shown[i] {
				least, want, grow = least+c.min, want+max(c.want, c.min), grow+c.grow
			}
		}
	}
	for sum(); least > room; sum() {
		first := -1
		for i, c := range cols {
			if shown[i] && c.drop > 0 && (first < 0 || c.drop > cols[first].drop) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		shown[first] = false
	}
	out := make([]float32, len(cols))
	for i, c := range cols {
		if !shown[i] {
			continue
		}
		out[i] = max(c.want, c.min)
		switch {
		case want < room && grow > 0:
			out[i] += (room - want) * c.grow / grow
		case want > room && want > least:
			out[i] -= (want - max(room, least)) * (out[i] - c.min) / (want - least)
		}
	}
	return out
}
