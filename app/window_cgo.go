//go:build cgo

package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/app/control"
	"github.com/portlight-app/portlight/app/quiet"
	"github.com/portlight-app/portlight/assets"
)

// hasWindow: this build opens one where there is a display.
const hasWindow = true

// openWindow runs the window's face until the user ends it or ctx ends.
func openWindow(ctx context.Context, f windowFlags, l loaded) int {
	if handOver(f) {
		return exitDone
	}
	if err := displayProblem(); err != nil {
		return complain(os.Stderr, err)
	}
	server, client, err := control.Acquire(ctx)
	switch {
	case client != nil:
		if _, err := client.Do(ctx, control.Raise); err != nil {
			return complain(os.Stderr, alreadyRunning(err))
		}
		fmt.Fprintln(os.Stderr, lang.X("app.raised", "Portlight is running already; its window is shown"))
		return exitDone
	case errors.Is(err, control.ErrNoAnswer):
		return complain(os.Stderr, alreadyRunning(err))
	case err != nil:
		// To meet other instances is a comfort; to see the ports isn't.
		complain(os.Stderr, err)
	}
	if server != nil {
		defer server.Close()
	}
	if err := keepCrashes(); err != nil {
		complain(os.Stderr, err)
	}
	if l.err != nil {
		complain(os.Stderr, errors.New(configMessage(l.err)))
	}
	quiet.Restore(os.Stderr)
	fyneapp.SetMetadata(fyne.AppMetadata{
		ID: ID, Name: Name, Version: version(), Release: true,
		Icon:       fyne.NewStaticResource("portlight.png", assets.App256),
		Migrations: map[string]bool{"fyneDo": true},
	})
	a := fyneapp.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("portlight.png", assets.App256))
	return newFace(ctx, a, server, f, l).run()
}

// alreadyRunning says what to do about an instance that doesn't answer.
func alreadyRunning(err error) error {
	if errors.Is(err, control.ErrNoAnswer) {
		return errors.New(lang.X("app.hung",
			"another Portlight is running but does not answer within {{.Seconds}} seconds; end it and start again",
			map[string]any{"Seconds": int(control.Patience / time.Second)}))
	}
	return err
}

// run shows the window and returns once everything has ended.
func (f *face) run() int {
	if runtime.GOOS == "darwin" { // its tray has to be there before the loop
		f.startTray()
	}
	f.app.Lifecycle().SetOnStarted(f.started)
	f.app.Run()
	// Only the system ends the loop without asking us first.
	f.bridge.close()
	f.cancel()
	<-f.ended
	return exitDone
}
