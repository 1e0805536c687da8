//go:build cgo

package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/autostart"
	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/ui"
	"github.com/portlight-app/portlight/ui/ports"
	"github.com/portlight-app/portlight/ui/settings"
)

var _ ui.Actions = (*face)(nil)

// OpenURL opens an address in the user's browser.
func (f *face) OpenURL(u *url.URL) {
	f.work.run(func() {
		if err := f.app.OpenURL(u); err != nil {
			f.problem(ui.ProblemBrowser, err)
		}
	})
}

// Reveal shows a file in the desktop's file manager.
func (f *face) Reveal(path string) {
	f.work.run(func() {
		ctx, cancel := context.WithTimeout(f.ctx, 5*time.Second)
		defer cancel()
		if err := reveal(ctx, path); err != nil {
			f.problem(ui.ProblemReveal, err)
		}
	})
}

// RequestStory asks for what only the kernel can add to an endpoint's story.
func (f *face) RequestStory(k monitor.Key) {
	if f.stories[k] {
		return
	}
	f.stories[k] = true
	f.work.run(func() {
		s := f.engine.Snapshot()
		var told *monitor.Story
		var routes []doctor.Route
		if s != nil {
			for _, story := range monitor.Who(s, k.Addr.Port()) {
				if story.Endpoint.Key == k {
					told = &story
				}
			}
			for _, sh := range monitor.Shadows(s) {
				if slices.Contains(sh.Keys, k) {
					routes = doctor.Routes(k.Proto, k.Addr.Port())
				}
			}
		}
		f.bridge.run(func() {
			delete(f.stories, k)
			if told != nil {
				f.win.ApplyStory(*told, routes)
			}
		})
	})
}

// WantConnections makes the engine read connections as well.
func (f *face) WantConnections(want bool) { f.engine.WantConnections(want) }

// Export writes rows to a file.
func (f *face) Export(e ports.Export) {
	f.work.run(func() {
		var err error
		switch e.Format {
		case ports.CSV:
			err = export.CSV(e.To, e.Rows)
		default:
			err = export.WriteJSON(e.To, e.Rows.Taken, export.Items(e.Rows), e.Rows.Warnings)
		}
		if err = errors.Join(err, e.To.Close()); err != nil {
			f.problem(ui.ProblemExport, fmt.Errorf("%s: %w", e.Name, err))
		}
	})
}

// SaveSettings puts settings in effect and keeps them.
func (f *face) SaveSettings(s settings.Settings) {
	f.settings = mergeSettings(f.settings, s)
	kept := f.settings
	f.attention.set(func(a *attention) { a.settings = kept })
	f.pace()
	f.saver.save(kept)
}

// write keeps settings; it is the saver's.
func (f *face) write(s config.Settings) {
	if err := startAtLogin(s.StartAtLogin, s.StartMinimised, f.flags.config); err != nil {
		f.problem(ui.ProblemLogin, err)
	}
	if f.file == nil {
		f.problem(ui.ProblemSave, errors.New(lang.X("app.config.none", "no folder for settings")))
		return
	}
	_, err := f.file.Update(context.WithoutCancel(f.ctx), func(now *config.Settings) { *now = s })
	if err != nil && !errors.Is(err, config.ErrRewritten) {
		f.problem(ui.ProblemSave, errors.New(configMessage(err)))
	}
}

// startAtLogin changes the system's entry where it isn't as wished.
func startAtLogin(want, minimised bool, configFile string) error {
	if !autostart.Supported() {
		if want {
			return autostart.ErrUnsupported
		}
		return nil
	}
	if !want {
		return autostart.Remove()
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return autostart.Set(autostart.Entry{Program: windowProgram(program), Args: windowFlags{minimised, configFile}.args()})
}

// PauseNotifications silences toasts.
func (f *face) PauseNotifications(paused bool) {
	f.attention.set(func(a *attention) { a.paused = paused })
}

// SetLanguage loads that language's texts.
func (f *face) SetLanguage(l settings.Language) {
	if err := loadTranslations(config.Language(l)); err != nil {
		complain(os.Stderr, err)
	}
	f.attention.set(func(*attention) {}) // the tray speaks it too
}

// CloseWindow hides the window where the tray can bring it back.
func (f *face) CloseWindow() {
	f.work.run(func() {
		there := f.trayHost()
		f.mu.Lock()
		there = there && f.tray != nil
		f.mu.Unlock()
		f.bridge.run(func() {
			if there {
				f.hide()
				return
			}
			f.win.SayNoTray(f.Quit)
		})
	})
}

// Quit ends the program.
func (f *face) Quit() { f.cancel() }

// problem tells of something that went wrong. It may be called from any
// goroutine.
func (f *face) problem(code ui.ProblemCode, err error) {
	f.bridge.run(func() { f.win.ShowProblem(code, err) })
}
