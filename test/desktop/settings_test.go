//go:build desktop && linux

package desktop

import (
	"testing"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestSettingsChangedElsewhereApplyAtOnce(t *testing.T) {
	d, a := open(t, "notifications:\n  enabled: false\n")
	d.Key("ctrl+comma")
	a.Await("the settings page", func(s desk.State) bool { return s.Page == "settings" && !s.Settings.Notify.On })

	t.Log("in the file, by an editor")
	d.WriteConfig("portlight/portlight.yaml", "theme: dark # by hand\nlanguage: en\nhide_system: true\nnotifications:\n  enabled: false\n")
	a.Await("dark, without the system's ports", func(s desk.State) bool {
		return s.Settings.Theme == "dark" && s.Settings.HideSystem && s.HideSystem && !s.Settings.Notify.On
	})

	t.Log("in the tray, which resumes what the settings had turned off")
	d.AwaitTrayItem()
	d.TrayMenu("Up", "Up")
	a.Await("notifications are on", func(s desk.State) bool { return s.Settings.Notify.On && !s.Paused })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "settings-changed-elsewhere")

	t.Log("with a mistake, which changes nothing")
	before := d.Look(a.Window)
	d.WriteConfig("portlight/portlight.yaml", "theme: purple\n")
	stage.Eventually(t, stage.Patience, "the window says so", func() (bool, string) {
		return desk.Differ(before, d.Look(a.Window), before.Bounds()) > 5000, "it looks as before"
	})
	d.Settle(a.Window)
	d.Screenshot(a.Window, "settings-mistake")
	a.Await("the settings as they were", func(s desk.State) bool { return s.Settings.Theme == "dark" && s.Settings.HideSystem })
}
