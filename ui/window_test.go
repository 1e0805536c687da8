package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	fynetest "fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

func (s *stage) ctrl(k fyne.KeyName) {
	sc := &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}
	// As Fyne's desktop driver does: a widget that takes shortcuts gets them
	// in place of the window.
	if f, ok := s.win.Canvas().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(sc)
		return
	}
	s.shortcut(sc) // the test canvas keeps no shortcuts
}

// rows are the local addresses shown.
func (s *stage) rows() (out []string) {
	for _, r := range s.ports.Rows() {
		out = append(out, r.Proto+" "+r.Local)
	}
	return out
}

func TestTypingFiltersAtOnceAndEscTakesItBack(t *testing.T) {
	s := open(t, "en", theme.Light)
	all := len(s.rows())
	s.write("/") // from wherever the keyboard is
	s.write("3000")
	if got, want := fmt.Sprint(s.rows()), "[tcp 0.0.0.0:3000]"; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
	s.press(fyne.KeyEscape)
	if got := len(s.rows()); got != all {
		t.Errorf("%d rows after Esc, want all %d", got, all)
	}
	s.write("no such thing at all")
	s.press(fyne.KeyEscape, fyne.KeyEscape) // empty the box, leave it
	if f := s.win.Canvas().Focused(); f == nil || s.ports.Current() == nil {
		t.Errorf("after leaving the box: focus %T, row %v", f, s.ports.Current())
	}
}

func TestAMistakeInTheFilterIsALineAndTheRowsStay(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ports.Search()
	s.write("3000-2")
	if got := fmt.Sprint(s.rows()); got != "[tcp 0.0.0.0:3000]" {
		t.Errorf("rows %s, want those of the last filter that could be read", got)
	}
	if got := s.ports.Mistake(); !strings.Contains(got, "backwards") {
		t.Errorf("the line says %q", got)
	}
	if s.win.Canvas().Overlays().Top() != nil {
		t.Error("a mistake opened a dialog")
	}
	s.press(fyne.KeyEscape)
	if got := s.ports.Mistake(); got != "" {
		t.Errorf("the line still says %q", got)
	}
}

func TestAMistakeIsAllThatIsSaidOfAFilter(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ports.Search()
	for _, wrong := range []string{"port:70000", "proto:tpc", "kubernetes proto:tpc", "kubernetes \"un"} {
		s.write(wrong) // on the way to it some filters match nothing
		if n, title := len(s.rows()), s.ports.StateTitle(); n == 0 || title != "" {
			t.Errorf("%s: %d rows and %q, want rows and nothing in their place", wrong, n, title)
		}
		s.press(fyne.KeyEscape)
		if q := s.ports.StateTitle(); q != "" || len(s.rows()) < 5 {
			t.Errorf("after %s was taken back: %d rows, %q", wrong, len(s.rows()), q)
		}
		s.ports.Search()
	}
	s.write("kubernetes")
	if got := s.ports.StateTitle(); got != "Nothing matches “kubernetes”" {
		t.Errorf("of a filter that matches nothing it says %q", got)
	}
}

func TestTheSelectionAndItsDetailsFollowTheRowThroughUpdates(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:8000"))
	s.Apply(change(s)) // one row more above, one less
	if r := s.ports.Current(); r == nil || r.Port != "8000" {
		t.Fatalf("selected %v, want port 8000", r)
	}
	if n := len(s.act.stories); n < 2 || s.act.stories[n-1] != key("0.0.0.0:8000") {
		t.Errorf("stories asked for: %v", s.act.stories)
	}
	gone := *s.last
	gone.Endpoints = slices.DeleteFunc(slices.Clone(gone.Endpoints), func(e monitor.Endpoint) bool { return e.Addr.Port() == 8000 })
	s.Apply(monitor.Update{Snapshot: &gone, Changes: monitor.Diff(s.last, &gone)})
	if got := s.ports.Note(); !strings.Contains(got, "no longer open") {
		t.Errorf("the details say %q of a port that has closed", got)
	}
}

func TestRowsThatComeAndGoAreTintedForAMoment(t *testing.T) {
	s := open(t, "en", theme.Light)
	before := len(s.rows())
	s.Apply(change(s))
	tints := func() (out []string) {
		for _, r := range s.ports.Rows() {
			if c := s.ports.Tint(&r); c != "" {
				out = append(out, r.Local+" "+string(c))
			}
		}
		return out
	}
	if got, want := fmt.Sprint(tints()), "[127.0.0.1:631 portlightRemoved [::]:3001 portlightAdded]"; got != want {
		t.Errorf("tinted %s, want %s", got, want)
	}
	s.now = s.now.Add(3500 * time.Millisecond)
	s.Tick()
	if got, want := fmt.Sprint(tints()), "[[::]:3001 portlightAdded]"; got != want {
		t.Errorf("tinted %s after 3.5 s, want %s", got, want)
	}
	if got := len(s.rows()); got != before {
		t.Errorf("%d rows, want %d: the one that closed is to go", got, before)
	}
	s.now = s.now.Add(time.Second)
	s.Tick()
	if got := tints(); len(got) != 0 {
		t.Errorf("still tinted after 4.5 s: %v", got)
	}
}

