package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Column stacks objects of full width. A wrapped label knows its height only
// once it has a width, so it gets that first. A negative gap brings labels as
// near to each other as their paddings allow.
type Column struct{ Gap float32 }

// MinSize is Fyne's.
func (c Column) MinSize(objects []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			s = fyne.NewSize(max(s.Width, min.Width), s.Height+min.Height+c.Gap)
		}
	}
	return fyne.NewSize(s.Width, max(s.Height-c.Gap, 0))
}

// Layout is Fyne's.
func (c Column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + c.Gap
	}
}

// Flow sets objects side by side, and goes on below where there is no room.
type Flow struct {
	Gap   float32
	width float32
}

// MinSize is Fyne's: as high as it was when it was laid out last.
func (f *Flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	widest := float32(0)
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, o.MinSize().Width)
		}
	}
	return fyne.NewSize(widest, f.place(objects, f.width, nil))
}

// Layout is Fyne's.
func (f *Flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, p fyne.Position) {
		o.Move(p)
		o.Resize(o.MinSize())
	})
}

func (f *Flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position)) (height float32) {
	var x, y, line float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		min := o.MinSize()
		if x > 0 && width > 0 && x+min.Width > width {
			x, y = 0, y+line+f.Gap
			line = 0
		}
		if put != nil {
			put(o, fyne.NewPos(x, y))
		}
		line = max(line, min.Height)
		x += min.Width + f.Gap
	}
	return y + line
}

// Wrapped returns a label that wraps at words.
func Wrapped(text string, importance widget.Importance) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping, l.Importance = fyne.TextWrapWord, importance
	return l
}

// Heading is an icon before a title that wraps.
func Heading(icon pt.Icon, color fyne.ThemeColorName, title string) fyne.CanvasObject {
	l := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName, l.Wrapping = theme.SizeNameSubHeadingText, fyne.TextWrapWord
	return container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 6, 0), NewDrawing(icon, color, 20)), nil, l)
}

// Facts sets labels before values, in two columns.
func Facts(facts [][2]string) *fyne.Container {
	box := container.New(&factsLayout{})
	for _, f := range facts {
		value := widget.NewLabel(f[1])
		value.Wrapping = fyne.TextWrapBreak
		box.Add(Muted(f[0]))
		box.Add(value)
	}
	return box
}

// Marked is a line of text behind a small icon.
func Marked(icon pt.Icon, color fyne.ThemeColorName, text string) fyne.CanvasObject {
	return container.New(&marked{}, NewDrawing(icon, color, 16), Wrapped(text, widget.MediumImportance))
}

// marked keeps the icon beside the text's first line.
type marked struct{}

const markedWidth = 28

func (marked) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[1].MinSize()
	return fyne.NewSize(m.Width+markedWidth, m.Height)
}

func (marked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	line := widget.NewLabel("").MinSize().Height
	o[0].Move(fyne.NewPos(8, (line-16)/2))
	o[0].Resize(fyne.NewSquareSize(16))
	o[1].Move(fyne.NewPos(markedWidth-4, 0))
	o[1].Resize(fyne.NewSize(size.Width-markedWidth+4, o[1].MinSize().Height))
}
