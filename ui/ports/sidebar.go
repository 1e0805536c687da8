package ports

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	paneWidth    = 380
	minPaneWidth = 300
	minListWidth = 420
	gripWidth    = 6
)

// sidebar shows the list, and the pane at its right while that is open. Unlike
// Fyne's split it keeps the pane's width when the window's changes.
type sidebar struct {
	widget.BaseWidget
	list, pane fyne.CanvasObject
	grip       *grip
	open       bool
	width      float32
}

func newSidebar(list, pane fyne.CanvasObject, moved func()) *sidebar {
	s := &sidebar{list: list, pane: pane, width: paneWidth}
	s.grip = &grip{moved: moved, drag: func(dx float32) { s.setWidth(s.width - dx) }}
	s.grip.ExtendBaseWidget(s.grip)
	s.pane.Hide()
	s.grip.Hide()
	s.ExtendBaseWidget(s)
	return s
}

func (s *sidebar) setOpen(open bool) {
	s.open = open
	if open {
		s.pane.Show()
		s.grip.Show()
	} else {
		s.pane.Hide()
		s.grip.Hide()
	}
	s.Refresh()
}

func (s *sidebar) setWidth(w float32) {
	s.width = max(w, minPaneWidth)
	s.Refresh()
}

// CreateRenderer is Fyne's.
func (s *sidebar) CreateRenderer() fyne.WidgetRenderer {
	return &sidebarRenderer{s, []fyne.CanvasObject{s.list, s.pane, s.grip}}
}

type sidebarRenderer struct {
	s       *sidebar
	objects []fyne.CanvasObject
}

func (r *sidebarRenderer) Destroy()                     {}
func (r *sidebarRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *sidebarRenderer) MinSize() fyne.Size {
	h := max(r.s.list.MinSize().Height, 200)
	return fyne.NewSize(minListWidth+minPaneWidth, h)
}

func (r *sidebarRenderer) Layout(size fyne.Size) {
	s, list := r.s, size.Width
	if s.open {
		w := min(max(s.width, minPaneWidth), max(size.Width-minListWidth, minPaneWidth))
		list = size.Width - w
		s.pane.Move(fyne.NewPos(list+1, 0))
		s.pane.Resize(fyne.NewSize(w-1, size.Height))
		s.grip.Move(fyne.NewPos(list-gripWidth/2, 0))
		s.grip.Resize(fyne.NewSize(gripWidth, size.Height))
	}
	s.list.Resize(fyne.NewSize(list, size.Height))
}

func (r *sidebarRenderer) Refresh() {
	r.Layout(r.s.Size())
	for _, o := range r.objects {
		o.Refresh()
	}
}

// grip is the line between list and pane, to be dragged.
type grip struct {
	widget.BaseWidget
	drag  func(dx float32)
	moved func()
	line  *canvas.Rectangle
}

// CreateRenderer is Fyne's.
func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	g.line = &canvas.Rectangle{}
	r := &gripRenderer{g}
	r.Refresh()
	return r
}

type gripRenderer struct{ g *grip }

func (r *gripRenderer) Destroy()                     {}
func (r *gripRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.g.line} }
func (r *gripRenderer) MinSize() fyne.Size           { return fyne.NewSize(gripWidth, 1) }

func (r *gripRenderer) Layout(s fyne.Size) {
	r.g.line.Move(fyne.NewPos(gripWidth/2, 0))
	r.g.line.Resize(fyne.NewSize(1, s.Height))
}

func (r *gripRenderer) Refresh() {
	r.g.line.FillColor = r.g.Theme().Color(theme.ColorNameSeparator, fyne.CurrentApp().Settings().ThemeVariant())
	r.g.line.Refresh()
}

// Dragged changes the pane's width.
func (g *grip) Dragged(e *fyne.DragEvent) { g.drag(e.Dragged.DX) }

// DragEnd tells that it has been changed.
func (g *grip) DragEnd() { g.moved() }

// Cursor shows that it can be.
func (g *grip) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// toolbar lays out the search box, which takes what room is left, and what
// follows it.
type toolbar struct{}

const toolbarPad = 8

func (toolbar) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range o {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(200, h+2*toolbarPad)
}

func (toolbar) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := size.Width - toolbarPad
	for i := len(o) - 1; i > 0; i-- {
		if !o[i].Visible() {
			continue
		}
		min := o[i].MinSize()
		x -= min.Width
		o[i].Move(fyne.NewPos(x, (size.Height-min.Height)/2))
		o[i].Resize(min)
		x -= toolbarPad
	}
	h := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(toolbarPad, (size.Height-h)/2))
	o[0].Resize(fyne.NewSize(max(x-toolbarPad, 60), h))
}

// under gives a notice its line above the rest, while it is visible.
type under struct{}

func (under) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }

func (under) Layout(o []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	if o[0].Visible() {
		y = o[0].MinSize().Height
		o[0].Move(fyne.NewPos(0, 0))
		o[0].Resize(fyne.NewSize(size.Width, y))
	}
	o[1].Move(fyne.NewPos(0, y))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-y))
}