func TestHidingTheSystemIsCountedAndOneClickAway(t *testing.T) {
	s := open(t, "en", theme.Light)
	all := len(s.rows())
	s.SetSettings(with(s.settings, func(x *Settings) { x.HideSystem = true; x.Ignore = []string{"port:3000"} }))
	hidden := all - len(s.rows())
	if hidden < 5 {
		t.Fatalf("%d rows hidden, want the system's and port 3000", hidden)
	}
	if got, want := s.ports.HiddenText(), fmt.Sprintf("%d hidden · show", hidden); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	s.ports.ToggleHidden()
	if got := len(s.rows()); got != all {
		t.Errorf("%d rows shown, want all %d", got, all)
	}
	s.ports.ToggleHidden()
	// What a toast points to is shown, hidden or not.
	if !s.SelectEndpoint(key("0.0.0.0:3000")) || s.ports.Current() == nil || s.ports.Current().Port != "3000" {
		t.Errorf("selected %v, want the ignored port 3000", s.ports.Current())
	}
}

func with(s Settings, f func(*Settings)) Settings { f(&s); return s }

func TestConnectionsAreReadOnlyWhileSomebodyLooks(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000")) // peers are connections
	s.Hide()
	s.Show()
	s.show(2) // another page
	if got, want := fmt.Sprint(s.act.log), "[connections true connections false connections true connections false]"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestGoingToAPort(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ports.Search() // an entry has the keyboard: it lets the shortcut through
	s.ctrl(fyne.KeyK)
	s.write("5999")
	s.press(fyne.KeyReturn)
	if s.win.Canvas().Overlays().Top() == nil {
		t.Fatal("the box closed though nothing holds the port")
	}
	s.press(fyne.KeyEscape)
	s.ctrl(fyne.KeyK)
	s.write("5432")
	s.press(fyne.KeyReturn)
	if r := s.ports.Current(); r == nil || r.Port != "5432" {
		t.Errorf("selected %v, want port 5432", r)
	}
	if s.win.Canvas().Overlays().Top() != nil {
		t.Error("the box is still open")
	}
}

func TestEverySettingAppliesAtOnceAndIsSaved(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ctrl(fyne.KeyComma)
	s.prefs.Interval().SetText("2500ms")
	if n := len(s.act.saved); n == 0 || s.act.saved[n-1].Interval != 2500*time.Millisecond {
		t.Fatalf("saved %v", s.act.saved)
	}
	n := len(s.act.saved)
	s.prefs.Interval().SetText("5 parsecs")
	if len(s.act.saved) != n || s.settings.Interval != 2500*time.Millisecond {
		t.Error("a wrong interval was taken")
	}
	if got := s.prefs.IntervalMistake(); got == "" || s.prefs.Interval().Text != "5 parsecs" {
		t.Errorf("it says %q of %q", got, s.prefs.Interval().Text)
	}
	dark := s.app.Settings().Theme().Color("background", 0)
	s.SetSettings(with(s.settings, func(x *Settings) { x.Theme = settings.ThemeDark }))
	if s.app.Settings().Theme().Color("background", 0) == dark {
		t.Error("the theme did not change")
	}
	if s.prefs.Interval().Text != "5 parsecs" {
		t.Errorf("what was being typed was lost: %q", s.prefs.Interval().Text)
	}
}

func TestAnotherLanguageIsSpokenAtOnceOnTheSamePage(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.act.language = func(l settings.Language) { uitest.Speak(t, string(l)) }
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.show(2)
	s.edit(func(x *Settings) { x.Language = settings.LanguageChinese })
	if got := s.pages[0].name; got != "端口" {
		t.Errorf("the first page is called %q", got)
	}
	if s.rail.chosen != 2 {
		t.Error("the window went to another page")
	}
	if got, want := fmt.Sprint(s.act.log[:2]), "[connections true connections false]"; got != want {
		t.Errorf("asked for %s, want %s: the old page lets go", got, want)
	}
	if len(s.rows()) == 0 {
		t.Error("the rows are gone")
	}
}

func TestTheKeyboardGetsEverywhere(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	seen := map[string]bool{}
	c := s.win.Canvas()
	c.Unfocus()
	for range 40 {
		c.FocusNext()
		if f := c.Focused(); f != nil {
			seen[strings.TrimPrefix(fmt.Sprintf("%T", f), "*")] = true
		}
	}
	for _, want := range []string{"ui.rail", "parts.Search", "parts.Segment", "widget.Check", "parts.Button", "parts.Link"} {
		if !seen[want] {
			t.Errorf("Tab never gets to %s, only to %v", want, seen)
		}
	}
	table := false
	for name := range seen {
		table = table || strings.HasPrefix(name, "table.Table")
	}
	if !table {
		t.Errorf("Tab never gets to the table, only to %v", seen)
	}
}

func TestHowTheWindowWasLeftIsHowItOpens(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ports.SortBy("process")
	s.ports.SortBy("process")
	s.win.Resize(fyne.NewSize(1000, 700))
	s.Hide()
	again := New(s.app, s.act, s.opt)
	defer again.win.Close()
	again.Apply(monitor.Update{Snapshot: uitest.Machine(), Baseline: true})
	if id, desc := again.ports.Sort(); id != "process" || !desc {
		t.Errorf("sorted by %s, descending: %v", id, desc)
	}
	if got := again.win.Canvas().Size(); got != fyne.NewSize(1000, 700) {
		t.Errorf("size %v", got)
	}
}

func TestNoTrayIsToldOnceEver(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SayNoTray(func() { s.act.note("first") })
	if s.win.Canvas().Overlays().Top() == nil || len(s.act.log) != 0 {
		t.Fatalf("not told, or gone on at once: %v", s.act.log)
	}
	s.SayNoTray(func() { s.act.note("second") })
	if got := fmt.Sprint(s.act.log); got != "[second]" {
		t.Errorf("log %s, want the second at once", got)
	}
}

func TestAnErrorOfTheEngineIsShownUntilTheNextSnapshot(t *testing.T) {
	s := open0(t, "en", theme.Light)
	s.ShowProblem(ProblemEngine, errors.New("netlink: operation not permitted"))
	if got := s.ports.StateTitle(); got != "The ports can't be read" {
		t.Errorf("it says %q", got)
	}
	s.Apply(monitor.Update{Snapshot: uitest.Machine(), Baseline: true})
	if got := s.ports.StateTitle(); got != "" {
		t.Errorf("it still says %q", got)
	}
}

func TestTheHeaderSaysWhichColumnsThereIsNoRoomFor(t *testing.T) {
	s := open(t, "en", theme.Light)
	left := func() (out []string) {
		for _, c := range s.State().Columns {
			if c.Width == 0 {
				out = append(out, c.ID)
			}
		}
		return out
	}
	if got := left(); len(got) > 0 {
		t.Fatalf("at 1280 pixels there is no room for %v", got)
	}
	s.SelectEndpoint(key("0.0.0.0:3000"))
	if got := fmt.Sprint(left()); got != "[user since command]" {
		t.Fatalf("with details there is no room for %s", got)
	}
	fynetest.TapCanvas(s.win.Canvas(), fyne.NewPos(880, 63)) // "+3"
	s.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)      // past its title
	if by, _ := s.ports.Sort(); by != "user" {
		t.Errorf("sorted by %s, want the first column left out", by)
	}
}

