// Package parts holds what the window's pages are put together from, so that
// the same thing looks and works the same everywhere: buttons, switches, the
// search box, notices, the states of an empty page, the one confirmation.
package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Button is a button that Enter presses as well as Space, and that hands Esc
// and the arrows on.
type Button struct {
	widget.Button
	// Key is called with keys the button has no use for.
	Key func(fyne.KeyName)
}

// NewButton returns a button with a text, an icon or both.
func NewButton(text string, icon pt.Icon, tapped func()) *Button {
	b := &Button{}
	b.Text, b.OnTapped = text, tapped
	b.SetDrawing(icon, theme.ColorNameForeground)
	b.ExtendBaseWidget(b)
	return b
}

// NewQuiet returns a button without a ground of its own.
func NewQuiet(text string, icon pt.Icon, tapped func()) *Button {
	b := NewButton(text, icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// NewDanger returns a button for what can't be undone.
func NewDanger(text string, icon pt.Icon, tapped func()) *Button {
	b := NewButton(text, icon, tapped)
	b.Importance = widget.DangerImportance
	b.SetDrawing(icon, theme.ColorNameForegroundOnError)
	return b
}

// SetDrawing gives the button an icon in a colour; "" takes it away.
func (b *Button) SetDrawing(icon pt.Icon, c fyne.ThemeColorName) {
	if icon == "" {
		b.SetIcon(nil)
		return
	}
	b.SetIcon(icon.Resource(c))
}

// TypedKey presses the button on Enter and Space.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Button.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	case fyne.KeySpace:
		b.Button.TypedKey(e)
	default:
		if b.Key != nil {
			b.Key(e.Name)
		}
	}
}
