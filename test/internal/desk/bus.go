//go:build linux

package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// Toast is one call of org.freedesktop.Notifications.Notify as seen on the bus.
type Toast struct {
	App, Summary, Body string
	Replaces           uint32
	Actions            []string
}

// Toasts collects the notifications sent from now on.
type Toasts struct {
	mu   sync.Mutex
	seen []Toast
}

// All returns the toasts so far.
func (n *Toasts) All() []Toast {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Toast(nil), n.seen...)
}

// WatchToasts listens in on the bus (org.freedesktop.DBus.Monitoring), so that
// the real notification service still gets and shows every toast.
func (d *Desktop) WatchToasts() *Toasts {
	d.t.Helper()
	conn, err := d.dial()
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	rules := []string{"type='method_call',interface='org.freedesktop.Notifications',member='Notify'"}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint(0)).Err; err != nil {
		d.t.Fatalf("become a monitor of the bus: %v", err)
	}
	messages := make(chan *dbus.Message, 100)
	conn.Eavesdrop(messages)
	n := &Toasts{}
	go func() {
		for m := range messages {
			if len(m.Body) < 6 {
				continue
			}
			var t Toast
			t.App, _ = m.Body[0].(string)
			t.Replaces, _ = m.Body[1].(uint32)
			t.Summary, _ = m.Body[3].(string)
			t.Body, _ = m.Body[4].(string)
			t.Actions, _ = m.Body[5].([]string)
			n.mu.Lock()
			n.seen = append(n.seen, t)
			n.mu.Unlock()
		}
	}()
	return n
}

// TrayItem is a tray icon on the bus.
type TrayItem struct {
	d       *Desktop
	Service string
	Path    dbus.ObjectPath
}

// AwaitTrayItem waits for the first tray icon.
func (d *Desktop) AwaitTrayItem() TrayItem {
	d.t.Helper()
	var item TrayItem
	stage.Eventually(d.t, stage.Patience, "a tray icon on the bus", func() (bool, string) {
		items := d.TrayItems()
		if len(items) > 0 {
			item = items[0]
		}
		return len(items) > 0, "none"
	})
	return item
}

// TrayItems returns the tray icons the panel knows.
func (d *Desktop) TrayItems() []TrayItem {
	v, err := d.Bus.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").
		GetProperty("org.kde.StatusNotifierWatcher.RegisteredStatusNotifierItems")
	if err != nil {
		return nil
	}
	names, _ := v.Value().([]string)
	var items []TrayItem
	for _, n := range names {
		for i, c := range n {
			if c == '/' { // ":1.23/org/ayatana/NotificationItem/systray"
				items = append(items, TrayItem{d, n[:i], dbus.ObjectPath(n[i:])})
				break
			}
		}
	}
	return items
}

// MenuEntry is one line of a tray icon's menu.
type MenuEntry struct {
	ID               int32
	Label            string
	Visible, Enabled bool
	Separator        bool
	Children         []MenuEntry
}

// Menu reads the icon's menu (com.canonical.dbusmenu).
func (i TrayItem) Menu() []MenuEntry {
	i.d.t.Helper()
	v, err := i.d.Bus.Object(i.Service, i.Path).GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		i.d.t.Fatalf("the tray icon has no menu: %v", err)
	}
	path, _ := v.Value().(dbus.ObjectPath)
	var revision uint32
	var root struct {
		ID         int32
		Properties map[string]dbus.Variant
		Children   []dbus.Variant
	}
	if err := i.d.Bus.Object(i.Service, path).
		Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		i.d.t.Fatalf("read the tray menu: %v", err)
	}
	return entries(root.Children)
}

func entries(children []dbus.Variant) []MenuEntry {
	var list []MenuEntry
	for _, c := range children {
		node, ok := c.Value().([]any)
		if !ok || len(node) != 3 {
			continue
		}
		e := MenuEntry{Visible: true, Enabled: true}
		e.ID, _ = node[0].(int32)
		properties, _ := node[1].(map[string]dbus.Variant)
		if v, ok := properties["label"]; ok {
			e.Label, _ = v.Value().(string)
		}
		if v, ok := properties["visible"]; ok {
			e.Visible, _ = v.Value().(bool)
		}
		if v, ok := properties["enabled"]; ok {
			e.Enabled, _ = v.Value().(bool)
		}
		if v, ok := properties["type"]; ok {
			e.Separator = v.Value() == "separator"
		}
		grandchildren, _ := node[2].([]dbus.Variant)
		e.Children = entries(grandchildren)
		list = append(list, e)
	}
	return list
}

// ClickTray clicks the tray icon in the panel: the only icon, at the panel's
// right end.
func (d *Desktop) ClickTray() {
	d.t.Helper()
	d.Click(Width-PanelHeight/2, Height-PanelHeight/2, 1)
}

// TrayMenu opens the icon's menu with the mouse, moves in it with the keys and
// chooses with Return.
func (d *Desktop) TrayMenu(keys ...string) {
	d.t.Helper()
	before := d.AllWindows()
	d.ClickTray()
	d.Popup(before)
	d.Key(append(keys, "Return")...)
	stage.Eventually(d.t, stage.Patience, "the menu closes", func() (bool, string) {
		return !slices.ContainsFunc(d.AllWindows(), func(w Window) bool { return !slices.Contains(before, w) && !d.own(w) }), "it is open"
	})
}

// own reports whether the window is one that the window manager manages: what
// a menu's choice may have opened.
func (d *Desktop) own(w Window) bool {
	out, _ := d.Try("xprop", "-id", string(w), "WM_STATE")
	return strings.Contains(out, "window state")
}

// Popup waits until the click has opened a menu, a window that wasn't among
// the given ones, and returns it.
func (d *Desktop) Popup(before []Window) Window {
	d.t.Helper()
	var popup Window
	stage.Eventually(d.t, stage.Patience, "a menu pops up", func() (bool, string) {
		for _, w := range d.AllWindows() {
			if _, _, width, height := d.Geometry(w); !slices.Contains(before, w) && width > 60 && height > 40 {
				popup = w
				return true, ""
			}
		}
		return false, "no new window"
	})
	return popup
}

// AllWindows returns every visible window on the display that has a class.
func (d *Desktop) AllWindows() []Window {
	out, _ := d.Try("xdotool", "search", "--onlyvisible", "--class", ".")
	var ids []Window
	for _, line := range strings.Fields(out) {
		if _, err := strconv.Atoi(line); err == nil {
			ids = append(ids, Window(line))
		}
	}
	return ids
}

// Describe names the toasts for a failure message.
func (n *Toasts) Describe() string {
	s := ""
	for _, t := range n.All() {
		s += fmt.Sprintf("%s | %s | %s\n", t.App, t.Summary, t.Body)
	}
	return s
}