func TestNoColumnIsClippedInAWindowOf1280By800(t *testing.T) {
	for _, language := range []string{"en", "zh"} {
		s := open(t, language, theme.Light)
		check := func(when string) {
			if over := s.ports.TableOverflow(); over > 0 {
				t.Errorf("%s, %s: the columns are %v too wide", language, when, over)
			}
			for _, c := range s.State().Columns {
				if c.Clipped {
					t.Errorf("%s, %s: the column %s is %v wide, what is in it needs %v", language, when, c.ID, c.Width, c.Needs)
				}
			}
		}
		check("at first")
		s.SelectEndpoint(key("0.0.0.0:3000"))
		check("with details")
		s.win.Canvas().Focus(s.ports.Mode())
		s.press(fyne.KeyRight)
		check("with connections and details")
	}
}

func BenchmarkKeystroke(b *testing.B) {
	s := open0(b, "en", theme.Light)
	s.Apply(monitor.Update{Snapshot: uitest.Many(25_000), Baseline: true})
	s.ports.Search()
	box := s.win.Canvas().Focused()
	b.ReportAllocs()
	for b.Loop() {
		box.TypedRune('7')
		s.win.Canvas().Capture()
		box.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
		s.win.Canvas().Capture()
	}
}

func BenchmarkIdle(b *testing.B) {
	s := open(b, "en", theme.Light)
	for b.Loop() {
		next := *s.last
		next.Seq++
		s.Apply(monitor.Update{Snapshot: &next})
	}
}
