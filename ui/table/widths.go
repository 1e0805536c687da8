package table

// Columns returns the columns' IDs and titles, of those that can be sorted by.
func (t *Table[T, K]) Columns() (ids, titles []string) {
	for _, c := range t.cfg.Columns {
		if !c.Unsortable && !c.Hidden {
			ids, titles = append(ids, c.ID), append(titles, c.Title)
		}
	}
	return ids, titles
}

// SetHidden hides a column or shows it.
func (t *Table[T, K]) SetHidden(id string, hidden bool) {
	for i := range t.cfg.Columns {
		if c := &t.cfg.Columns[i]; c.ID == id && c.Hidden != hidden {
			c.Hidden = hidden
			t.layoutColumns(t.body.Size().Width)
		}
	}
}

// Cells returns what is written in a row, column by column as shown.
func (t *Table[T, K]) Cells(row *T) []string {
	var out []string
	for i, c := range t.cfg.Columns {
		if i >= len(t.widths) || t.widths[i] > 0 {
			out = append(out, c.Cell(row).Text)
		}
	}
	return out
}

// Cell returns what is written in one column of a row.
func (t *Table[T, K]) Cell(row *T, id string) (title, text string) {
	for _, c := range t.cfg.Columns {
		if c.ID == id {
			return c.Title, c.Cell(row).Text
		}
	}
	return "", ""
}

// Widths returns the widths the user chose, by column.
func (t *Table[T, K]) Widths() map[string]float32 { return t.user }

// SetWidths sets them.
func (t *Table[T, K]) SetWidths(w map[string]float32) {
	t.user = map[string]float32{}
	for id, px := range w {
		if px >= minDragged {
			t.user[id] = px
		}
	}
	t.layoutColumns(t.body.Size().Width)
}

// layoutColumns divides the room among the columns.
func (t *Table[T, K]) layoutColumns(room float32) {
	if room <= 0 {
		return
	}
	cols := make([]spec, len(t.cfg.Columns))
	for i, c := range t.cfg.Columns {
		if c.Hidden {
			continue // nothing wanted, nothing had
		}
		cols[i] = spec{want: c.Width, min: c.Min, grow: c.Grow, drop: c.Drop}
		if px, ok := t.user[c.ID]; ok {
			cols[i] = spec{want: px, min: min(px, c.Min), drop: c.Drop}
		}
	}
	t.widths = widths(cols, room)
	if len(t.leftOut()) > 0 { // and the header says so, at its end
		t.widths = widths(cols, room-moreWidth)
	}
	t.header.layout()
	t.body.relayout()
}

// leftOut returns the indices of the columns that there is no room for.
func (t *Table[T, K]) leftOut() (out []int) {
	for i, c := range t.cfg.Columns {
		if !c.Hidden && t.widths[i] == 0 {
			out = append(out, i)
		}
	}
	return out
}

// column returns the index of the column at x, and x within it.
func (t *Table[T, K]) column(x float32) (int, float32) {
	for i, w := range t.widths {
		if w > 0 && x < w {
			return i, x
		}
		x -= w
	}
	return -1, 0
}

// Overflow returns by how much the columns are wider than the table.
func (t *Table[T, K]) Overflow() float32 {
	sum := float32(0)
	for _, w := range t.widths {
		sum += w
	}
	return max(0, sum-t.Size().Width-0.5)
}
