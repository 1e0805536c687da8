package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/portlight-app/portlight/ui/theme"
)

// choose takes the nth item of the context menu of the row that is selected.
func (s *stage) choose(n int) {
	s.press(desktop.KeyMenu)
	for range n {
		s.press(fyne.KeyDown)
	}
	s.press(fyne.KeyReturn)
}

func TestTheContextMenuWorksByKeyboard(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.choose(1)
	if got, want := s.act.log[len(s.act.log)-1], "open http://127.0.0.1:3000/"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
	s.ports.FocusTable()
	s.choose(7)
	if got, want := s.app.Clipboard().Content(), "1 endpoints"; got != want {
		t.Errorf("copied %q, want the JSON of one endpoint", got)
	}
	s.ports.FocusTable()
	s.choose(9)
	if n := len(s.act.saved); n == 0 || fmt.Sprint(s.act.saved[n-1].Ignore) != "[port:3000 proto:tcp]" {
		t.Fatalf("saved %v, want port 3000 ignored", s.act.saved)
	}
	for _, r := range s.rows() {
		if strings.HasSuffix(r, ":3000") {
			t.Errorf("%s is shown though it is ignored", r)
		}
	}
}

func TestAProgramIsIgnoredByItsMenu(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.choose(10)
	if n := len(s.act.saved); n == 0 || fmt.Sprint(s.act.saved[n-1].Ignore) != "[process:node]" {
		t.Fatalf("saved %v, want the program ignored", s.act.saved)
	}
	for _, r := range s.ports.Rows() {
		if r.Process == "node" {
			t.Errorf("%s is shown though its program is ignored", r.Local)
		}
	}
	if got := s.ports.HiddenText(); !strings.Contains(got, "hidden") {
		t.Errorf("what is left out is not counted: %q", got)
	}
}

func TestCtrlCCopiesTheRowAsShown(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("127.0.0.1:5432"))
	s.win.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutCopy{})
	got := s.app.Clipboard().Content()
	if !strings.HasPrefix(got, "postgres\t\t5432\ttcp\t127.0.0.1\tthis machine\tlistening\t1890") {
		t.Errorf("copied %q", got)
	}
}
