package why

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// readable keeps a column to a width that eyes can follow.
type readable struct{}

const (
	readableWidth = 860
	readablePad   = 16
)

func (readable) width(s float32) float32 { return min(s-2*readablePad, readableWidth) }

func (readable) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(400, o[0].MinSize().Height+readablePad)
}

func (r readable) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(readablePad, readablePad/2))
	o[0].Resize(fyne.NewSize(r.width(s.Width), s.Height-readablePad))
}

// formLayout sets the entry, which takes what room is left, and what follows.
type formLayout struct{}

const formGap = 8

func (formLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range o {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(400, h+formGap)
}

func (formLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := size.Width
	for i := len(o) - 1; i > 0; i-- {
		if !o[i].Visible() {
			continue
		}
		min := o[i].MinSize()
		if _, ok := o[i].(*widget.Select); ok {
			min.Width = max(min.Width, 150)
		}
		x -= min.Width
		o[i].Move(fyne.NewPos(x, (size.Height-min.Height)/2))
		o[i].Resize(min)
		x -= formGap
	}
	h := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(0, (size.Height-h)/2))
	o[0].Resize(fyne.NewSize(max(x, 120), h))
}
