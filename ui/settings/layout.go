package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/ui/parts"
)

// group is a titled set of fields.
func group(title string, fields ...fyne.CanvasObject) fyne.CanvasObject {
	t := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	t.SizeName = "subHeadingText"
	return container.New(column{gap: 2}, append([]fyne.CanvasObject{t}, fields...)...)
}

// field is a name and its controls, one under another; nil ones are left out.
func field(name string, controls ...fyne.CanvasObject) fyne.CanvasObject {
	box := container.New(column{})
	for _, c := range controls {
		if c != nil {
			box.Add(c)
		}
	}
	return container.New(named{}, parts.Muted(name), box)
}

// nameWidth is how wide the names of fields are.
const nameWidth = 132

// named sets a name at the left of its controls.
type named struct{}

func (named) MinSize(o []fyne.CanvasObject) fyne.Size {
	c := o[1].MinSize()
	return fyne.NewSize(nameWidth+c.Width, max(c.Height, o[0].MinSize().Height))
}

func (named) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(nameWidth, o[0].MinSize().Height))
	o[1].Move(fyne.NewPos(nameWidth, 0))
	o[1].Resize(fyne.NewSize(size.Width-nameWidth, size.Height))
}

// column stacks objects of full width. A wrapped label knows its height only
// once it has a width, so it gets that first.
type column struct{ gap float32 }

func (c column) MinSize(objects []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			s = fyne.NewSize(max(s.Width, min.Width), s.Height+min.Height+c.gap)
		}
	}
	return s
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + c.gap
	}
}

// sheet sets groups one under another in a column of readable width.
type sheet struct{ width float32 }

const (
	sheetPad = 20
	sheetGap = 14
)

func (s sheet) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(2 * sheetPad)
	for _, o := range objects {
		h += o.MinSize().Height + sheetGap
	}
	return fyne.NewSize(nameWidth+280, h)
}

func (s sheet) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w, y := min(s.width, size.Width-2*sheetPad), float32(sheetPad)
	for _, o := range objects {
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		h := o.MinSize().Height
		o.Move(fyne.NewPos(sheetPad, y))
		o.Resize(fyne.NewSize(w, h))
		y += h + sheetGap
	}
}

// fixed gives its object a width.
type fixed struct{ width float32 }

func (f fixed) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.width, o[0].MinSize().Height)
}

func (f fixed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(f.width, size.Height))
}
