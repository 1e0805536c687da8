// Package ui is the window: a rail of pages, the page shown and a status bar.
//
// Everything in it runs on Fyne's goroutine. It starts no goroutine, opens no
// socket and runs no program: what it wants done it asks of Actions, which
// return at once; answers come back through the methods of Window.
package ui

import (
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/ports"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/view"
	"github.com/portlight-app/portlight/ui/why"
)

// Actions is everything the window asks of the rest of the program: freeing
// ports (package freeing), explaining them (package why), opening and
// exporting (package ports), saving settings (package settings) and what
// follows. Every method is called on Fyne's goroutine and
// must return at once.
type Actions interface {
	ports.Actions
	freeing.Actions
	why.Actions
	settings.Actions
	// PauseNotifications silences toasts until it is called with false.
	PauseNotifications(bool)
	// SetLanguage loads that language's texts into Fyne's lang before it
	// returns; the window then builds itself anew.
	SetLanguage(settings.Language)
	// CloseWindow: the user closed the window; it is still shown. Whoever
	// answers hides it (there is a tray) or says so and quits (SayNoTray).
	CloseWindow()
	// Quit ends the program.
	Quit()
}

// Names of the pages' types, for who builds the window.
type (
	Settings = settings.Settings
	Export   = ports.Export
)

// Disconnected says how closing a connection ended: Denied, with what an
// administrator can type, or with an error, or well.
type Disconnected struct {
	monitor.Connection
	Denied  bool
	Command string
	Err     error
}

// Options set up a window. Only JSON is required.
type Options struct {
	// Settings are the kept ones; the zero value means settings.Default.
	Settings Settings
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Ephemeral is the range the system hands out ports from by itself, Self
	// this process, to mark its own rows.
	Ephemeral view.PortRange
	Self      process.Identity
	// JSON encodes a snapshot as `portlight list --json` prints it, for
	// "copy as JSON".
	JSON func(*monitor.Snapshot) ([]byte, error)
	// Tray tells whether there is a tray to minimise to, Login whether
	// starting at login can be arranged. Settings that need them are shown
	// disabled without.
	Tray, Login bool
	// Version is shown on the settings page.
	Version string
}

// ProblemCode says what went wrong outside the window.
type ProblemCode string

// The problems.
const (
	// ProblemEngine: this system's sockets can't be read at all; shown in
	// place of the table until the next Apply.
	ProblemEngine ProblemCode = "engine"
	// ProblemSave: the settings are in effect but could not be written.
	ProblemSave ProblemCode = "save_settings"
	// ProblemSettingsFile: portlight.yaml could not be read, the defaults
	// are in effect.
	ProblemSettingsFile ProblemCode = "settings_file"
	// ProblemSettingsEdit: it was changed and can't be read; what was in
	// effect stays.
	ProblemSettingsEdit ProblemCode = "settings_edit"
	ProblemExport       ProblemCode = "export"
	ProblemBrowser      ProblemCode = "open_browser"
	ProblemReveal       ProblemCode = "reveal"
	ProblemLogin        ProblemCode = "start_at_login"
	ProblemNotify       ProblemCode = "notifications"
)
