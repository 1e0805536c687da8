//go:build cgo

package app

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/autostart"
	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/app/control"
	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/app/quiet"
	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/ui"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/notify"
	"github.com/portlight-app/portlight/ui/tray"
)

// face is the window with everything behind it. It answers the window's
// wishes (ui.Actions, on Fyne's goroutine) with goroutines of its own, and
// speaks to the window through the bridge alone.
type face struct {
	freeing.Actions // the attempts'
	attempts        *attempts
	names           *containers.Engine

	app       fyne.App
	win       *ui.Window // Fyne's goroutine only
	bridge    *bridge
	engine    *monitor.Monitor
	attention *attention
	notifier  notify.Notifier
	server    *control.Server // nil where there is no place for one
	file      *config.File    // nil where there is no place for settings
	flags     windowFlags

	ctx    context.Context // ends with the program
	cancel context.CancelFunc
	work   workers
	ended  chan struct{} // closed when all but Fyne has ended

	startMinimised bool // the setting as it was at the start

	// Fyne's goroutine only:
	settings config.Settings
	saver    saver
	visible  bool
	applied  time.Time            // when the window got its last update
	stories  map[monitor.Key]bool // asked for and not answered
	pulse    context.CancelFunc   // stops the ticks; nil while hidden
	// examining gives up the question that is being examined.
	examining context.CancelFunc

	mu   sync.Mutex
	tray tray.Tray // nil until it is shown
}

func newFace(ctx context.Context, a fyne.App, server *control.Server, flags windowFlags, l loaded) *face {
	ctx, cancel := context.WithCancel(ctx)
	f := &face{
		app: a, server: server, file: l.file, flags: flags, settings: l.now, startMinimised: l.now.StartMinimised,
		ctx: ctx, cancel: cancel, ended: make(chan struct{}), stories: make(map[monitor.Key]bool),
	}
	f.names = containers.New(func() { f.engine.Wake() })
	f.engine = monitor.New(monitor.Options{Interval: l.now.Interval, Containers: f.names})
	f.bridge = newBridge(func(u monitor.Update) {
		f.applied = time.Now()
		f.win.Apply(u)
	})
	f.attempts = &attempts{
		ctx: ctx, start: f.work.run, plan: f.plan, ask: elevate.Run, after: func() { f.engine.Wake() },
		report: func(a freeing.Attempt) { f.bridge.run(func() { f.win.ReportAttempt(a) }) },
		held:   func(h []freeing.Held) { f.bridge.run(func() { f.win.SetHeld(h) }) },
	}
	f.Actions = f.attempts
	// The first reading is under way while the window is built.
	updates := f.engine.Subscribe()
	f.work.run(f.poll)
	f.work.run(func() { f.names.Run(ctx) })

	f.notifier = notify.New(notify.Options{
		OnClick:   func(k monitor.Key) { f.bridge.run(func() { f.open(k) }) },
		OpenLabel: lang.X("app.toast.open", "Show"),
		Send: func(title, body string) {
			f.bridge.run(func() { a.SendNotification(fyne.NewNotification(title, body)) })
		},
	})
	f.attention = newAttention(updates, f.bridge.put, f.notifier, f.settings)
	f.saver = saver{start: f.work.run, write: f.write}

	host := f.trayHost()
	if on, err := autostart.Enabled(); err == nil {
		f.settings.StartAtLogin = on // the system's own switch may differ
	}
	f.win = ui.New(a, f, ui.Options{
		Settings:  windowSettings(f.settings),
		Ephemeral: f.attention.surround.ephemeral,
		Self:      f.attention.surround.self,
		JSON:      export.JSON,
		Tray:      host,
		Login:     autostart.Supported(),
		Version:   version(),
	})
	f.win.Fyne().SetIcon(fyne.NewStaticResource("portlight.png", assets.App256))
	if !f.hidden() {
		f.show()
	}
	if l.err != nil {
		f.win.ShowProblem(ui.ProblemSettingsFile, errors.New(configMessage(l.err)))
	}
	f.work.run(func() { f.attention.run(ctx) })
	if f.file != nil {
		watch := newFileWatch(f.file.Path())
		f.work.run(func() { f.follow(watch) })
	}
	return f
}

