package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/ports"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/why"
)

// Window is the main window. All its methods belong to Fyne's goroutine.
type Window struct {
	app fyne.App
	win fyne.Window
	act Actions
	opt Options

	settings Settings
	last     *monitor.Snapshot
	paused   bool
	visible  bool

	desk     *freeing.Desk
	orphans  []monitor.OrphanGroup
	ports    *ports.Page
	why      *why.Page
	prefs    *settings.Page // nil until it is first looked at
	pages    []page
	rail     *rail
	content  *fyne.Container
	problem  *parts.Notice
	status   *statusbar
	failures string
}

// Keys of Fyne's preferences: how the window was left.
const (
	prefWidth  = "window.width"
	prefHeight = "window.height"
	prefNoTray = "window.no_tray_told"
)

// The size of a first start, and the least there is.
const (
	defaultWidth, defaultHeight = 1280, 800
	minWidth, minHeight         = 860, 520
)

// New builds the window without showing it. It applies the theme chosen in
// the settings; their language must be loaded already.
func New(a fyne.App, act Actions, opt Options) *Window {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Settings.Interval == 0 {
		opt.Settings = settings.Default()
	}
	w := &Window{app: a, win: a.NewWindow("Portlight"), act: act, opt: opt, settings: opt.Settings}
	w.win.SetPadded(false)
	w.desk = freeing.NewDesk(act, freeing.Options{
		Now: opt.Now, Canvas: w.win.Canvas, Copy: func(s string) { a.Clipboard().SetContent(s) }, Why: w.Explain, Changed: w.attempted,
	})
	w.applyTheme()
	w.build()
	prefs := a.Preferences()
	w.win.Resize(fyne.NewSize(
		float32(max(prefs.FloatWithFallback(prefWidth, defaultWidth), minWidth)),
		float32(max(prefs.FloatWithFallback(prefHeight, defaultHeight), minHeight))))
	w.win.SetCloseIntercept(func() {
		w.saveState()
		act.CloseWindow()
	})
	w.shortcuts()
	a.Settings().AddListener(func(fyne.Settings) { w.ports.Retheme(); w.why.Retheme() })
	return w
}

// build makes everything in the window, in the language in force.
func (w *Window) build() {
	if w.ports != nil {
		w.ports.SetVisible(false) // the page that is left wants nothing more
	}
	w.status = newStatusbar(w.win.Canvas, func() { w.setPaused(false); w.act.PauseNotifications(false) }, w.desk)
	w.status.setInterval(w.settings.Interval)
	w.problem = parts.NewNotice(true)
	w.ports = ports.New(w.act, ports.Options{
		Window: w.win, Prefs: w.app.Preferences(), Clipboard: w.app.Clipboard(), Now: w.opt.Now, JSON: w.opt.JSON,
		Desk: w.desk, Ephemeral: w.opt.Ephemeral, Self: w.opt.Self,
		Settings: w.settings, Edit: w.edit, Shortcut: w.shortcut, Why: w.Explain,
	})
	w.ports.SetOrphans(w.orphans)
	before := w.why
	w.why = why.New(w.act, why.Options{
		Now: w.opt.Now, Canvas: w.win.Canvas, Desk: w.desk, Copy: func(s string) { w.app.Clipboard().SetContent(s) },
		Shortcut: w.shortcut, Select: w.SelectEndpoint, Disconnect: w.act.Disconnect,
		Escape: func() { w.win.Canvas().Focus(w.rail) },
	})
	w.why.GoOn(before)
	w.prefs = nil
	w.pages = []page{
		{name: lang.X("window.page.ports", "Ports"), icon: "ports", object: w.ports.Object, focus: w.ports.Focus},
		{name: lang.X("window.page.why", "Why?"), icon: "why", object: w.why.Object, focus: w.why.Focus},
		{name: lang.X("window.page.settings", "Settings"), icon: "settings", bottom: true,
			object: func() fyne.CanvasObject { return w.preferences().Object() }, focus: func() { w.preferences().Focus() }},
	}
	w.rail = newRail(w.pages, w.show, func() { w.pages[w.rail.chosen].focus() })
	w.content = container.NewStack(w.ports.Object())
	middle := container.New(belowNotice{}, w.problem, w.content)
	w.win.SetContent(container.New(frame{}, w.rail, middle, w.status.root))
	w.setPaused(w.paused)
	w.ports.SetVisible(w.visible)
	if w.last != nil {
		w.ports.Apply(monitor.Update{Snapshot: w.last})
		w.status.apply(w.last, w.opt.Now())
	}
	if w.failures != "" {
		w.ports.Fail(w.failures)
	}
}

// preferences is the settings page, built when it is first looked at: the
// names of languages in their own scripts alone load fonts of 20 MB.
func (w *Window) preferences() *settings.Page {
	if w.prefs == nil {
		w.prefs = settings.New(settings.Options{
			Settings: w.settings, Edit: w.edit, Tray: w.opt.Tray, Login: w.opt.Login, Version: w.opt.Version,
			Shortcut: w.shortcut, Escape: func() { w.win.Canvas().Focus(w.rail) },
		})
	}
	return w.prefs
}

