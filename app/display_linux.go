//go:build cgo

package app

/*
#cgo LDFLAGS: -lX11
#include <X11/Xlib.h>

// reachable reports whether the X server DISPLAY names accepts us.
static int reachable(void) {
	Display *d = XOpenDisplay(NULL);
	if (d == NULL) return 0;
	XCloseDisplay(d);
	return 1;
}
*/
import "C"

import (
	"errors"
	"net"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2/lang"
)

// displayProblem reports why no window can be shown, in the user's words, nil
// if one can. Toolkits end the process where we can still say something.
func displayProblem() error {
	if name := os.Getenv("WAYLAND_DISPLAY"); name != "" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
		}
		if c, err := net.Dial("unix", name); err == nil {
			c.Close()
			return nil
		}
	}
	display := os.Getenv("DISPLAY")
	switch {
	case display == "":
		return errors.New(lang.X("app.display.none",
			"no window: there is no display here (DISPLAY and WAYLAND_DISPLAY are not set); try: portlight list"))
	case C.reachable() == 0:
		return errors.New(lang.X("app.display.refused",
			"no window: the display {{.Display}} can't be reached or refuses this user; try: portlight list",
			map[string]any{"Display": display}))
	}
	return nil
}
