package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// atLeastWide gives an object room, such as a button with a short text.
type atLeastWide struct{ width float32 }

func (l atLeastWide) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Max(fyne.NewSize(l.width, 0))
}

func (l atLeastWide) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }

// Tell says something that has to be read before it goes on with then: Enter,
// Space, Esc and a click on the one button do.
func Tell(c fyne.Canvas, icon pt.Icon, title, text, ok string, then func()) {
	var popup *widget.PopUp
	done := false
	b := NewButton(ok, "", func() {
		if !done {
			done = true
			popup.Hide()
			then()
		}
	})
	b.Key = func(k fyne.KeyName) {
		if k == fyne.KeyEscape {
			b.OnTapped()
		}
	}
	head := widget.NewLabelWithStyle(title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	head.SizeName, head.Wrapping = theme.SizeNameSubHeadingText, fyne.TextWrapWord
	body := widget.NewLabel(text)
	body.Wrapping = fyne.TextWrapWord
	box := container.New(columnLayout{width: confirmWidth},
		container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 6, 0), NewDrawing(icon, theme.ColorNamePrimary, 20)), nil, head),
		body, gap(8), container.NewHBox(layout.NewSpacer(), container.New(atLeastWide{88}, b)))
	popup = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(12, 12, 14, 14), box), c)
	popup.Resize(fyne.NewSize(confirmWidth+28, 0))
	popup.Show()
	popup.Resize(fyne.NewSize(confirmWidth+28, popup.MinSize().Height)) // as in Ask
	c.Focus(b)
}
