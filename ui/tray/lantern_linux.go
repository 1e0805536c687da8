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

// survive_bus keeps GLib from ending the process with SIGTERM when the session
// bus goes away, which it does by default to whoever asked for the shared
// connection (GDBusConnection:exit-on-close). The indicator will ask for it.
static int survive_bus(void) {
	GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);
	if (bus == NULL)
		return 0;
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	return 1; // the reference is kept: it is one for the process's life
}
*/
import "C"

import (
	"context"
	"fmt"
	"strings"

	"github.com/getlantern/systray"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/ui/internal/sessionbus"
)

// clickToggles: a click changes a GTK check item by itself.
const clickToggles = true

// prepare runs on the tray's thread before the library's own gtk_init.
func prepare(ctx context.Context) error {
	// Asked first because where there is no bus GLib starts one.
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoBus, err)
	}
	_ = conn.Close()
	if C.init_gtk() == 0 {
		return ErrNoDisplay
	}
	if C.survive_bus() == 0 {
		return ErrNoBus
	}
	return nil
}

// setIcon hands over an embedded icon: C keeps a pointer to its bytes.
func setIcon(s assets.TrayState) { systray.SetIcon(assets.Tray(s).PNG) }

// label keeps underscores from marking the letter after them. libdbusmenu-gtk
// doubles them on the bus itself when an item is made, and forgets to when its
// label changes (as of 18.10), so items are made without words.
func label(s string) string { return strings.ReplaceAll(s, "_", "__") }
