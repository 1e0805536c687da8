//go:build cgo && !fynetray

package tray

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>

// init_gtk is what gtk_init does, except that it says whether there is a
// display where gtk_init would end the process, and that it leaves the locale
// of the process alone.
static int init_gtk(void) {
	gtk_disable_setlocale();
	g_set_application_name("Portlight");
	return gtk_init_check(NULL, NULL);
}
*/
import "C"

import (
	"github.com/getlantern/systray"

	"github.com/portlight-app/portlight/assets"
)

// clickToggles: a click changes a GTK check item by itself.
const clickToggles = true

// prepare runs on the tray's thread before the library's own gtk_init.
func prepare() error {
	if C.init_gtk() == 0 {
		return ErrNoDisplay
	}
	return nil
}

// setIcon hands over an embedded icon: C keeps a pointer to its bytes.
func setIcon(s assets.TrayState) { systray.SetIcon(assets.Tray(s).PNG) }

func label(s string) string { return s }
