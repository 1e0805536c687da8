// Package settings is the window's settings page and the settings it edits.
package settings

import (
	"slices"
	"time"
)

// Theme is the user's choice of light and dark.
type Theme string

// The themes.
const (
	ThemeSystem Theme = "system" // as the desktop says
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Language is the user's choice of language.
type Language string

// The languages.
const (
	LanguageSystem  Language = "system" // as the desktop says
	LanguageEnglish Language = "en"
	LanguageChinese Language = "zh" // Simplified
)

// Bounds of Settings.Interval.
const (
	MinInterval = 250 * time.Millisecond
	MaxInterval = time.Minute
)

// Settings are what a user can choose about the program. They are a plain
// value: the page hands a changed copy to Actions.SaveSettings, and whoever
// keeps them hands the kept ones back.
type Settings struct {
	// Interval is the wished time between two polls, within MinInterval and
	// MaxInterval.
	Interval time.Duration

	Notify Notify

	Theme    Theme
	Language Language

	// StartAtLogin starts Portlight with the desktop session,
	// StartMinimised without showing its window.
	StartAtLogin, StartMinimised bool

	// HideSystem leaves the operating system's own endpoints out of the
	// table, Ignore those matching one of its filters (the search box's
	// grammar). Both are counted under the table.
	HideSystem bool
	Ignore     []string
}

// Notify says which events make a toast.
type Notify struct {
	On bool
	// Opened: a TCP endpoint outside the ephemeral range opened.
	// Exposed: an endpoint became reachable from beyond loopback.
	// SecondOwner: a second program holds a port that had one.
	// Closed: an endpoint closed and did not come back.
	// UDP: the same for UDP endpoints outside the ephemeral range.
	Opened, Exposed, SecondOwner, Closed, UDP bool
}

// Default returns the settings of a first start.
func Default() Settings {
	return Settings{
		Interval: time.Second,
		Notify:   Notify{On: true, Opened: true, Exposed: true, SecondOwner: true},
		Theme:    ThemeSystem,
		Language: LanguageSystem,
	}
}

// Equal reports whether both choose the same.
func (s Settings) Equal(o Settings) bool {
	ignore := slices.Equal(s.Ignore, o.Ignore)
	s.Ignore, o.Ignore = nil, nil
	return ignore && s.comparable() == o.comparable()
}

// comparable drops the only field == can't compare.
func (s Settings) comparable() (c struct {
	interval                              time.Duration
	notify                                Notify
	theme                                 Theme
	language                              Language
	startAtLogin, startMinimised, hideSys bool
}) {
	c.interval, c.notify, c.theme, c.language = s.Interval, s.Notify, s.Theme, s.Language
	c.startAtLogin, c.startMinimised, c.hideSys = s.StartAtLogin, s.StartMinimised, s.HideSystem
	return c
}

// Actions are what the page asks for. Save returns at once; a failure to keep
// the settings is reported later, and nothing that was chosen is lost.
type Actions interface {
	SaveSettings(Settings)
}
