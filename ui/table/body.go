package table

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// body draws the rows in view. A line is reused for the row whose index is
// the same modulo the number of lines, so that a step of the scroll wheel
// changes a line or two and moves none.
type body[T any, K comparable] struct {
	widget.BaseWidget
	t       *Table[T, K]
	lines   []*line // their grounds are the first of objects
	look    look
	hovered int // index of the row under the pointer, -1 if none
	objects []fyne.CanvasObject
}

// look is what a theme says; when it changes every line is drawn again.
type look struct {
	text, mono          float32
	selected, idle, hov color.Color
}

func newBody[T any, K comparable](t *Table[T, K]) *body[T, K] {
	b := &body[T, K]{t: t, hovered: -1}
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer is Fyne's.
func (b *body[T, K]) CreateRenderer() fyne.WidgetRenderer {
	b.look = b.readLook()
	return &bodyRenderer[T, K]{b}
}

type bodyRenderer[T any, K comparable] struct{ b *body[T, K] }

func (r *bodyRenderer[T, K]) Destroy()                     {}
func (r *bodyRenderer[T, K]) Objects() []fyne.CanvasObject { return r.b.objects }
func (r *bodyRenderer[T, K]) Layout(s fyne.Size)           { r.b.t.layoutColumns(s.Width) }

func (r *bodyRenderer[T, K]) MinSize() fyne.Size {
	return fyne.NewSize(64, float32(len(r.b.t.rows))*RowHeight)
}

// Refresh is called by Fyne for reasons it doesn't tell; only another look is
// one to draw again what is drawn already.
func (r *bodyRenderer[T, K]) Refresh() {
	if now := r.b.readLook(); now != r.b.look {
		r.b.look = now
		r.b.relayout()
		return
	}
	r.b.update()
}

func (b *body[T, K]) color(n fyne.ThemeColorName) color.Color {
	return b.Theme().Color(n, fyne.CurrentApp().Settings().ThemeVariant())
}

func (b *body[T, K]) readLook() look {
	th := b.Theme()
	size := th.Size(theme.SizeNameText)
	return look{
		text: size, mono: size - 0.5,
		selected: b.color(theme.ColorNameSelection),
		idle:     b.color(colorIdle),
		hov:      b.color(theme.ColorNameHover),
	}
}

// span returns the rows in view, last excluded.
func (b *body[T, K]) span() (first, last int) {
	view := b.t.scroll.Size().Height
	if view <= 0 {
		return 0, 0
	}
	first = min(max(int(b.t.scroll.Offset.Y/RowHeight), 0), len(b.t.rows))
	return first, min(first+int(view/RowHeight)+2, len(b.t.rows))
}

// relayout draws every line anew, after columns or look have changed.
func (b *body[T, K]) relayout() {
	for _, l := range b.lines {
		l.hide()
		l.fresh = false
	}
	b.update()
}

// update brings the lines in view up to date.
func (b *body[T, K]) update() {
	if len(b.t.widths) == 0 {
		return
	}
	first, last := b.span()
	b.reserve(int(b.t.scroll.Size().Height/RowHeight) + 2)
	if len(b.lines) == 0 {
		return
	}
	used := make([]bool, len(b.lines))
	for i := first; i < last; i++ {
		n := i % len(b.lines)
		used[n] = true
		b.draw(b.lines[n], i)
	}
	for n, l := range b.lines {
		if !used[n] {
			l.hide()
		}
	}
}

// reserve makes sure of at least n lines. More than before are all made anew:
// their order depends on their number, and the window was resized anyway.
func (b *body[T, K]) reserve(n int) {
	if n <= len(b.lines) {
		return
	}
	n += 8
	b.lines, b.objects = make([]*line, n), nil
	for i := range b.lines {
		b.lines[i] = newLine(len(b.t.cfg.Columns))
		b.objects = append(b.objects, b.lines[i].ground)
	}
}

// draw makes the line show row i, touching only what differs.
func (b *body[T, K]) draw(l *line, i int) {
	row := &b.t.rows[i]
	y := float32(i) * RowHeight
	fill := b.ground(row, i)
	if l.fill != fill || !l.fresh || l.hidden || l.y != y {
		l.fill, l.y = fill, y
		l.ground.FillColor = fill
		l.ground.Hidden = fill == nil
		if fill == nil {
			l.ground.FillColor = color.Transparent
		}
		l.ground.Move(fyne.NewPos(0, y))
		l.ground.Resize(fyne.NewSize(b.Size().Width, RowHeight))
		l.ground.Refresh()
	}
	moved := l.hidden || !l.fresh || l.at != i
	l.at, l.hidden = i, false
	x := float32(0)
	for n := range b.t.cfg.Columns {
		c, w := &b.t.cfg.Columns[n], b.t.widths[n]
		if w == 0 {
			continue
		}
		cell := c.Cell(row)
		if moved || !l.fresh || l.cells[n].shown != cell {
			b.cell(&l.cells[n], c, cell, x, y, w)
		}
		x += w
	}
	l.fresh = true
}

// ground is the colour behind a row, nil for none.
func (b *body[T, K]) ground(row *T, i int) color.Color {
	switch {
	case i == b.t.index && b.t.focused:
		return b.look.selected
	case i == b.t.index:
		return b.look.idle
	}
	if b.t.cfg.Tint != nil {
		if n := b.t.cfg.Tint(row); n != "" {
			return b.color(n)
		}
	}
	if i == b.hovered {
		return b.look.hov
	}
	return nil
}

// MouseIn, MouseMoved and MouseOut follow the pointer.
func (b *body[T, K]) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved follows the pointer.
func (b *body[T, K]) MouseMoved(e *desktop.MouseEvent) { b.hover(int(e.Position.Y / RowHeight)) }

// MouseOut forgets the pointer.
func (b *body[T, K]) MouseOut() { b.hover(-1) }

func (b *body[T, K]) hover(i int) {
	if i != b.hovered {
		b.hovered = i
		b.update()
	}
}

// Tapped selects the row under the pointer.
func (b *body[T, K]) Tapped(e *fyne.PointEvent) {
	b.t.focus()
	i := int(e.Position.Y / RowHeight)
	if i < 0 || i >= len(b.t.rows) {
		return
	}
	b.t.selectRow(i)
	if b.t.cfg.Tapped != nil {
		b.t.cfg.Tapped(&b.t.rows[i])
	}
}

// TappedSecondary selects the row and asks for its menu.
func (b *body[T, K]) TappedSecondary(e *fyne.PointEvent) {
	b.t.focus()
	i := int(e.Position.Y / RowHeight)
	if i < 0 || i >= len(b.t.rows) {
		return
	}
	b.t.selectRow(i)
	if b.t.cfg.Menu == nil {
		return
	}
	id := ""
	if c, _ := b.t.column(e.Position.X); c >= 0 {
		id = b.t.cfg.Columns[c].ID
	}
	b.t.cfg.Menu(&b.t.rows[i], id, e.AbsolutePosition)
}
