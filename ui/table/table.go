package table

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Config says what a table shows and who is told what is done with it. Only
// Columns and Key are required.
type Config[T any, K comparable] struct {
	Columns []Column[T]
	// Key names a row through all updates.
	Key func(*T) K
	// Tint is a row's background, "" for none.
	Tint func(*T) fyne.ThemeColorName

	// Selected is called whenever another row is selected, by whatever
	// means; Tapped when a row was clicked; Activated on Enter.
	Selected  func(*T)
	Tapped    func(*T)
	Activated func(*T)
	// Menu is asked for a context menu at a position of the canvas; column is
	// the ID of the one under the pointer, "" if asked for by keyboard.
	Menu func(row *T, column string, at fyne.Position)
	// Sort is called with what the user wants the rows sorted by.
	Sort func(id string, desc bool)
	// Copy is called on Ctrl+C, Delete on Del, with shift held or not.
	Copy   func(*T)
	Delete func(row *T, shift bool)
	// Escape is called on Esc, Rune and Shortcut with what the table has no
	// use for.
	Escape   func()
	Rune     func(rune)
	Shortcut func(fyne.Shortcut)
	// More is called when the user asks for the columns that there is no
	// room for.
	More func(ids, titles []string, at fyne.Position)
	// Resized is called after the user changed the columns' widths.
	Resized func()
}

// Table is a table of T whose rows are named by K.
type Table[T any, K comparable] struct {
	widget.BaseWidget
	cfg  Config[T, K]
	rows []T

	// The selection is the key; the index is where it was last.
	selected bool
	key      K
	index    int // -1 if the selected row isn't there

	sortID  string
	desc    bool
	user    map[string]float32 // widths the user chose
	widths  []float32          // in force; 0 is left out
	focused bool

	header *header[T, K]
	body   *body[T, K]
	scroll *container.Scroll
}

// New returns an empty table.
func New[T any, K comparable](cfg Config[T, K]) *Table[T, K] {
	t := &Table[T, K]{cfg: cfg, index: -1, user: map[string]float32{}}
	t.header = newHeader(t)
	t.body = newBody(t)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.body.update() }
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is Fyne's.
func (t *Table[T, K]) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(stacked{}, t.header, t.scroll))
}

// stacked lays the header over the rows without a gap.
type stacked struct{}

func (stacked) MinSize(o []fyne.CanvasObject) fyne.Size {
	h, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(h.Width, b.Width), h.Height+max(b.Height, 3*RowHeight))
}

func (stacked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, headerHeight))
	o[1].Move(fyne.NewPos(0, headerHeight))
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-headerHeight)))
}

// Rows returns the rows shown; read only.
func (t *Table[T, K]) Rows() []T { return t.rows }

// SetRows shows an update of the rows: what was at the top of the view stays
// there, unless the view was at the top of everything. The table keeps the
// slice and never changes it.
func (t *Table[T, K]) SetRows(rows []T) {
	offset := t.scroll.Offset.Y
	if offset > 0 {
		offset = t.follow(rows, offset)
	}
	t.replace(rows)
	t.scrollTo(offset)
	t.body.update()
}

// Reorder shows the rows of another filter or in another order: the selected
// row stays in view if it was in view, else the view goes to the top.
func (t *Table[T, K]) Reorder(rows []T) {
	wasSeen := t.index >= 0 && t.seen(t.index)
	t.replace(rows)
	if wasSeen && t.index >= 0 {
		t.reveal(t.index)
	} else {
		t.scrollTo(0)
	}
	t.body.update()
}

func (t *Table[T, K]) replace(rows []T) {
	grown := len(rows) != len(t.rows)
	t.rows = rows
	if t.selected {
		t.index = t.find(t.key)
	}
	if grown {
		t.scroll.Refresh()
	}
}

