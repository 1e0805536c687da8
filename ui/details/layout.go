package details

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// padded leaves by above and below, and the pane's margin at the sides.
type padded struct{ by float32 }

const margin = 12

func (l padded) MinSize(o []fyne.CanvasObject) fyne.Size {
	if empty(o[0]) {
		return fyne.Size{}
	}
	return o[0].MinSize().AddWidthHeight(2*margin, l.by)
}

func (l padded) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(margin, l.by/2))
	o[0].Resize(s.SubtractWidthHeight(2*margin, l.by))
}

// empty reports whether nothing is to be seen of an object.
func empty(o fyne.CanvasObject) bool {
	c, ok := o.(*fyne.Container)
	if !ok || !o.Visible() {
		return !o.Visible()
	}
	for _, o := range c.Objects {
		if o.Visible() {
			return false
		}
	}
	return true
}

// inset brings a label's text in line with what pad moves in.
func inset(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, 6, 6), o)
}

// pad moves an object in from the pane's edges; a hidden one takes no room.
func pad(o fyne.CanvasObject, by float32) fyne.CanvasObject {
	return container.New(padded{by}, o)
}
