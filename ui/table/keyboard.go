package table

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// focus takes the keyboard.
func (t *Table[T, K]) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
}

// FocusGained shows that the keyboard is here.
func (t *Table[T, K]) FocusGained() {
	t.focused = true
	t.header.Refresh()
	t.body.update()
}

// FocusLost shows that it is elsewhere.
func (t *Table[T, K]) FocusLost() {
	t.focused = false
	t.header.Refresh()
	t.body.update()
}

// TypedRune passes on what is typed.
func (t *Table[T, K]) TypedRune(r rune) {
	if t.cfg.Rune != nil {
		t.cfg.Rune(r)
	}
}

// TypedKey moves the selection and acts on it.
func (t *Table[T, K]) TypedKey(e *fyne.KeyEvent) {
	page := max(1, int(t.scroll.Size().Height/RowHeight)-1)
	switch e.Name {
	case fyne.KeyUp:
		t.step(-1)
	case fyne.KeyDown:
		t.step(1)
	case fyne.KeyPageUp:
		t.step(-page)
	case fyne.KeyPageDown:
		t.step(page)
	case fyne.KeyHome:
		t.step(-len(t.rows))
	case fyne.KeyEnd:
		t.step(len(t.rows))
	case fyne.KeyReturn, fyne.KeyEnter:
		if row := t.Current(); row != nil && t.cfg.Activated != nil {
			t.cfg.Activated(row)
		}
	case fyne.KeyEscape:
		if t.cfg.Escape != nil {
			t.cfg.Escape()
		}
	case fyne.KeyDelete:
		if row := t.Current(); row != nil && t.cfg.Delete != nil {
			t.cfg.Delete(row, shifted())
		}
	case desktop.KeyMenu:
		t.menuByKey()
	case fyne.KeyF10:
		if shifted() {
			t.menuByKey()
		}
	}
}

// shifted reports whether Shift alone is held: Fyne makes no shortcut of it
// with a key.
func shifted() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers() == fyne.KeyModifierShift
}

// step moves the selection by n rows. Without one it begins with the first
// row in view; where the selected row has gone, with the one in its place.
func (t *Table[T, K]) step(n int) {
	if len(t.rows) == 0 {
		return
	}
	from := t.index
	if from < 0 {
		first, last := t.body.span()
		if n < -1 || n > 1 { // to an end, or a page from here
			from = first
		} else {
			t.selectRow(min(first, max(last-1, 0)))
			return
		}
	}
	t.selectRow(min(max(from+n, 0), len(t.rows)-1))
}

// menuByKey asks for the menu of the selected row, at its place.
func (t *Table[T, K]) menuByKey() {
	row := t.Current()
	if row == nil || t.cfg.Menu == nil {
		return
	}
	t.reveal(t.index)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.body)
	t.cfg.Menu(row, "", at.AddXY(48, float32(t.index+1)*RowHeight))
}

// TypedShortcut copies, opens the menu, and passes on the rest.
func (t *Table[T, K]) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		if row := t.Current(); row != nil && t.cfg.Copy != nil {
			t.cfg.Copy(row)
		}
		return
	case *fyne.ShortcutCut: // what Fyne makes of Shift+Del
		if row := t.Current(); row != nil && t.cfg.Delete != nil && shifted() {
			t.cfg.Delete(row, true)
		}
		return
	case *desktop.CustomShortcut:
		if s.KeyName == fyne.KeyF10 && s.Modifier == fyne.KeyModifierShift {
			t.menuByKey()
			return
		}
	}
	if t.cfg.Shortcut != nil {
		t.cfg.Shortcut(s)
	}
}
