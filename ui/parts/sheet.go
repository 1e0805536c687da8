package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// SheetWidth is that of a sheet's content.
const SheetWidth = 560

// Sheet lies over the window until it is answered: a title, a body that
// scrolls where it is too long, and buttons. It looks like Ask's question.
type Sheet struct {
	canvas   fyne.Canvas
	popup    *widget.PopUp
	body     *fyne.Container
	scroll   *container.Scroll
	returnTo fyne.Focusable
	closed   bool
}

// NewSheet shows a sheet. The first of the focusable is given the keyboard.
func NewSheet(c fyne.Canvas, icon pt.Icon, title string, body *fyne.Container, first fyne.Focusable, buttons ...fyne.CanvasObject) *Sheet {
	s := &Sheet{canvas: c, body: body, returnTo: c.Focused(), scroll: container.NewVScroll(body)}
	line := container.NewHBox(layout.NewSpacer())
	for _, b := range buttons {
		line.Add(b)
	}
	content := container.New(sheetLayout{s}, Heading(icon, theme.ColorNamePrimary, title), s.scroll, line)
	s.popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(12, 12, 14, 14), content), c)
	s.popup.Resize(fyne.NewSize(SheetWidth+28, 0))
	s.popup.Show()
	s.Fit()
	if first != nil {
		c.Focus(first)
	}
	return s
}

// Fit gives the sheet the height that its body needs now.
func (s *Sheet) Fit() {
	// Wrapped labels have their height only once they have a width.
	for range 2 {
		s.body.Resize(fyne.NewSize(s.scroll.Size().Width, s.body.MinSize().Height))
		s.body.Refresh()
		s.popup.Resize(fyne.NewSize(SheetWidth+28, s.popup.MinSize().Height))
		s.scroll.Refresh()
	}
}

// Close takes the sheet away.
func (s *Sheet) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.popup.Hide()
	if s.returnTo != nil {
		s.canvas.Focus(s.returnTo)
	}
}

// Closed reports whether it was taken away.
func (s *Sheet) Closed() bool { return s.closed }

// sheetLayout sets title, body and buttons one under another, the body as high
// as the window allows.
type sheetLayout struct{ s *Sheet }

const sheetGap = 8

func (l sheetLayout) bodyHeight(o []fyne.CanvasObject) float32 {
	room := l.s.canvas.Size().Height - o[0].MinSize().Height - o[2].MinSize().Height - 2*sheetGap - 100
	return min(l.s.body.MinSize().Height, max(room, 120))
}

func (l sheetLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(SheetWidth, o[0].MinSize().Height+l.bodyHeight(o)+o[2].MinSize().Height+2*sheetGap)
}

func (l sheetLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
	top := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, top))
	h := l.bodyHeight(o)
	o[1].Move(fyne.NewPos(0, top+sheetGap))
	o[1].Resize(fyne.NewSize(size.Width, h))
	last := o[2].MinSize().Height
	o[2].Move(fyne.NewPos(0, size.Height-last))
	o[2].Resize(fyne.NewSize(size.Width, last))
}
