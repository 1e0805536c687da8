package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Segment is a switch between a few choices, all of which are seen.
type Segment struct {
	widget.BaseWidget
	// Changed is called when the user chooses another.
	Changed func(int)

	texts   []string
	chosen  int
	hovered int
	focused bool

	trough, slider *canvas.Rectangle
	labels         []*canvas.Text
}

// NewSegment returns a switch that shows the first choice.
func NewSegment(texts []string, changed func(int)) *Segment {
	s := &Segment{texts: texts, Changed: changed, hovered: -1}
	s.ExtendBaseWidget(s)
	return s
}

// Chosen returns the index of the choice.
func (s *Segment) Chosen() int { return s.chosen }

// Choose sets the choice without calling Changed.
func (s *Segment) Choose(i int) {
	if i != s.chosen && i >= 0 && i < len(s.texts) {
		s.chosen = i
		s.Refresh()
	}
}

func (s *Segment) choose(i int) {
	if i = min(max(i, 0), len(s.texts)-1); i != s.chosen {
		s.Choose(i)
		if s.Changed != nil {
			s.Changed(i)
		}
	}
}

// CreateRenderer is Fyne's.
func (s *Segment) CreateRenderer() fyne.WidgetRenderer {
	s.trough, s.slider = &canvas.Rectangle{}, &canvas.Rectangle{}
	objects := []fyne.CanvasObject{s.trough, s.slider}
	for _, t := range s.texts {
		label := &canvas.Text{Text: t}
		s.labels = append(s.labels, label)
		objects = append(objects, label)
	}
	r := &segmentRenderer{s, objects}
	r.Refresh()
	return r
}

type segmentRenderer struct {
	s       *Segment
	objects []fyne.CanvasObject
}

func (r *segmentRenderer) Destroy()                     {}
func (r *segmentRenderer) Objects() []fyne.CanvasObject { return r.objects }

// piece is the width of every choice: that of the longest text.
func (r *segmentRenderer) piece() float32 {
	var w float32
	for _, l := range r.s.labels {
		w = max(w, l.MinSize().Width)
	}
	return w + 2*segmentPad
}

const segmentPad = 10

func (r *segmentRenderer) MinSize() fyne.Size {
	th := r.s.Theme()
	text := fyne.MeasureText("M", th.Size(theme.SizeNameText), fyne.TextStyle{}).Height
	return fyne.NewSize(r.piece()*float32(len(r.s.labels)), text+2*th.Size(theme.SizeNameInnerPadding))
}

func (r *segmentRenderer) Layout(size fyne.Size) {
	w := r.piece()
	h := r.MinSize().Height
	top := (size.Height - h) / 2
	r.s.trough.Move(fyne.NewPos(0, top))
	r.s.trough.Resize(fyne.NewSize(w*float32(len(r.s.labels)), h))
	r.s.slider.Move(fyne.NewPos(w*float32(r.s.chosen)+2, top+2))
	r.s.slider.Resize(fyne.NewSize(w-4, h-4))
	for i, l := range r.s.labels {
		min := l.MinSize()
		l.Move(fyne.NewPos(w*float32(i)+(w-min.Width)/2, top+(h-min.Height)/2))
		l.Resize(min)
	}
}

func (r *segmentRenderer) Refresh() {
	s, th, v := r.s, r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	radius := th.Size(theme.SizeNameButtonRadius)
	s.trough.FillColor, s.trough.CornerRadius = th.Color(theme.ColorNameButton, v), radius
	s.trough.StrokeWidth = 0
	if s.focused {
		s.trough.StrokeColor, s.trough.StrokeWidth = th.Color(theme.ColorNameFocus, v), 2
	}
	s.slider.FillColor, s.slider.CornerRadius = th.Color(theme.ColorNameBackground, v), radius-1
	for i, l := range s.labels {
		l.TextSize = th.Size(theme.SizeNameText)
		l.Color = th.Color(pt.ColorMuted, v)
		if i == s.chosen || i == s.hovered {
			l.Color = th.Color(theme.ColorNameForeground, v)
		}
	}
	r.Layout(s.Size())
	for _, o := range r.objects {
		o.Refresh()
	}
}

func (s *Segment) at(x float32) int {
	if len(s.labels) == 0 {
		return -1
	}
	return int(x / (s.MinSize().Width / float32(len(s.labels))))
}

// Tapped chooses what was tapped.
func (s *Segment) Tapped(e *fyne.PointEvent) { s.choose(s.at(e.Position.X)) }

// FocusGained shows that the keyboard is here.
func (s *Segment) FocusGained() { s.focused = true; s.Refresh() }

// FocusLost shows that it is elsewhere.
func (s *Segment) FocusLost() { s.focused = false; s.Refresh() }

// TypedRune has no use for text.
func (s *Segment) TypedRune(rune) {}

// TypedKey moves the choice: the arrows to a side, Space and Enter on and
// round.
func (s *Segment) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(s.chosen - 1)
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(s.chosen + 1)
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		s.choose((s.chosen + 1) % len(s.texts))
	}
}

// MouseIn follows the pointer.
func (s *Segment) MouseIn(e *desktop.MouseEvent) { s.MouseMoved(e) }

// MouseMoved follows the pointer.
func (s *Segment) MouseMoved(e *desktop.MouseEvent) {
	if i := s.at(e.Position.X); i != s.hovered {
		s.hovered = i
		s.Refresh()
	}
}

// MouseOut forgets the pointer.
func (s *Segment) MouseOut() { s.hovered = -1; s.Refresh() }
