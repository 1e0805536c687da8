package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	pt "github.com/portlight-app/portlight/ui/theme"
)

// Search is a box to type a filter into. Unlike Fyne's entry it lets the
// shortcuts through that it has no use for.
type Search struct {
	widget.Entry
	// Leave is called on Enter and Down: the way to what was found. Escape
	// is called on Esc in an empty box; in another it empties the box.
	Leave, Escape func()
	// Shortcut is called with shortcuts of the window's.
	Shortcut func(fyne.Shortcut)

	clear       *mark
	hint, short string
}

// NewSearch returns an empty box that shows the hint, or where that is too
// long the short one: Fyne would have it scrolled.
func NewSearch(hint, short string, changed func(string)) *Search {
	s := &Search{hint: hint, short: short}
	s.Wrapping = fyne.TextWrapOff
	s.Scroll = fyne.ScrollHorizontalOnly
	s.PlaceHolder = hint
	s.Icon = pt.Icon("search").Resource(pt.ColorMuted)
	s.clear = newMark("close", func() { s.SetText("") })
	s.clear.Hide()
	s.ActionItem = s.clear
	s.OnChanged = func(text string) {
		s.clear.Hidden = text == ""
		s.clear.Refresh()
		changed(text)
	}
	s.ExtendBaseWidget(s)
	return s
}

// Resize shows the hint that fits.
func (s *Search) Resize(size fyne.Size) {
	th := s.Theme()
	hint := s.hint
	room := size.Width - 2*th.Size(theme.SizeNameInlineIcon) - 6*th.Size(theme.SizeNameInnerPadding)
	if fyne.MeasureText(hint, th.Size(theme.SizeNameText), s.TextStyle).Width > room {
		hint = s.short
	}
	s.Entry.Resize(size)
	if hint != s.PlaceHolder {
		s.SetPlaceHolder(hint)
	}
}

// Retheme draws the icons in the colours in force.
func (s *Search) Retheme() {
	s.SetIcon(pt.Icon("search").Resource(pt.ColorMuted))
}

// mark is an icon to be clicked within an entry, where Esc does the same.
type mark struct {
	Drawing
	tapped func()
}

func newMark(icon pt.Icon, tapped func()) *mark {
	m := &mark{tapped: tapped}
	m.icon, m.color, m.size, m.image = icon, pt.ColorMuted, 16, &canvas.Image{FillMode: canvas.ImageFillContain}
	m.ExtendBaseWidget(m)
	return m
}

// Tapped does what the mark is for.
func (m *mark) Tapped(*fyne.PointEvent) { m.tapped() }

// Cursor is the default one, not the entry's.
func (m *mark) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// Focus puts the keyboard into the box, with all of its text selected.
func (s *Search) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s); c != nil {
		c.Focus(s)
		s.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// TypedKey leaves the box or empties it; the rest is the entry's.
func (s *Search) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		if s.Leave != nil {
			s.Leave()
		}
	case fyne.KeyEscape:
		switch {
		case s.Text != "":
			s.SetText("")
		case s.Escape != nil:
			s.Escape()
		}
	default:
		s.Entry.TypedKey(e)
	}
}

// TypedRune types; the key that leads into the box is no text at its beginning.
func (s *Search) TypedRune(r rune) {
	if r != '/' || s.Text != "" {
		s.Entry.TypedRune(r)
	}
}

// TypedShortcut keeps the editing ones and passes on the rest.
func (s *Search) TypedShortcut(sc fyne.Shortcut) {
	if isEditing(sc) {
		s.Entry.TypedShortcut(sc)
	} else if s.Shortcut != nil {
		s.Shortcut(sc)
	}
}
