package tray

import (
	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
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
	// Browse and Kill are offered only where they make sense.
	Browse, Kill bool
}

// Labels are the words that don't depend on the machine's state.
type Labels struct {
	Nothing, Open, Pause, Quit string
	Browse, Copy, Kill         string
}

// State is what the menu shows besides the snapshot.
type State struct {
	// Paused: notifications are paused.
	Paused bool
	// Changed: something noteworthy happened that the user hasn't looked at.
	Changed bool
	// Err is why the ports can't be read at all, nil if they can.
	Err error
	// UID is the user's own, whose listeners come first; HasUID is false
	// where users have no number (Windows), then User is compared.
	UID    uint32
	HasUID bool
	User   string
	// Self is our own PID: our own listeners are not offered for killing.
	Self int32
	// Ephemeral reports whether the system hands out that port by itself.
	Ephemeral func(port uint16) bool
	// Skip reports whether the user doesn't want to see the endpoint
	// (ignore list, hidden system processes). nil skips none.
	Skip func(*monitor.Endpoint) bool
}
