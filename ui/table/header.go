package table

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

const (
	headerHeight = 26
	arrowRoom    = 14
	moreWidth    = 34 // of what says how many columns there is no room for
	grip         = 5  // how near the pointer must be to a divider to drag it
)

// header is the row of titles: a click sorts, a divider can be dragged.
type header[T any, K comparable] struct {
	widget.BaseWidget
	t *Table[T, K]

	ground, line, hover *canvas.Rectangle
	more                *canvas.Text
	titles              []*canvas.Text
	arrows              []*canvas.Image
	dividers            []*canvas.Rectangle

	pointer float32 // x of the pointer, -1 if elsewhere
	dragged int     // the column being resized, -1 if none
}

func newHeader[T any, K comparable](t *Table[T, K]) *header[T, K] {
	h := &header[T, K]{t: t, pointer: -1, dragged: -1}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer is Fyne's.
func (h *header[T, K]) CreateRenderer() fyne.WidgetRenderer {
	h.ground, h.line, h.hover = &canvas.Rectangle{}, &canvas.Rectangle{}, &canvas.Rectangle{}
	objects := []fyne.CanvasObject{h.ground, h.hover, h.line}
	for _, c := range h.t.cfg.Columns {
		title := &canvas.Text{Text: c.Title, TextSize: theme.CaptionTextSize()}
		arrow := &canvas.Image{FillMode: canvas.ImageFillContain}
		arrow.Hide()
		divider := &canvas.Rectangle{}
		h.titles, h.arrows, h.dividers = append(h.titles, title), append(h.arrows, arrow), append(h.dividers, divider)
		objects = append(objects, title, arrow, divider)
	}
	h.more = &canvas.Text{Alignment: fyne.TextAlignCenter, TextSize: theme.CaptionTextSize()}
	objects = append(objects, h.more)
	r := &headerRenderer[T, K]{h: h, objects: objects}
	r.Refresh()
	return r
}

type headerRenderer[T any, K comparable] struct {
	h       *header[T, K]
	objects []fyne.CanvasObject
}

func (r *headerRenderer[T, K]) Destroy()                     {}
func (r *headerRenderer[T, K]) Objects() []fyne.CanvasObject { return r.objects }
func (r *headerRenderer[T, K]) Layout(fyne.Size)             { r.h.layout() }
func (r *headerRenderer[T, K]) MinSize() fyne.Size           { return fyne.NewSize(64, headerHeight) }

func (r *headerRenderer[T, K]) Refresh() {
	h := r.h
	th, v := h.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	h.ground.FillColor = th.Color(theme.ColorNameHeaderBackground, v)
	h.line.FillColor = th.Color(theme.ColorNameSeparator, v)
	if h.t.focused { // seen also while no row is selected
		h.line.FillColor = th.Color(theme.ColorNamePrimary, v)
	}
	h.hover.FillColor = th.Color(theme.ColorNameHover, v)
	for i, c := range h.t.cfg.Columns {
		sorted := c.ID == h.t.sortID
		name := pt.ColorMuted
		if sorted {
			name = theme.ColorNameForeground
			icon := pt.Icon("up")
			if h.t.desc {
				icon = "down"
			}
			h.arrows[i].Resource = icon.Resource(theme.ColorNameForeground)
		}
		h.titles[i].Color = th.Color(name, v)
		h.titles[i].TextSize = th.Size(theme.SizeNameCaptionText)
		h.titles[i].TextStyle.Bold = sorted
		h.dividers[i].FillColor = th.Color(theme.ColorNameSeparator, v)
	}
	h.more.Color = th.Color(theme.ColorNamePrimary, v)
	h.more.TextSize = th.Size(theme.SizeNameCaptionText)
	h.layout()
	for _, o := range r.objects {
		o.Refresh()
	}
}

// layout places the titles over their columns.
func (h *header[T, K]) layout() {
	if h.ground == nil || len(h.t.widths) == 0 {
		return
	}
	size := h.Size()
	h.ground.Resize(size)
	h.line.Move(fyne.NewPos(0, size.Height-1))
	h.line.Resize(fyne.NewSize(size.Width, 1))
	h.hover.Hide()
	h.layoutMore(size)
	x := float32(0)
	for i, c := range h.t.cfg.Columns {
		w := h.t.widths[i]
		title, arrow, divider := h.titles[i], h.arrows[i], h.dividers[i]
		title.Hidden, divider.Hidden = w == 0, w == 0
		arrow.Hidden = w == 0 || c.ID != h.t.sortID
		if w == 0 {
			continue
		}
		room := w - 2*cellPad
		if !arrow.Hidden {
			room -= arrowRoom
		}
		text := Fit(c.Title, room, title.TextSize, title.TextStyle)
		if text != title.Text {
			title.Text = text
			title.Refresh()
		}
		min := title.MinSize()
		y := (size.Height - min.Height) / 2
		at := x + cellPad
		if c.Trailing {
			at = x + w - cellPad - min.Width
		}
		title.Move(fyne.NewPos(at, y))
		title.Resize(min)
		if !arrow.Hidden {
			to := at + min.Width + 1
			if c.Trailing {
				to = at - arrowRoom
			}
			arrow.Move(fyne.NewPos(to, (size.Height-13)/2))
			arrow.Resize(fyne.NewSquareSize(13))
		}
		if h.pointer >= x && h.pointer < x+w && !c.Unsortable {
			h.hover.Move(fyne.NewPos(x, 0))
			h.hover.Resize(fyne.NewSize(w, size.Height-1))
			h.hover.Show()
		}
		x += w
		divider.Move(fyne.NewPos(x-1, 6))
		divider.Resize(fyne.NewSize(1, size.Height-12))
		divider.Hidden = x >= size.Width-1
	}
}

// layoutMore says at the end how many columns there is no room for.
func (h *header[T, K]) layoutMore(size fyne.Size) {
	text := ""
	if n := len(h.t.leftOut()); n > 0 {
		text = fmt.Sprintf("+%d", n)
	}
	if h.more.Text != text {
		h.more.Text = text
		h.more.Refresh()
	}
	h.more.Hidden = text == ""
	min := h.more.MinSize()
	h.more.Move(fyne.NewPos(size.Width-moreWidth, (size.Height-min.Height)/2))
	h.more.Resize(fyne.NewSize(moreWidth, min.Height))
	if !h.more.Hidden && h.pointer >= size.Width-moreWidth {
		h.hover.Move(fyne.NewPos(size.Width-moreWidth, 0))
		h.hover.Resize(fyne.NewSize(moreWidth, size.Height-1))
		h.hover.Show()
	}
}

// askMore asks for the columns that there is no room for.
func (h *header[T, K]) askMore(at fyne.Position) {
	var ids, titles []string
	for _, i := range h.t.leftOut() {
		ids, titles = append(ids, h.t.cfg.Columns[i].ID), append(titles, h.t.cfg.Columns[i].Title)
	}
	if h.t.cfg.More != nil {
		h.t.cfg.More(ids, titles, at)
	}
}

// divider returns the column whose right edge is at x, -1 if there is none.
func (h *header[T, K]) divider(x float32) int {
	edge := float32(0)
	for i, w := range h.t.widths {
		edge += w
		if w > 0 && x >= edge-grip && x <= edge+grip {
			return i
		}
	}
	return -1
}

// Tapped sorts by the column.
func (h *header[T, K]) Tapped(e *fyne.PointEvent) {
	if !h.more.Hidden && e.Position.X >= h.Size().Width-moreWidth {
		h.askMore(e.AbsolutePosition)
		return
	}
	if i, _ := h.t.column(e.Position.X); i >= 0 && !h.t.cfg.Columns[i].Unsortable {
		h.t.SortBy(h.t.cfg.Columns[i].ID)
	}
}

// Dragged changes the width of the column whose divider was taken hold of.
func (h *header[T, K]) Dragged(e *fyne.DragEvent) {
	if h.dragged < 0 {
		if h.dragged = h.divider(e.Position.X - e.Dragged.DX); h.dragged < 0 {
			return
		}
	}
	id := h.t.cfg.Columns[h.dragged].ID
	h.t.user[id] = max(minDragged, h.t.widths[h.dragged]+e.Dragged.DX)
	h.t.layoutColumns(h.t.body.Size().Width)
}

// DragEnd lets the divider go.
func (h *header[T, K]) DragEnd() {
	if h.dragged >= 0 && h.t.cfg.Resized != nil {
		h.t.cfg.Resized()
	}
	h.dragged = -1
}

// Cursor shows where a divider can be dragged.
func (h *header[T, K]) Cursor() desktop.Cursor {
	if h.dragged >= 0 || h.pointer >= 0 && h.divider(h.pointer) >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseIn, MouseMoved and MouseOut follow the pointer.
func (h *header[T, K]) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved follows the pointer.
func (h *header[T, K]) MouseMoved(e *desktop.MouseEvent) {
	was, _ := h.t.column(h.pointer)
	is, _ := h.t.column(e.Position.X)
	h.pointer = e.Position.X
	if was != is || is < 0 {
		h.layout()
		canvas.Refresh(h.hover)
	}
}

// MouseOut forgets the pointer.
func (h *header[T, K]) MouseOut() {
	h.pointer = -1
	if h.hover != nil {
		h.hover.Hide()
		canvas.Refresh(h.hover)
	}
}
