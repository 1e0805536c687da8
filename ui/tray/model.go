package tray

import (
	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/view"
)

// MaxPorts is how many listeners the menu shows before it says "and more".
const MaxPorts = 12

// Model is all that the tray shows, in finished words.
type Model struct {
	Icon    assets.TrayState
	Tooltip string // of the icon, where the system shows one
	Status  string // the menu's first line, not clickable
	Ports   []Port // at most MaxPorts
	More    string // "and 7 more…", "" if all are shown
	Paused  bool   // notifications are paused
	Labels  Labels
}

// Port is one listener in the menu.
type Port struct {
	Key   monitor.Key
	Title string
	// Holder is the process that Title is about, the zero Identity if that
	// isn't exactly one.
	Holder process.Identity
	// Free is offered only for a process of which we know the identity.
	Free bool
}

// Labels are the words that don't depend on the machine's state.
type Labels struct {
	Why                string // why can't I use a port
	Open, Pause, Quit  string
	Browse, Copy, Free string
}

// State is what the menu shows besides the snapshot.
type State struct {
	// Paused: notifications are paused.
	Paused bool
	// Changed: something was told that the user hasn't looked at.
	Changed bool
	// Warning: something needs a look, such as a second owner of a port.
	Warning bool
	// Err is why the ports can't be read at all, nil if they can.
	Err error
	// UID is the user's own, whose listeners come first. HasUID is false
	// where users have no number (Windows); there User is compared.
	UID    uint32
	HasUID bool
	User   string
	// View says what the user doesn't want to see, which ports are
	// ephemeral and who we are. Sort, Desc and All don't matter.
	View view.Options
}
