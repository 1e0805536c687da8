package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// page is one of the window's pages.
type page struct {
	name   string
	icon   pt.Icon
	object func() fyne.CanvasObject
	focus  func() // puts the keyboard on its first control
	bottom bool   // at the rail's lower end
}

const (
	railWidth = 76
	railItem  = 56
)

// rail is the column of pages at the left. It is one stop for the Tab key; the
// arrows move within it.
type rail struct {
	widget.BaseWidget
	pages   []page
	chosen  int
	hovered int
	focused bool
	choose  func(int)
	enter   func() // the keyboard goes on into the page
}

func newRail(pages []page, choose func(int), enter func()) *rail {
	r := &rail{pages: pages, hovered: -1, choose: choose, enter: enter}
	r.ExtendBaseWidget(r)
	return r
}

func (r *rail) set(i int) {
	r.chosen = i
	r.Refresh()
}

// CreateRenderer is Fyne's.
func (r *rail) CreateRenderer() fyne.WidgetRenderer {
	rr := &railRenderer{r: r, ground: &canvas.Rectangle{}, edge: &canvas.Rectangle{}, pill: &canvas.Rectangle{CornerRadius: 8}, hover: &canvas.Rectangle{CornerRadius: 8}}
	rr.objects = []fyne.CanvasObject{rr.ground, rr.edge, rr.hover, rr.pill}
	for _, p := range r.pages {
		icon := &canvas.Image{FillMode: canvas.ImageFillContain}
		text := &canvas.Text{Text: p.name, Alignment: fyne.TextAlignCenter}
		rr.icons, rr.texts = append(rr.icons, icon), append(rr.texts, text)
		rr.objects = append(rr.objects, icon, text)
	}
	rr.Refresh()
	return rr
}

type railRenderer struct {
	r                         *rail
	ground, edge, pill, hover *canvas.Rectangle
	icons                     []*canvas.Image
	texts                     []*canvas.Text
	objects                   []fyne.CanvasObject
}

func (rr *railRenderer) Destroy()                     {}
func (rr *railRenderer) Objects() []fyne.CanvasObject { return rr.objects }

func (rr *railRenderer) MinSize() fyne.Size {
	return fyne.NewSize(railWidth, float32(len(rr.r.pages))*railItem+16)
}

// top is where item i begins.
func (r *rail) top(i int, height float32) float32 {
	if r.pages[i].bottom {
		return height - float32(len(r.pages)-i)*railItem - 6
	}
	return 6 + float32(i)*railItem
}

func (rr *railRenderer) Layout(s fyne.Size) {
	rr.ground.Resize(s)
	rr.edge.Move(fyne.NewPos(s.Width-1, 0))
	rr.edge.Resize(fyne.NewSize(1, s.Height))
	for i := range rr.r.pages {
		y := rr.r.top(i, s.Height)
		rr.icons[i].Move(fyne.NewPos((s.Width-20)/2, y+9))
		rr.icons[i].Resize(fyne.NewSquareSize(20))
		rr.texts[i].Move(fyne.NewPos(0, y+32))
		rr.texts[i].Resize(fyne.NewSize(s.Width, rr.texts[i].MinSize().Height))
	}
	place := func(o *canvas.Rectangle, i int) {
		o.Hidden = i < 0
		if i >= 0 {
			o.Move(fyne.NewPos(6, rr.r.top(i, s.Height)+2))
			o.Resize(fyne.NewSize(s.Width-13, railItem-4))
		}
	}
	place(rr.pill, rr.r.chosen)
	place(rr.hover, rr.r.hovered)
}

func (rr *railRenderer) Refresh() {
	th, v := rr.r.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	rr.ground.FillColor = th.Color(pt.ColorRail, v)
	rr.edge.FillColor = th.Color(theme.ColorNameSeparator, v)
	rr.pill.FillColor = th.Color(pt.ColorSelectionIdle, v)
	if rr.r.focused {
		rr.pill.FillColor = th.Color(theme.ColorNameSelection, v)
	}
	rr.hover.FillColor = th.Color(theme.ColorNameHover, v)
	for i := range rr.r.pages {
		name := pt.ColorMuted
		if i == rr.r.chosen {
			name = theme.ColorNameForeground
		}
		rr.icons[i].Resource = rr.r.pages[i].icon.Resource(name)
		rr.texts[i].Color = th.Color(name, v)
		rr.texts[i].TextSize = th.Size(theme.SizeNameCaptionText)
		rr.texts[i].TextStyle.Bold = i == rr.r.chosen
	}
	rr.Layout(rr.r.Size())
	for _, o := range rr.objects {
		o.Refresh()
	}
}

func (r *rail) at(y float32) int {
	for i := range r.pages {
		if top := r.top(i, r.Size().Height); y >= top && y < top+railItem {
			return i
		}
	}
	return -1
}

// Tapped goes to a page.
func (r *rail) Tapped(e *fyne.PointEvent) {
	if i := r.at(e.Position.Y); i >= 0 {
		r.choose(i)
	}
}

// FocusGained shows that the keyboard is here.
func (r *rail) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost shows that it is elsewhere.
func (r *rail) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune has no use for text.
func (r *rail) TypedRune(rune) {}

// TypedKey moves between the pages, and into the one shown.
func (r *rail) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		r.choose(max(r.chosen-1, 0))
	case fyne.KeyDown:
		r.choose(min(r.chosen+1, len(r.pages)-1))
	case fyne.KeyRight, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape:
		r.enter()
	}
}

// MouseIn follows the pointer.
func (r *rail) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseMoved follows the pointer.
func (r *rail) MouseMoved(e *desktop.MouseEvent) {
	if i := r.at(e.Position.Y); i != r.hovered {
		r.hovered = i
		r.Refresh()
	}
}

// MouseOut forgets the pointer.
func (r *rail) MouseOut() { r.hovered = -1; r.Refresh() }
