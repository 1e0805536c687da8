//go:build linux

package tray

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"github.com/portlight-app/portlight/ui/internal/bustest"
)

// host plays a panel: a StatusNotifierWatcher with or without a host.
type host struct {
	conn  *dbus.Conn
	items chan string // bus name + path of every registered item
}

func (h *host) RegisterStatusNotifierItem(service string, from dbus.Sender) *dbus.Error {
	h.items <- string(from) + service
	return nil
}

func (h *host) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

func watch(t *testing.T, d *bustest.Daemon, hosted bool) *host {
	t.Helper()
	h := &host{conn: d.Connect(), items: make(chan string, 10)}
	if err := h.conn.Export(h, watcherPath, watcher); err != nil {
		t.Fatal(err)
	}
	if _, err := prop.Export(h.conn, watcherPath, prop.Map{watcher: {
		"IsStatusNotifierHostRegistered": {Value: hosted},
		"ProtocolVersion":                {Value: int32(0)},
		"RegisteredStatusNotifierItems":  {Value: []string{}},
	}}); err != nil {
		t.Fatal(err)
	}
	d.Own(h.conn, watcher)
	return h
}

func TestHostAvailable(t *testing.T) {
	t.Run("a watcher with a host", func(t *testing.T) {
		watch(t, bustest.New(t), true)
		if !HostAvailable(context.Background()) {
			t.Error("not found")
		}
	})
	t.Run("a watcher without a host", func(t *testing.T) {
		watch(t, bustest.New(t), false)
		if HostAvailable(context.Background()) {
			t.Error("found one")
		}
	})
	t.Run("a desktop without a watcher", func(t *testing.T) {
		bustest.New(t)
		if HostAvailable(context.Background()) {
			t.Error("found one")
		}
	})
	t.Run("no bus", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
		if HostAvailable(context.Background()) {
			t.Error("found one")
		}
	})
	t.Run("a bus that doesn't answer", func(t *testing.T) {
		d := bustest.New(t)
		if err := d.Process().Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Process().Signal(syscall.SIGCONT) })
		began := time.Now()
		if HostAvailable(context.Background()) {
			t.Error("found one")
		}
		if took := time.Since(began); took > 3*hostPatience {
			t.Errorf("it took %v", took)
		}
	})
}
