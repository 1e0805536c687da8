package table

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Measure is what a column has, and what it would need to show its title and
// the rows in view in full.
type Measure struct {
	ID    string  `json:"id"`
	Width float32 `json:"width"`
	Needs float32 `json:"needs"`
	// Clipped: something is cut that should not be: a title, or a text of a
	// column whose texts are not Long.
	Clipped bool `json:"clipped"`
}

// Measure measures the columns shown; those left out have no width.
func (t *Table[T, K]) Measure() []Measure {
	var out []Measure
	th := t.Theme()
	caption := th.Size(theme.SizeNameCaptionText)
	first, last := t.body.span()
	for i, c := range t.cfg.Columns {
		if c.Hidden || i >= len(t.widths) {
			continue
		}
		title := 2*cellPad + width(c.Title, caption, fyne.TextStyle{Bold: c.ID == t.sortID})
		if c.ID == t.sortID {
			title += arrowRoom
		}
		m := Measure{ID: c.ID, Width: t.widths[i], Needs: title}
		for r := first; r < last; r++ {
			m.Needs = max(m.Needs, t.needs(&c, c.Cell(&t.rows[r]), caption))
		}
		must := m.Needs
		if c.Long {
			must = title
		}
		m.Clipped = m.Width > 0 && must > m.Width
		out = append(out, m)
	}
	return out
}

// needs is how wide a cell would be with its whole text, as body.cell draws it.
func (t *Table[T, K]) needs(c *Column[T], cell Cell, caption float32) float32 {
	if cell.Text == "" {
		return 0
	}
	size, w := t.body.look.text, float32(2*cellPad)
	if c.Mono {
		size = t.body.look.mono
	}
	if cell.Icon != "" {
		w += iconSize + iconGap
	}
	if cell.Badge != "" {
		size, w = caption, w+2*badgePad
	}
	return w + width(cell.Text, size, fyne.TextStyle{Bold: cell.Bold, Monospace: c.Mono})
}
