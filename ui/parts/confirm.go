package parts

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Question is what a confirmation asks: exactly what will happen to exactly
// what. The riskier it is, the more of it there is.
type Question struct {
	Icon  pt.Icon
	Title string
	// Facts name the thing: label and value.
	Facts [][2]string
	// Warning is what else goes with it; "" for nothing.
	Warning string
	// Do and Cancel are the buttons' texts. Danger says that it can't be
	// undone.
	Do, Cancel string
	Danger     bool
}

// Confirmation is a question being asked.
type Confirmation struct {
	popup      *widget.PopUp
	Yes, No    *Button
	returnTo   fyne.Focusable
	canvas     fyne.Canvas
	once, done bool
}

const confirmWidth = 480

// Ask shows the question over the canvas and calls yes if the user agrees.
// Esc, and the button that has the keyboard at first, mean no.
func Ask(c fyne.Canvas, q Question, yes func()) *Confirmation {
	d := &Confirmation{canvas: c, returnTo: c.Focused()}
	d.No = NewButton(q.Cancel, "", d.close)
	d.Yes = NewButton(q.Do, "", func() {
		d.close()
		if !d.once {
			d.once = true
			yes()
		}
	})
	d.Yes.Importance = widget.HighImportance
	color := theme.ColorNamePrimary
	if q.Danger {
		d.Yes.Importance = widget.DangerImportance
		color = theme.ColorNameError
	}
	keys := func(k fyne.KeyName) {
		switch k {
		case fyne.KeyEscape:
			d.close()
		case fyne.KeyLeft, fyne.KeyUp:
			c.Focus(d.No)
		case fyne.KeyRight, fyne.KeyDown:
			c.Focus(d.Yes)
		}
	}
	d.No.Key, d.Yes.Key = keys, keys

	title := widget.NewLabelWithStyle(q.Title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.SizeName = theme.SizeNameSubHeadingText
	title.Wrapping = fyne.TextWrapWord
	body := container.New(columnLayout{width: confirmWidth},
		container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 6, 0), NewDrawing(q.Icon, color, 20)), nil, title))
	facts := container.New(&factsLayout{})
	for _, f := range q.Facts {
		value := widget.NewLabel(f[1])
		value.Wrapping = fyne.TextWrapBreak
		facts.Add(Muted(f[0]))
		facts.Add(value)
	}
	body.Add(facts)
	if q.Warning != "" {
		w := widget.NewLabel(q.Warning)
		w.Wrapping = fyne.TextWrapWord
		body.Add(newPanel(pt.ColorNoticeBG, container.NewBorder(nil, nil,
			container.NewPadded(NewDrawing("warning", theme.ColorNameWarning, 16)), nil, w)))
	}
	body.Add(gap(8))
	body.Add(container.NewHBox(layout.NewSpacer(), d.No, d.Yes))
	d.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(12, 12, 14, 14), body), c)
	d.popup.Resize(fyne.NewSize(confirmWidth+28, 0))
	d.popup.Show()
	// Wrapped labels have their height only now.
	d.popup.Resize(fyne.NewSize(confirmWidth+28, d.popup.MinSize().Height))
	c.Focus(d.No)
	return d
}

func (d *Confirmation) close() {
	if d.done {
		return
	}
	d.done = true
	d.popup.Hide()
	if d.returnTo != nil {
		d.canvas.Focus(d.returnTo)
	}
}

func gap(h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, h))
	return r
}

// factsLayout lays labels and values out in two columns, the first as wide as
// its widest label.
type factsLayout struct{ width float32 }

func (l *factsLayout) label(objects []fyne.CanvasObject) (w float32) {
	for i := 0; i < len(objects); i += 2 {
		w = max(w, objects[i].MinSize().Width)
	}
	return w
}

func (l *factsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for i := 1; i < len(objects); i += 2 {
		h += max(objects[i].MinSize().Height, objects[i-1].MinSize().Height) - factsTighter
	}
	return fyne.NewSize(l.label(objects)+120, h+factsTighter)
}

// factsTighter is how far the paddings of lines overlap.
const factsTighter = 6

func (l *factsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, y := l.label(objects), float32(0)
	for i := 1; i < len(objects); i += 2 {
		label, value := objects[i-1], objects[i]
		value.Resize(fyne.NewSize(size.Width-first, value.MinSize().Height))
		h := value.MinSize().Height
		label.Move(fyne.NewPos(0, y))
		label.Resize(fyne.NewSize(first, label.MinSize().Height))
		value.Move(fyne.NewPos(first, y))
		value.Resize(fyne.NewSize(size.Width-first, h))
		y += h - factsTighter
	}
}
