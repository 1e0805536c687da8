package ui

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
	"github.com/portlight-app/portlight/ui/view"
)

// fake writes down what the window asks for.
type fake struct {
	log      []string
	saved    []Settings
	stories  []monitor.Key
	exported []Export
	language func(settings.Language)
}

func (f *fake) note(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

func (f *fake) Stop(t Target)              { f.note("stop %s %d on %v", t.Name, t.Process.PID, t.Key.Addr) }
func (f *fake) Force(t Target)             { f.note("force %s %d", t.Name, t.Process.PID) }
func (f *fake) OpenURL(u *url.URL)         { f.note("open %s", u) }
func (f *fake) Reveal(path string)         { f.note("reveal %s", path) }
func (f *fake) RequestStory(k monitor.Key) { f.stories = append(f.stories, k) }
func (f *fake) WantConnections(want bool)  { f.note("connections %v", want) }
func (f *fake) Export(e Export)            { f.exported = append(f.exported, e) }
func (f *fake) SaveSettings(s Settings)    { f.saved = append(f.saved, s) }
func (f *fake) PauseNotifications(p bool)  { f.note("pause %v", p) }
func (f *fake) CloseWindow()               { f.note("close") }
func (f *fake) Quit()                      { f.note("quit") }
func (f *fake) SetLanguage(l settings.Language) {
	f.note("language %s", l)
	if f.language != nil {
		f.language(l)
	}
}

// stage is a window on the made-up machine.
type stage struct {
	*Window
	act *fake
	now time.Time
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
		Protected: func(p *process.Process) process.Protection {
			return map[int32]process.Protection{1201: process.ProtectedCritical}[p.PID]
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
