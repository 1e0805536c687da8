// Package config keeps the user's settings in portlight.yaml.
//
// The file belongs to the user: it is read strictly, a mistake in it is told
// with its place and never overwritten, and a setting changed in the window
// changes that line only, so comments stay.
package config

import (
	"slices"
	"time"
)

// Settings is everything portlight.yaml can say.
type Settings struct {
	// Interval is the wished time between two polls, from MinInterval to
	// MaxInterval.
	Interval      time.Duration
	Notifications Notifications
	Theme         Theme
	Language      Language
	// StartAtLogin starts Portlight with the desktop session,
	// StartMinimised without showing the window.
	StartAtLogin, StartMinimised bool
	// Ignore are filters in the search box's grammar; endpoints that match
	// one are left out of the table.
	Ignore []string
	// HideSystem leaves the operating system's own endpoints out.
	HideSystem bool
}

// Notifications says which events make a toast.
type Notifications struct {
	Enabled        bool
	Kinds          []Kind   // in the order of Kinds()
	MutedPorts     []uint16 // never a toast about these ports
	MutedProcesses []string // nor about processes of these names
}

// Has reports whether that kind of event is wanted.
func (n Notifications) Has(k Kind) bool { return slices.Contains(n.Kinds, k) }

// The bounds of Settings.Interval.
const (
	MinInterval = 250 * time.Millisecond
	MaxInterval = time.Minute
)

// Theme is a choice of light and dark.
type Theme string

// The themes.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Language is a choice of the language of all texts.
type Language string

// The languages.
const (
	LanguageSystem  Language = "system"
	LanguageEnglish Language = "en"
	LanguageChinese Language = "zh" // Simplified
)

// Kind is a kind of event worth a toast.
type Kind string

// The kinds.
const (
	KindOpened      Kind = "opened"       // a TCP endpoint outside the ephemeral range
	KindExposed     Kind = "exposed"      // reachable from beyond loopback
	KindSecondOwner Kind = "second_owner" // a second program on a port
	KindClosed      Kind = "closed"       // gone and not restarted
	KindUDP         Kind = "udp"          // the same for UDP outside the ephemeral range
)

// Kinds lists every kind in the order they are written.
func Kinds() []Kind {
	return []Kind{KindOpened, KindExposed, KindSecondOwner, KindClosed, KindUDP}
}

// Default returns the settings of a first start: calm.
func Default() Settings {
	return Settings{
		Interval:      time.Second,
		Notifications: Notifications{Enabled: true, Kinds: []Kind{KindOpened, KindExposed, KindSecondOwner}},
		Theme:         ThemeSystem,
		Language:      LanguageSystem,
	}
}
