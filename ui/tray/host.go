//go:build !windows && !darwin

package tray

import (
	"context"
	"time"

	"github.com/portlight-app/portlight/ui/internal/sessionbus"
)

// watcher is who knows the hosts of tray icons (StatusNotifierItem,
// freedesktop.org/wiki/Specifications/StatusNotifierItem).
const (
	watcher     = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// hostPatience is how long the bus may take to answer.
const hostPatience = time.Second

// HostAvailable reports whether somebody on this desktop shows tray icons.
// Stock GNOME doesn't: there a closed window would be gone for good. It takes
// a second at most; a bus that doesn't answer by then is a no.
func HostAvailable(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return false
	}
	defer conn.Close()
	// Not through Properties.Get alone: that would start a watcher that can
	// be activated and has no host.
	var owned bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned); err != nil || !owned {
		return false
	}
	var there bool
	err = conn.Object(watcher, watcherPath).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, watcher, "IsStatusNotifierHostRegistered").Store(&there)
	return err == nil && there
}
