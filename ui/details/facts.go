package details

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// facts draws sections of lines: names at the left, values wrapped beside
// them, a mark to copy what is worth copying. Its texts are canvas objects:
// labels would pad every line to twice its height.
type facts struct {
	widget.BaseWidget
	copy     func(string)
	grown    func() // the height is another
	sections []section
	objects  []fyne.CanvasObject
	width    float32
	height   float32
}

const (
	labelWidth = 78
	markWidth  = 20
	lineGap    = 5
	sectionGap = 12
)

func newFacts(copy func(string)) *facts {
	f := &facts{copy: copy}
	f.ExtendBaseWidget(f)
	return f
}

func (f *facts) show(s []section) {
	f.sections = s
	f.Refresh()
}

// CreateRenderer is Fyne's.
func (f *facts) CreateRenderer() fyne.WidgetRenderer { return &factsRenderer{f} }

type factsRenderer struct{ f *facts }

func (r *factsRenderer) Destroy()                     {}
func (r *factsRenderer) Objects() []fyne.CanvasObject { return r.f.objects }
func (r *factsRenderer) MinSize() fyne.Size           { return fyne.NewSize(180, r.f.height) }

func (r *factsRenderer) Layout(s fyne.Size) {
	if s.Width != r.f.width {
		r.f.width = s.Width
		r.f.rebuild()
	}
}

func (r *factsRenderer) Refresh() {
	r.f.rebuild()
	canvas.Refresh(r.f)
}

// rebuild builds, and tells of another height: how high the facts are depends
// on how wide they are, which Fyne's layouts don't ask.
func (f *facts) rebuild() {
	was := f.height
	f.build()
	if f.height != was && f.grown != nil {
		f.grown()
	}
}

// build makes the objects for the width there is.
func (f *facts) build() {
	if f.width <= 0 {
		return
	}
	th, v := f.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	size, small := th.Size(theme.SizeNameText), th.Size(theme.SizeNameCaptionText)
	muted := th.Color(pt.ColorMuted, v)
	f.objects, f.height = nil, 0
	y := float32(2)
	for i, s := range f.sections {
		if i > 0 {
			y += sectionGap
		}
		title := &canvas.Text{Text: s.title, TextSize: small, TextStyle: fyne.TextStyle{Bold: true}, Color: muted}
		title.Move(fyne.NewPos(0, y))
		title.Resize(title.MinSize())
		f.objects = append(f.objects, title)
		y += title.MinSize().Height + lineGap
		for _, l := range s.lines {
			x, room := float32(0), f.width
			style := fyne.TextStyle{Monospace: l.mono}
			at := size
			if l.mono {
				at = size - 1
			}
			if l.label != "" {
				label := &canvas.Text{Text: l.label, TextSize: size, Color: muted}
				label.Move(fyne.NewPos(x, y))
				label.Resize(label.MinSize())
				f.objects = append(f.objects, label)
				x, room = x+labelWidth, room-labelWidth
			}
			if l.copy {
				room -= markWidth
			}
			name := l.color
			if name == "" {
				name = theme.ColorNameForeground
			}
			h := fyne.MeasureText("M", size, fyne.TextStyle{}).Height
			if l.copy {
				mark := newCopyMark(func() { f.copy(l.raw) })
				mark.Move(fyne.NewPos(f.width-16, y+(h-16)/2))
				mark.Resize(fyne.NewSquareSize(16))
				f.objects = append(f.objects, mark)
			}
			for _, text := range wrap(l.value, room, at, style) {
				t := &canvas.Text{Text: text, TextSize: at, TextStyle: style, Color: th.Color(name, v)}
				min := t.MinSize()
				t.Move(fyne.NewPos(x, y+(h-min.Height)/2))
				t.Resize(min)
				f.objects = append(f.objects, t)
				y += h
			}
			y += lineGap
		}
	}
	f.height = y + 4
}

// copyMark is a small icon that copies. It takes no keyboard focus: there are
// many, and the table's menu copies the same.
type copyMark struct {
	widget.BaseWidget
	tapped  func()
	image   *canvas.Image
	hovered bool
	done    bool
}

func newCopyMark(tapped func()) *copyMark {
	m := &copyMark{tapped: tapped, image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	m.ExtendBaseWidget(m)
	return m
}

func (m *copyMark) CreateRenderer() fyne.WidgetRenderer {
	m.draw()
	return widget.NewSimpleRenderer(m.image)
}

func (m *copyMark) draw() {
	icon, color := pt.Icon("copy"), pt.ColorMuted
	if m.hovered {
		color = theme.ColorNamePrimary
	}
	if m.done {
		icon, color = "check", theme.ColorNameSuccess
	}
	m.image.Resource = icon.Resource(color)
}

func (m *copyMark) Refresh() { m.draw(); m.image.Refresh() }

func (m *copyMark) Tapped(*fyne.PointEvent)        { m.tapped(); m.done = true; m.Refresh() }
func (m *copyMark) MouseIn(*desktop.MouseEvent)    { m.hovered = true; m.Refresh() }
func (m *copyMark) MouseMoved(*desktop.MouseEvent) {}
func (m *copyMark) MouseOut()                      { m.hovered, m.done = false, false; m.Refresh() }
func (m *copyMark) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (m *copyMark) MinSize() fyne.Size             { return fyne.NewSquareSize(16) }
