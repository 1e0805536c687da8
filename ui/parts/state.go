package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// State is what a page shows when it has nothing else to show: nothing there,
// nothing matches, not read yet, or an error. It says why and what can be
// done, and looks the same on every page.
type State struct {
	widget.BaseWidget
	icon   *Drawing
	title  *widget.Label
	text   *widget.Label
	action *Button
	box    fyne.CanvasObject
	said   words
}

// words are all that shows of a State.
type words struct {
	icon                pt.Icon
	color               fyne.ThemeColorName
	title, text, action string
}

// NewState returns a state without words.
func NewState() *State {
	s := &State{icon: NewDrawing("info", pt.ColorMuted, 36), title: widget.NewLabel(""), text: widget.NewLabel(""),
		action: NewButton("", "", nil)}
	s.title.Alignment, s.title.TextStyle = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}
	s.text.Alignment, s.text.Wrapping = fyne.TextAlignCenter, fyne.TextWrapWord
	s.box = container.New(aboveMiddle{}, container.New(columnLayout{width: 460},
		container.NewCenter(s.icon), s.title, s.text, container.NewCenter(s.action)))
	s.ExtendBaseWidget(s)
	return s
}

// Say sets the words. Without an action there is no button. The same words
// again redraw nothing: pages say them with every snapshot.
func (s *State) Say(icon pt.Icon, color fyne.ThemeColorName, title, text, action string, do func()) {
	s.action.OnTapped = do
	w := words{icon, color, title, text, action}
	if w == s.said {
		return
	}
	s.said = w
	s.icon.Set(icon, color)
	s.title.SetText(title)
	s.text.SetText(text)
	s.text.Hidden = text == ""
	s.action.SetText(action)
	s.action.Hidden = action == ""
	s.Refresh()
}

// Title returns the words in bold.
func (s *State) Title() string { return s.title.Text }

// Action returns the button.
func (s *State) Action() *Button { return s.action }

// CreateRenderer is Fyne's.
func (s *State) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.box) }

// aboveMiddle centres an object a little above the middle, where a dialog
// doesn't cover it.
type aboveMiddle struct{}

func (aboveMiddle) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (aboveMiddle) Layout(o []fyne.CanvasObject, s fyne.Size) {
	min := o[0].MinSize()
	o[0].Move(fyne.NewPos((s.Width-min.Width)/2, max(0, (s.Height-min.Height)/4)))
	o[0].Resize(min)
}

// columnLayout stacks objects of one width.
type columnLayout struct{ width float32 }

func (l columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		if o.Visible() {
			h += o.MinSize().Height
		}
	}
	return fyne.NewSize(l.width, h)
}

func (l columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		// A wrapping label knows its height only once it has a width.
		if wrapped := o.MinSize().Height; wrapped != h {
			h = wrapped
			o.Resize(fyne.NewSize(size.Width, h))
		}
		y += h
	}
}

// Drawing is an icon that keeps to the theme.
type Drawing struct {
	widget.BaseWidget
	image *canvas.Image
	icon  pt.Icon
	color fyne.ThemeColorName
	size  float32
}

// NewDrawing returns an icon of that size in that colour.
func NewDrawing(icon pt.Icon, color fyne.ThemeColorName, size float32) *Drawing {
	d := &Drawing{icon: icon, color: color, size: size, image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	d.ExtendBaseWidget(d)
	return d
}

// Set shows another icon or colour.
func (d *Drawing) Set(icon pt.Icon, color fyne.ThemeColorName) {
	if d.icon != icon || d.color != color {
		d.icon, d.color = icon, color
		d.Refresh()
	}
}

// CreateRenderer is Fyne's.
func (d *Drawing) CreateRenderer() fyne.WidgetRenderer {
	d.image.Resource = d.icon.Resource(d.color)
	return &drawingRenderer{d}
}

type drawingRenderer struct{ d *Drawing }

func (r *drawingRenderer) Destroy()                     {}
func (r *drawingRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.d.image} }
func (r *drawingRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.d.size) }

func (r *drawingRenderer) Layout(s fyne.Size) {
	r.d.image.Move(fyne.NewPos((s.Width-r.d.size)/2, (s.Height-r.d.size)/2))
	r.d.image.Resize(fyne.NewSquareSize(r.d.size))
}

func (r *drawingRenderer) Refresh() {
	r.d.image.Resource = r.d.icon.Resource(r.d.color)
	r.d.image.Refresh()
}

// Muted returns a label of lesser weight.
func Muted(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.LowImportance
	return l
}

// Caption returns a small heading.
func Caption(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName, l.Importance, l.TextStyle = theme.SizeNameCaptionText, widget.LowImportance, fyne.TextStyle{Bold: true}
	return l
}

// Ground lays an object over a colour of the theme, with its own padding.
func Ground(c fyne.ThemeColorName, content fyne.CanvasObject) *Panel { return newPanel(c, content) }

// Panel is content over a colour.
type Panel struct {
	widget.BaseWidget
	rect    *canvas.Rectangle
	color   fyne.ThemeColorName
	content fyne.CanvasObject
}

func newPanel(c fyne.ThemeColorName, content fyne.CanvasObject) *Panel {
	p := &Panel{rect: &canvas.Rectangle{}, color: c, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is Fyne's.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, box: container.New(layout.NewStackLayout(), p.rect, p.content)}
	r.paint()
	return r
}

type panelRenderer struct {
	p   *Panel
	box *fyne.Container
}

func (r *panelRenderer) Destroy()                     {}
func (r *panelRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.box} }
func (r *panelRenderer) MinSize() fyne.Size           { return r.box.MinSize() }
func (r *panelRenderer) Layout(s fyne.Size)           { r.box.Resize(s) }
func (r *panelRenderer) paint() {
	r.p.rect.FillColor = r.p.Theme().Color(r.p.color, fyne.CurrentApp().Settings().ThemeVariant())
}

func (r *panelRenderer) Refresh() {
	r.paint()
	r.p.rect.Refresh()
	r.p.content.Refresh()
}
