//go:build linux

package desk

import (
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

// FileManager stands where a desktop's file manager answers on the bus
// (freedesktop.org, "File manager D-Bus interface") and notes what it is asked.
type FileManager struct {
	mu    sync.Mutex
	shown []string
}

// Shown returns the URIs it was asked to show so far.
func (f *FileManager) Shown() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.shown)
}

// ShowItems is called through the bus.
func (f *FileManager) ShowItems(uris []string, _ string) *dbus.Error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = append(f.shown, uris...)
	return nil
}

// OwnFileManager puts one on the bus.
func (d *Desktop) OwnFileManager() *FileManager {
	d.t.Helper()
	const name = "org.freedesktop.FileManager1"
	f := &FileManager{}
	if err := d.Bus.ExportMethodTable(map[string]any{"ShowItems": f.ShowItems}, "/org/freedesktop/FileManager1", name); err != nil {
		d.t.Fatal(err)
	}
	if reply, err := d.Bus.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatalf("own %s: %v, %v", name, reply, err)
	}
	return f
}

// WatchInvoked returns a channel that gets the action of every notification
// that is clicked, as the notification service tells.
func (d *Desktop) WatchInvoked() <-chan string {
	d.t.Helper()
	const notifications = "org.freedesktop.Notifications"
	if err := d.Bus.AddMatchSignal(dbus.WithMatchInterface(notifications), dbus.WithMatchMember("ActionInvoked")); err != nil {
		d.t.Fatal(err)
	}
	signals, actions := make(chan *dbus.Signal, 10), make(chan string, 10)
	d.Bus.Signal(signals)
	go func() {
		for s := range signals {
			var id uint32
			var action string
			if s.Name == notifications+".ActionInvoked" && dbus.Store(s.Body, &id, &action) == nil {
				actions <- action
			}
		}
	}()
	return actions
}