// The pages' places in the rail; the settings come last.
const pagePorts, pageWhy = 0, 1

// show goes to a page.
func (w *Window) show(i int) {
	if i < 0 || i >= len(w.pages) || i == w.rail.chosen {
		return
	}
	w.rail.set(i)
	w.content.Objects = []fyne.CanvasObject{w.pages[i].object()}
	w.content.Refresh()
	w.ports.SetVisible(w.visible && i == 0)
}

// Fyne returns Fyne's window.
func (w *Window) Fyne() fyne.Window { return w.win }

// Show shows the window.
func (w *Window) Show() {
	w.visible = true
	w.ports.SetVisible(w.rail.chosen == 0)
	w.win.Show()
}

// Hide hides the window.
func (w *Window) Hide() {
	w.saveState()
	w.visible = false
	w.ports.SetVisible(false)
	w.win.Hide()
}

// Raise shows the window in front, as far as the desktop lets it.
func (w *Window) Raise() {
	w.Show()
	w.win.RequestFocus()
}

// saveState remembers how the window was left.
func (w *Window) saveState() {
	size := w.win.Canvas().Size()
	w.app.Preferences().SetFloat(prefWidth, float64(size.Width))
	w.app.Preferences().SetFloat(prefHeight, float64(size.Height))
}

// Apply shows a new snapshot and its changes.
func (w *Window) Apply(u monitor.Update) {
	if u.Snapshot != nil {
		w.last, w.failures = u.Snapshot, ""
	}
	w.ports.Apply(u)
	if u.Snapshot != nil {
		w.status.apply(u.Snapshot, w.opt.Now())
	}
}

// Tick lets time pass where no snapshot comes: tints fade, the status bar
// says how old the last poll is. Once a second, while the window is visible,
// is enough; Apply ticks by itself.
func (w *Window) Tick() {
	w.ports.Tick()
	w.why.Tick()
	w.status.tick(w.opt.Now())
}

// ApplyStory answers Actions.RequestStory; routes say where localhost leads,
// for ports that different programs have.
func (w *Window) ApplyStory(s monitor.Story, routes []doctor.Route) { w.ports.ApplyStory(s, routes) }

// SelectEndpoint opens the ports page on that row, taking filters back that
// would hide it. It reports whether there is one.
func (w *Window) SelectEndpoint(k monitor.Key) bool {
	w.show(pagePorts)
	return w.ports.Select(k)
}

// edit changes the settings: at once in the window, then through Actions.
func (w *Window) edit(f func(*Settings)) {
	s := w.settings
	f(&s)
	if s.Equal(w.settings) {
		return
	}
	w.take(s)
	w.act.SaveSettings(s)
}

// SetSettings shows settings that were changed elsewhere (the file, the tray).
func (w *Window) SetSettings(s Settings) {
	if !s.Equal(w.settings) {
		w.take(s)
	}
}

func (w *Window) take(s Settings) {
	was := w.settings
	w.settings = s
	w.status.setInterval(s.Interval)
	if s.Theme != was.Theme {
		w.applyTheme()
	}
	if s.Language != was.Language {
		w.act.SetLanguage(s.Language)
		at := w.rail.chosen
		w.build()
		w.show(at)
		return
	}
	w.ports.SetSettings(s)
	if w.prefs != nil {
		w.prefs.SetSettings(s)
	}
}

func (w *Window) applyTheme() {
	c := map[settings.Theme]theme.Choice{settings.ThemeLight: theme.Light, settings.ThemeDark: theme.Dark}[w.settings.Theme]
	w.app.Settings().SetTheme(theme.New(c))
}

// SetPaused shows whether notifications are paused.
func (w *Window) SetPaused(paused bool) { w.setPaused(paused) }

func (w *Window) setPaused(paused bool) {
	w.paused = paused
	w.status.setPaused(paused)
}

// frame is rail, page and status bar without gaps.
type frame struct{}

func (frame) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(minWidth, minHeight) }

func (frame) Layout(o []fyne.CanvasObject, s fyne.Size) {
	bar := o[2].MinSize().Height
	o[0].Resize(fyne.NewSize(railWidth, s.Height-bar))
	o[1].Move(fyne.NewPos(railWidth, 0))
	o[1].Resize(fyne.NewSize(s.Width-railWidth, s.Height-bar))
	o[2].Move(fyne.NewPos(0, s.Height-bar))
	o[2].Resize(fyne.NewSize(s.Width, bar))
}

// belowNotice gives a notice its line below the page, while it is visible.
type belowNotice struct{}

func (belowNotice) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }

func (belowNotice) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := float32(0)
	if o[0].Visible() {
		h = o[0].MinSize().Height
		o[0].Move(fyne.NewPos(0, s.Height-h))
		o[0].Resize(fyne.NewSize(s.Width, h))
	}
	o[1].Resize(fyne.NewSize(s.Width, s.Height-h))
}
