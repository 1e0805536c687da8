//go:build cgo

package app

import (
	"context"
	"time"

	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/details"
	"github.com/portlight-app/portlight/ui/tray"
	"github.com/portlight-app/portlight/ui/view"
)

// trayHost reports whether somebody shows tray icons now.
func (f *face) trayHost() bool {
	ctx, cancel := context.WithTimeout(f.ctx, 500*time.Millisecond)
	defer cancel()
	return tray.HostAvailable(ctx)
}

// startTray shows the icon. At login the panel that hosts it may come up
// after us, so a start without a window waits for it before it shows one.
func (f *face) startTray() {
	f.attention.mu.Lock()
	now := f.attention.trayState()
	f.attention.mu.Unlock()
	first := tray.NewBuilder().Build(f.engine.Snapshot(), now)
	t, err := tray.Start(f.ctx, tray.Options{First: first, OnEvent: f.trayEvent, Do: f.bridge.run})
	if err == nil {
		f.mu.Lock()
		f.tray = t
		f.mu.Unlock()
		f.attention.set(func(a *attention) { a.tray = t })
	}
	if !f.hidden() {
		return
	}
	const patience, step = 10 * time.Second, 250 * time.Millisecond
	for waited := time.Duration(0); waited < patience && err == nil && !f.trayHost(); waited += step {
		select {
		case <-f.ctx.Done():
			return
		case <-time.After(step):
		}
	}
	if err != nil || !f.trayHost() {
		f.bridge.run(func() {
			if !f.visible {
				f.show()
			}
		})
	}
}

// hidden reports whether the program was started without a window.
func (f *face) hidden() bool { return f.flags.minimised || f.startMinimised }

// trayEvent is called on a goroutine of the tray's.
func (f *face) trayEvent(e tray.Event) {
	f.bridge.run(func() {
		switch e.Action {
		case tray.Open, tray.More:
			f.raise()
		case tray.Quit:
			f.Quit()
		case tray.Pause:
			f.pause()
		case tray.Browse:
			// The menu offers it only for what looks like a web server.
			if u := details.URL(e.Key, sockets.Listen, view.CategoryWeb); u != nil {
				f.OpenURL(u)
			}
		case tray.Copy:
			f.app.Clipboard().SetContent(e.Key.Addr.String())
		case tray.Free:
			f.raise()
			f.win.FreeEndpoint(e.Key, e.Holder)
		case tray.Why:
			f.raise()
			f.win.Explain(0, 0)
		}
	})
}

// pause turns toasts off until they are turned on again, or the program ends.
// Where the settings have them off, to turn them on changes the settings.
func (f *face) pause() {
	var paused bool
	f.attention.set(func(a *attention) {
		a.paused = !a.paused && a.settings.Notifications.Enabled
		paused = a.paused
	})
	f.win.SetPaused(paused)
	if !f.settings.Notifications.Enabled {
		s := f.settings
		s.Notifications.Enabled = true
		f.adopt(s)
		f.saver.save(s)
	}
}
