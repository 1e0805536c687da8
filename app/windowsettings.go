//go:build cgo

package app

import (
	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/ui/settings"
)

// windowSettings are the settings as the window's page edits them.
func windowSettings(c config.Settings) settings.Settings {
	n := c.Notifications
	return settings.Settings{
		Interval: c.Interval,
		Notify: settings.Notify{
			On:          n.Enabled,
			Opened:      n.Has(config.KindOpened),
			Exposed:     n.Has(config.KindExposed),
			SecondOwner: n.Has(config.KindSecondOwner),
			Closed:      n.Has(config.KindClosed),
			UDP:         n.Has(config.KindUDP),
		},
		Theme:          settings.Theme(c.Theme),
		Language:       settings.Language(c.Language),
		StartAtLogin:   c.StartAtLogin,
		StartMinimised: c.StartMinimised,
		HideSystem:     c.HideSystem,
		Ignore:         c.Ignore,
	}
}

// mergeSettings puts what the page edited over the rest, which it doesn't
// know.
func mergeSettings(c config.Settings, s settings.Settings) config.Settings {
	c.Interval = min(max(s.Interval, config.MinInterval), config.MaxInterval)
	c.Notifications.Enabled = s.Notify.On
	c.Notifications.Kinds = nil
	for _, k := range config.Kinds() {
		wanted := map[config.Kind]bool{
			config.KindOpened:      s.Notify.Opened,
			config.KindExposed:     s.Notify.Exposed,
			config.KindSecondOwner: s.Notify.SecondOwner,
			config.KindClosed:      s.Notify.Closed,
			config.KindUDP:         s.Notify.UDP,
		}
		if wanted[k] {
			c.Notifications.Kinds = append(c.Notifications.Kinds, k)
		}
	}
	c.Theme, c.Language = config.Theme(s.Theme), config.Language(s.Language)
	c.StartAtLogin, c.StartMinimised = s.StartAtLogin, s.StartMinimised
	c.HideSystem, c.Ignore = s.HideSystem, s.Ignore
	return c
}
