package ui

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
	"github.com/portlight-app/portlight/ui/view"
)

// fake writes down what the window asks for.
type fake struct {
	log      []string
	seen     []process.Identity // by who wanted a port to be free
	saved    []Settings
	stories  []monitor.Key
	exported []Export
	language func(settings.Language)
}

func (f *fake) note(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

func (f *fake) Free(id freeing.ID, aim free.Aim, seen []process.Identity, ask bool) {
	f.seen = seen
	f.note("free %d: port %d%s, ask %v", id, aim.Port, named(aim), ask)
}
func (f *fake) Run(id freeing.ID, o free.Order) {
	f.note("run %d: choice %d, force %v, hold %v", id, o.Choice, o.Force, o.Hold)
}
func (f *fake) DontForce(id freeing.ID)            { f.note("don't force %d", id) }
func (f *fake) ForceNow(id freeing.ID)             { f.note("force now %d", id) }
func (f *fake) Discard(id freeing.ID)              { f.note("discard %d", id) }
func (f *fake) AskPermission(id freeing.ID, c int) { f.note("permission %d: choice %d", id, c) }
func (f *fake) Release(id freeing.ID)              { f.note("release %d", id) }
func (f *fake) Examine(q doctor.Question) {
	f.note("examine %s %d %v, reach %v", q.Proto, q.Port, q.Addr, q.Reach)
}
func (f *fake) StopExamining()                  { f.note("stop examining") }
func (f *fake) Disconnect(c monitor.Connection) { f.note("disconnect %v %v", c.Local, c.Remote) }
func (f *fake) OpenURL(u *url.URL)              { f.note("open %s", u) }
func (f *fake) Reveal(path string)              { f.note("reveal %s", path) }
func (f *fake) RequestStory(k monitor.Key)      { f.stories = append(f.stories, k) }
func (f *fake) WantConnections(want bool)       { f.note("connections %v", want) }
func (f *fake) Export(e Export)                 { f.exported = append(f.exported, e) }
func (f *fake) SaveSettings(s Settings)         { f.saved = append(f.saved, s) }
func (f *fake) PauseNotifications(p bool)       { f.note("pause %v", p) }
func (f *fake) CloseWindow()                    { f.note("close") }
func (f *fake) Quit()                           { f.note("quit") }
func (f *fake) SetLanguage(l settings.Language) {
	f.note("language %s", l)
	if f.language != nil {
		f.language(l)
	}
}

// named is what else an aim names.
func named(aim free.Aim) (s string) {
	if aim.Addr.IsValid() {
		s += " at " + aim.Addr.String()
	}
	if aim.Process.PID != 0 {
		s += fmt.Sprintf(" of %d", aim.Process.PID)
	}
	if aim.Restarter.PID != 0 {
		s += fmt.Sprintf(" with %d", aim.Restarter.PID)
	}
	return s
}

// last is what was asked for last.
func (f *fake) last() string {
	if len(f.log) == 0 {
		return ""
	}
	return f.log[len(f.log)-1]
}

// stage is a window on the made-up machine.
type stage struct {
	*Window
	act   *fake
	now   time.Time
	last1 freeing.Attempt // of the window's latest
}

func open(t testing.TB, language string, choice theme.Choice) *stage {
	s := open0(t, language, choice)
	s.Apply(monitor.Update{Snapshot: uitest.Machine(), Baseline: true})
	return s
}

// open0 opens a window before the first snapshot.
func open0(t testing.TB, language string, choice theme.Choice) *stage {
	t.Helper()
	a := uitest.App(t, language, choice)
	s := &stage{act: &fake{}, now: uitest.Now}
	set := settings.Default()
	set.Theme = settings.ThemeLight
	if choice == theme.Dark {
		set.Theme = settings.ThemeDark
	}
	s.Window = New(a, s.act, Options{
		Settings: set, Now: func() time.Time { return s.now }, Tray: true, Login: true, Version: "0.1.0",
		JSON: func(sn *monitor.Snapshot) ([]byte, error) {
			return fmt.Appendf(nil, "%d endpoints", len(sn.Endpoints)), nil
		},
		Ephemeral: view.PortRange{First: 32768, Last: 60999},
	})
	s.win.Resize(fyne.NewSize(1280, 800))
	s.Show()
	t.Cleanup(s.win.Close)
	return s
}

func (s *stage) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		if f := s.win.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: k})
		} else if h := s.win.Canvas().OnTypedKey(); h != nil {
			h(&fyne.KeyEvent{Name: k})
		}
	}
}

func (s *stage) write(text string) {
	if f := s.win.Canvas().Focused(); f != nil {
		test.Type(f, text)
	} else {
		for _, r := range text {
			s.win.Canvas().OnTypedRune()(r)
		}
	}
}
