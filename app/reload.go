//go:build cgo

package app

import (
	"errors"
	"reflect"
	"time"

	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/ui"
)

// lookAgain is how often the settings file is looked at.
const lookAgain = time.Second

// follow puts settings in effect that were changed in their file, until the
// program ends.
func (f *face) follow(w *fileWatch) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
		}
		if !w.changed() {
			continue
		}
		s, err := f.file.Load()
		if err != nil {
			f.problem(ui.ProblemSettingsEdit, errors.New(configMessage(err)))
			continue
		}
		f.bridge.run(func() {
			// What is being saved at this moment, here, is newer.
			if !f.saver.busy() && w.current() {
				f.adopt(s)
			}
		})
	}
}

// adopt puts settings in effect that were changed elsewhere than on their
// page. Whether we start at login the system knows better than the file.
func (f *face) adopt(s config.Settings) {
	s.StartAtLogin = f.settings.StartAtLogin
	if reflect.DeepEqual(s, f.settings) {
		return
	}
	f.settings = s
	f.attention.set(func(a *attention) { a.settings = s })
	f.pace()
	f.win.SetSettings(windowSettings(s))
}
