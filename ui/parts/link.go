package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Link is a word or two that can be pressed, for where a button would shout.
type Link struct {
	widget.BaseWidget
	Tap func()

	text             string
	icon             pt.Icon
	iconColor        fyne.ThemeColorName
	small            bool
	focused, hovered bool

	image *canvas.Image
	label *canvas.Text
	ring  *canvas.Rectangle
}

// NewLink returns a link; small is for bars.
func NewLink(icon pt.Icon, iconColor fyne.ThemeColorName, small bool, tap func()) *Link {
	l := &Link{icon: icon, iconColor: iconColor, small: small, Tap: tap}
	l.ExtendBaseWidget(l)
	l.Hide()
	return l
}

// Say sets the text and reports whether it is another; a link without text is
// hidden.
func (l *Link) Say(text string) bool {
	if l.text == text {
		return false
	}
	l.text = text
	l.Hidden = text == ""
	l.Refresh()
	return true
}

// Text returns what it says.
func (l *Link) Text() string { return l.text }

// CreateRenderer is Fyne's.
func (l *Link) CreateRenderer() fyne.WidgetRenderer {
	l.image, l.label, l.ring = &canvas.Image{FillMode: canvas.ImageFillContain}, &canvas.Text{}, &canvas.Rectangle{CornerRadius: 4}
	r := &linkRenderer{l}
	r.Refresh()
	return r
}

type linkRenderer struct{ l *Link }

const linkPad = 6

func (r *linkRenderer) Destroy() {}
func (r *linkRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.l.ring, r.l.image, r.l.label}
}

func (r *linkRenderer) MinSize() fyne.Size {
	text := r.l.label.MinSize()
	w := text.Width + 2*linkPad
	if r.l.icon != "" {
		w += 18
	}
	return fyne.NewSize(w, text.Height+6)
}

func (r *linkRenderer) Layout(s fyne.Size) {
	r.l.ring.Resize(s)
	x := float32(linkPad)
	if r.l.icon != "" {
		r.l.image.Move(fyne.NewPos(x, (s.Height-14)/2))
		r.l.image.Resize(fyne.NewSquareSize(14))
		x += 18
	}
	text := r.l.label.MinSize()
	r.l.label.Move(fyne.NewPos(x, (s.Height-text.Height)/2))
	r.l.label.Resize(text)
}

func (r *linkRenderer) Refresh() {
	l, th, v := r.l, r.l.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	l.label.Text, l.label.Color = l.text, th.Color(theme.ColorNameForeground, v)
	l.label.TextSize = th.Size(theme.SizeNameText)
	if l.small {
		l.label.TextSize = th.Size(theme.SizeNameCaptionText)
	}
	l.image.Hidden = l.icon == ""
	if l.icon != "" {
		l.image.Resource = l.icon.Resource(l.iconColor)
	}
	name := fyne.ThemeColorName("")
	switch {
	case l.focused:
		name = theme.ColorNameSelection
	case l.hovered:
		name = theme.ColorNameHover
	}
	l.ring.Hidden = name == ""
	l.ring.FillColor = th.Color(theme.ColorNameHover, v)
	if name != "" {
		l.ring.FillColor = th.Color(name, v)
	}
	r.Layout(l.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

// Tapped presses it.
func (l *Link) Tapped(*fyne.PointEvent) { l.Tap() }

// FocusGained shows that the keyboard is here.
func (l *Link) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost shows that it is elsewhere.
func (l *Link) FocusLost() { l.focused = false; l.Refresh() }

// TypedRune has no use for text.
func (l *Link) TypedRune(rune) {}

// TypedKey presses it on Enter and Space.
func (l *Link) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.Tap()
	}
}

// MouseIn follows the pointer.
func (l *Link) MouseIn(*desktop.MouseEvent) { l.hovered = true; l.Refresh() }

// MouseMoved has nothing to follow.
func (l *Link) MouseMoved(*desktop.MouseEvent) {}

// MouseOut forgets the pointer.
func (l *Link) MouseOut() { l.hovered = false; l.Refresh() }

// Cursor shows that it can be pressed.
func (l *Link) Cursor() desktop.Cursor { return desktop.PointerCursor }
