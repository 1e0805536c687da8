// Package sessionbus connects to the desktop session's D-Bus without ever
// waiting long for it and without starting one.
package sessionbus

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// Connect opens a connection of its own. If ctx ends first, it returns ctx's
// error; a bus that accepts connections and then says nothing holds nobody up.
// Signals arrive on the connection's channels in the bus's order.
func Connect(ctx context.Context) (*dbus.Conn, error) {
	// Not ConnectSessionBus: where no bus runs that would start
	// dbus-launch.
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, fmt.Errorf("session bus: %w", err)
	}
	err = Do(ctx, conn, func() error {
		if err := conn.Auth(nil); err != nil {
			return err
		}
		return conn.Hello()
	})
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("session bus: %w", err)
	}
	return conn, nil
}

// Do runs f, which talks over conn and can't be told to stop. When ctx ends
// before f, conn is closed, which ends f's calls, and ctx's error is returned.
func Do(ctx context.Context, conn *dbus.Conn, f func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err := f()
	if !stop() && err != nil {
		return ctx.Err()
	}
	return err
}