// follow returns the offset at which the first row in view that is still
// there is where it was.
func (t *Table[T, K]) follow(next []T, offset float32) float32 {
	first, last := t.body.span()
	if first >= last {
		return offset
	}
	at := make(map[K]int, last-first)
	for i := first; i < last; i++ {
		at[t.cfg.Key(&t.rows[i])] = i
	}
	was, is := -1, -1
	for i := range next {
		if o, ok := at[t.cfg.Key(&next[i])]; ok && (was < 0 || o < was) {
			was, is = o, i
			if o == first {
				break
			}
		}
	}
	if was < 0 {
		return offset
	}
	return offset + float32(is-was)*RowHeight
}

func (t *Table[T, K]) find(k K) int {
	for i := range t.rows {
		if t.cfg.Key(&t.rows[i]) == k {
			return i
		}
	}
	return -1
}

// Selection returns the key that is selected. The row of that name may not be
// among the rows: then Current returns nil.
func (t *Table[T, K]) Selection() (K, bool) { return t.key, t.selected }

// Current returns the selected row, nil if there is none.
func (t *Table[T, K]) Current() *T {
	if t.index < 0 || t.index >= len(t.rows) {
		return nil
	}
	return &t.rows[t.index]
}

// Select selects the row of that key and brings it into view. It reports
// whether there is one.
func (t *Table[T, K]) Select(k K) bool {
	i := t.find(k)
	if i >= 0 {
		t.selectRow(i)
	}
	return i >= 0
}

// Unselect selects nothing.
func (t *Table[T, K]) Unselect() {
	var none K
	t.selected, t.key, t.index = false, none, -1
	t.body.update()
}

func (t *Table[T, K]) selectRow(i int) {
	if i < 0 || i >= len(t.rows) {
		return
	}
	k := t.cfg.Key(&t.rows[i])
	same := t.selected && t.key == k
	t.selected, t.key, t.index = true, k, i
	t.reveal(i)
	t.body.update()
	if !same && t.cfg.Selected != nil {
		t.cfg.Selected(&t.rows[i])
	}
}

// SetSort shows by which column the rows are sorted.
func (t *Table[T, K]) SetSort(id string, desc bool) {
	t.sortID, t.desc = id, desc
	t.header.Refresh()
}

// Sort returns by which column the rows are sorted.
func (t *Table[T, K]) Sort() (id string, desc bool) { return t.sortID, t.desc }

// SortBy asks for the rows in the order of that column, in the other
// direction if that is the one in force.
func (t *Table[T, K]) SortBy(id string) {
	desc := t.sortID == id && !t.desc
	t.SetSort(id, desc)
	if t.cfg.Sort != nil {
		t.cfg.Sort(id, desc)
	}
}

// Update draws what has changed in the rows by itself, such as ages and tints.
func (t *Table[T, K]) Update() { t.body.update() }

// Focus takes the keyboard, and selects the first row in view if none is.
func (t *Table[T, K]) Focus() {
	t.focus()
	if t.Current() == nil {
		if first, last := t.body.span(); first < last {
			t.selectRow(first)
		}
	}
}

// seen reports whether the row is wholly in view.
func (t *Table[T, K]) seen(i int) bool {
	top := float32(i) * RowHeight
	return top >= t.scroll.Offset.Y && top+RowHeight <= t.scroll.Offset.Y+t.scroll.Size().Height
}

// reveal scrolls as little as needed to bring the row into view.
func (t *Table[T, K]) reveal(i int) {
	top, view := float32(i)*RowHeight, t.scroll.Size().Height
	switch {
	case top < t.scroll.Offset.Y:
		t.scrollTo(top)
	case top+RowHeight > t.scroll.Offset.Y+view:
		t.scrollTo(top + RowHeight - view)
	}
}

func (t *Table[T, K]) scrollTo(y float32) {
	most := max(0, float32(len(t.rows))*RowHeight-t.scroll.Size().Height)
	t.scroll.ScrollToOffset(fyne.NewPos(0, min(max(y, 0), most)))
}
