package details

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// tight stacks objects of full width, each by so much nearer to the one above
// as the paddings of labels allow.
type tight struct{ by float32 }

func (l tight) MinSize(objects []fyne.CanvasObject) (s fyne.Size) {
	n := 0
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			s = fyne.NewSize(max(s.Width, min.Width), s.Height+min.Height)
			n++
		}
	}
	s.Height -= l.by * float32(max(n-1, 0))
	return s
}

func (l tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if o.Visible() {
			h := o.MinSize().Height
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(size.Width, h))
			y += h - l.by
		}
	}
}

// pack sets objects side by side, each as wide as it must be.
type pack struct{ gap float32 }

func (l pack) MinSize(objects []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			s = fyne.NewSize(s.Width+min.Width+l.gap, max(s.Height, min.Height))
		}
	}
	s.Width = max(s.Width-l.gap, 0)
	return s
}

func (l pack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			o.Move(fyne.NewPos(x, (size.Height-min.Height)/2))
			o.Resize(min)
			x += min.Width + l.gap
		}
	}
}

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
