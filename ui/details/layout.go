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

func pad(o fyne.CanvasObject, by float32) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(by, by, by+4, by+4), o)
}
