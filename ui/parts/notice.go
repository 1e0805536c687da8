package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Notice is one calm line that tells of a problem.
type Notice struct {
	widget.BaseWidget
	text *widget.Label
	box  fyne.CanvasObject
}

// NewNotice returns a hidden notice. With dismiss it has a button to close it.
func NewNotice(dismiss bool) *Notice {
	n := &Notice{text: widget.NewLabel("")}
	n.text.Truncation = fyne.TextTruncateEllipsis
	icon := container.NewPadded(NewDrawing("warning", theme.ColorNameWarning, 15))
	var end fyne.CanvasObject
	if dismiss {
		end = NewQuiet("", "close", n.Hide)
	}
	n.box = newPanel(pt.ColorNoticeBG, container.NewBorder(nil, nil, icon, end, n.text))
	n.ExtendBaseWidget(n)
	n.Hide()
	return n
}

// Say shows the text, or nothing if it is "".
func (n *Notice) Say(text string) {
	if text == n.text.Text && n.Hidden == (text == "") {
		return
	}
	n.text.SetText(text)
	if text == "" {
		n.Hide()
	} else {
		n.Show()
	}
}

// Text returns what is said, "" if nothing is.
func (n *Notice) Text() string {
	if n.Hidden {
		return ""
	}
	return n.text.Text
}

// CreateRenderer is Fyne's.
func (n *Notice) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(n.box) }
