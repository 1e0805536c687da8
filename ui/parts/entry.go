package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry, but lets the window's shortcuts through and hands on
// Esc.
type Entry struct {
	widget.Entry
	Escape   func()
	Shortcut func(fyne.Shortcut)
}

// NewEntry returns an entry of one line or of several.
func NewEntry(lines int) *Entry {
	e := &Entry{}
	if lines > 1 {
		e.MultiLine = true
		e.SetMinRowsVisible(lines)
	}
	e.Wrapping = fyne.TextWrapOff
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey hands on Esc; the rest is the entry's.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && e.Escape != nil {
		e.Escape()
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut keeps the editing ones and passes on the rest.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if isEditing(s) {
		e.Entry.TypedShortcut(s)
	} else if e.Shortcut != nil {
		e.Shortcut(s)
	}
}

// isEditing tells an entry's shortcuts (clipboard, undo, words) from the
// window's.
func isEditing(s fyne.Shortcut) bool {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return true
	}
	switch c.KeyName {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd,
		fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}
