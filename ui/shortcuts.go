package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// binding is a shortcut of the whole window.
type binding struct {
	key fyne.KeyName
	do  func(*Window)
}

// bindings work with Ctrl, with Cmd on macOS.
var bindings = [...]binding{
	{fyne.KeyF, func(w *Window) { w.show(0); w.ports.Search() }},
	{fyne.KeyK, func(w *Window) { w.show(0); w.ports.GoTo() }},
	{fyne.KeyD, func(w *Window) { w.explainSelected() }},
	{fyne.KeyComma, func(w *Window) { n := len(w.pages) - 1; w.show(n); w.pages[n].focus() }},
	{fyne.KeyQ, func(w *Window) { w.saveState(); w.act.Quit() }},
	{fyne.KeyW, func(w *Window) { w.saveState(); w.act.CloseWindow() }},
	{fyne.Key1, func(w *Window) { w.show(0); w.pages[0].focus() }},
	{fyne.Key2, func(w *Window) { w.show(1); w.pages[1].focus() }},
	{fyne.Key3, func(w *Window) { w.show(2); w.pages[2].focus() }},
}

// explainSelected asks why the port of the selected row can't be had; from any
// other page, or without a row, it only goes to where that is asked.
func (w *Window) explainSelected() {
	if r := w.ports.Current(); r != nil && r.Endpoint != nil && w.rail.chosen == pagePorts {
		w.Explain(r.ID.Addr.Port(), r.ID.Proto)
		return
	}
	w.Explain(0, 0)
}

func (b binding) shortcut() fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: b.key, Modifier: fyne.KeyModifierShortcutDefault}
}

// shortcuts hears them on the canvas. A widget that takes shortcuts itself
// gets them instead: those of ours pass them on to shortcut.
func (w *Window) shortcuts() {
	c := w.win.Canvas()
	for _, b := range bindings {
		c.AddShortcut(b.shortcut(), func(fyne.Shortcut) { w.run(b) })
	}
	c.SetOnTypedRune(func(r rune) {
		if r == '/' && w.rail.chosen == 0 {
			w.ports.Search()
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyDown, fyne.KeyUp, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeyPageUp, fyne.KeyEscape:
			w.pages[w.rail.chosen].focus()
		case fyne.KeyDelete: // after a click nothing has the keyboard
			if w.rail.chosen == pagePorts && c.Overlays().Top() == nil {
				w.ports.Free(false)
			}
		}
	})
}

func (w *Window) shortcut(s fyne.Shortcut) {
	for _, b := range bindings {
		if b.shortcut().ShortcutName() == s.ShortcutName() {
			w.run(b)
			return
		}
	}
}

// run does not act behind a question that is being asked.
func (w *Window) run(b binding) {
	if w.win.Canvas().Overlays().Top() == nil {
		b.do(w)
	}
}
