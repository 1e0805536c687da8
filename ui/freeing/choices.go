package freeing

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/ui/parts"
	pt "github.com/portlight-app/portlight/ui/theme"
)

// option is one line of a list of choices.
type option struct {
	title, why string
	disabled   bool
	second     bool // chosen at first only if all are
}

// choices is a list of which one is chosen: one stop for the Tab key, the
// arrows move in it.
type choices struct {
	widget.BaseWidget
	chosen        int // -1 if there is nothing to choose
	changed       func()
	enter, escape func()
	options       []option
	rows          []*choiceRow
	focused       bool
	hovered       int
	box           *fyne.Container
}

func newChoices(options []option, changed func()) *choices {
	c := &choices{chosen: -1, options: options, changed: changed, hovered: -1, box: container.New(parts.Column{Gap: 2})}
	for i, o := range options {
		if !o.disabled && (c.chosen < 0 || options[c.chosen].second && !o.second) {
			c.chosen = i
		}
		r := newChoiceRow(o, func() { c.choose(i) })
		c.rows = append(c.rows, r)
		c.box.Add(r)
	}
	c.ExtendBaseWidget(c)
	c.draw()
	return c
}

// CreateRenderer is Fyne's.
func (c *choices) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.box) }

func (c *choices) draw() {
	for i, r := range c.rows {
		r.set(i == c.chosen, c.focused && (i == c.chosen || c.chosen < 0 && i == 0))
	}
}

func (c *choices) choose(i int) {
	if i < 0 || i >= len(c.options) || c.options[i].disabled || i == c.chosen {
		return
	}
	c.chosen = i
	c.draw()
	c.changed()
}

// step goes to the next that can be chosen.
func (c *choices) step(by int) {
	for i := c.chosen + by; i >= 0 && i < len(c.options); i += by {
		if !c.options[i].disabled {
			c.choose(i)
			return
		}
	}
}

// FocusGained shows that the keyboard is here.
func (c *choices) FocusGained() { c.focused = true; c.draw() }

// FocusLost shows that it is elsewhere.
func (c *choices) FocusLost() { c.focused = false; c.draw() }

// TypedRune has no use for text.
func (c *choices) TypedRune(rune) {}

// TypedKey moves the choice. Enter goes on to what is next, and does nothing
// by itself.
func (c *choices) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyLeft:
		c.step(-1)
	case fyne.KeyDown, fyne.KeyRight:
		c.step(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		c.enter()
	case fyne.KeyEscape:
		c.escape()
	}
}

// choiceRow is one of them.
type choiceRow struct {
	widget.BaseWidget
	disabled bool
	tapped   func()
	ground   *canvas.Rectangle
	icon     *parts.Drawing
	title    *widget.Label
	why      *widget.Label
	chosen   bool
	focused  bool
	hovered  bool
	box      *fyne.Container
}

func newChoiceRow(o option, tapped func()) *choiceRow {
	r := &choiceRow{disabled: o.disabled, tapped: tapped, ground: &canvas.Rectangle{CornerRadius: 6},
		icon: parts.NewDrawing("radio", pt.ColorMuted, 18), title: parts.Wrapped(o.title, widget.MediumImportance), why: parts.Wrapped(o.why, widget.LowImportance)}
	r.why.SizeName = theme.SizeNameCaptionText
	r.why.Hidden = o.why == ""
	if o.disabled {
		r.title.Importance = widget.LowImportance
	}
	r.box = container.NewStack(r.ground, container.New(&radioLayout{}, r.icon, r.title, r.why))
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer is Fyne's.
func (r *choiceRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

func (r *choiceRow) set(chosen, focused bool) {
	r.chosen, r.focused = chosen, focused
	r.Refresh()
}

// Refresh draws the row in the colours in force.
func (r *choiceRow) Refresh() {
	icon, c := pt.Icon("radio"), pt.ColorMuted
	switch {
	case r.disabled:
		c = theme.ColorNameDisabled
	case r.chosen:
		icon, c = "radio-on", theme.ColorNamePrimary
	}
	r.icon.Set(icon, c)
	name := fyne.ThemeColorName("")
	switch {
	case r.focused:
		name = theme.ColorNameSelection
	case r.chosen:
		name = pt.ColorSelectionIdle
	case r.hovered && !r.disabled:
		name = theme.ColorNameHover
	}
	r.ground.FillColor = color.Transparent
	if name != "" {
		r.ground.FillColor = r.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
	}
	r.ground.Refresh()
	r.BaseWidget.Refresh()
}

// Tapped chooses it.
func (r *choiceRow) Tapped(*fyne.PointEvent) {
	if !r.disabled {
		r.tapped()
	}
}

// MouseIn follows the pointer.
func (r *choiceRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved has nothing to follow.
func (r *choiceRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut forgets the pointer.
func (r *choiceRow) MouseOut() { r.hovered = false; r.Refresh() }

// radioLayout sets a sign beside a title and a smaller line under it.
type radioLayout struct{}

const (
	radioWidth   = 30
	radioTighter = 10 // how far the paddings of the two lines overlap
)

func (radioLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[1].MinSize()
	if o[2].Visible() {
		s.Height += o[2].MinSize().Height - radioTighter
	}
	return fyne.NewSize(s.Width+radioWidth, s.Height)
}

func (radioLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	line := widget.NewLabel("").MinSize().Height
	o[0].Move(fyne.NewPos(8, (line-18)/2))
	o[0].Resize(fyne.NewSquareSize(18))
	y := float32(0)
	for _, l := range o[1:] {
		l.Resize(fyne.NewSize(size.Width-radioWidth, l.MinSize().Height))
		h := l.MinSize().Height
		l.Move(fyne.NewPos(radioWidth-4, y))
		l.Resize(fyne.NewSize(size.Width-radioWidth, h))
		y += h - radioTighter
	}
}