// poll runs the engine. That it can't read this system's sockets is shown and
// ends nothing else.
func (f *face) poll() {
	if err := f.engine.Run(f.ctx); err != nil {
		f.attention.set(func(a *attention) { a.err = err })
		f.bridge.run(func() { f.win.ShowProblem(ui.ProblemEngine, err) })
	}
}

// started is called by Fyne when its loop runs.
func (f *face) started() {
	if f.server != nil {
		f.server.Serve(f.handlers())
	}
	f.work.run(f.startTray)
	f.work.run(f.giveBack)
	f.ownSignals()
	// Fyne asks for the signals on a goroutine of its own, perhaps only now.
	time.AfterFunc(time.Second, f.ownSignals)
	go f.finish()
}

// giveBack returns to the system, once, what starting needed and staying
// doesn't: parsing fonts and drawing the first frame leave tens of megabytes
// that Go would keep in reserve.
func (f *face) giveBack() {
	const settled = 5 * time.Second
	select {
	case <-f.ctx.Done():
	case <-time.After(settled):
		debug.FreeOSMemory()
	}
}

// ownSignals takes the signals back from Fyne, which would leave its loop at
// once while the engine still works for it.
func (f *face) ownSignals() {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	ctx, stop := signal.NotifyContext(f.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second one ends the program at once
		f.cancel()
	})
}

// finish ends everything in order once ctx has ended: the engine and what
// else works for us, then what shows it, then Fyne.
func (f *face) finish() {
	<-f.ctx.Done()
	f.work.end()
	f.attempts.quit()
	patience, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	f.mu.Lock()
	t := f.tray
	f.mu.Unlock()
	if t != nil {
		_ = t.Stop(patience) // a tray that hangs holds nobody up
	}
	_ = f.notifier.Close()
	if f.server != nil {
		_ = f.server.Close()
	}
	close(f.ended)
	f.bridge.finish(f.quit)
}

// quit ends Fyne's loop. A signal that reached Fyne before us has ended it
// already; then fyne.Do runs this on our goroutine, and closing the windows
// of a library that was shut down panics. There is nothing left to end.
func (f *face) quit() {
	defer func() { _ = recover() }()
	quiet.Hush()
	f.app.Quit()
}

// show shows the window, and lets time pass in it.
func (f *face) show() {
	f.win.Show()
	f.visible = true
	f.attention.set(func(a *attention) { a.changed, a.warning = false, false })
	f.pace()
	if f.pulse != nil {
		return
	}
	ctx, stop := context.WithCancel(f.ctx)
	f.pulse = stop
	f.work.run(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f.bridge.tick(f.tick)
			}
			if n%orphansEvery == 0 {
				f.lookForOrphans()
			}
		}
	})
}

// orphansEvery is after how many seconds servers that were left behind are
// looked for again.
const orphansEvery = 4

// lookForOrphans tells the window of servers that have lost what they were
// started from.
func (f *face) lookForOrphans() {
	if s := f.engine.Snapshot(); s != nil {
		groups := monitor.Orphans(s, alive)
		f.bridge.run(func() { f.win.SetOrphans(groups) })
	}
}

// tick lets time pass in the window, which an update does as well.
func (f *face) tick() {
	if time.Since(f.applied) > 1500*time.Millisecond {
		f.win.Tick()
	}
}

// hide leaves the tray icon only.
func (f *face) hide() {
	f.win.Hide()
	f.visible = false
	if f.pulse != nil {
		f.pulse()
		f.pulse = nil
	}
	f.pace()
}

// raise brings the window in front, as far as the desktop lets us.
func (f *face) raise() {
	f.show()
	f.win.Raise()
}

// open shows an endpoint's row; the zero key only the window.
func (f *face) open(k monitor.Key) {
	f.raise()
	if k != (monitor.Key{}) {
		f.win.SelectEndpoint(k)
	}
}

// idleInterval is how often the ports are read while nobody can see them and
// nobody is to be told; the tray's menu is no older.
const idleInterval = 5 * time.Second

// pace sets how often the engine polls.
func (f *face) pace() {
	interval := f.settings.Interval
	if !f.visible && !f.settings.Notifications.Enabled {
		interval = max(interval, idleInterval)
	}
	f.engine.SetInterval(interval)
}
