//go:build linux && cgo && !fynetray

package tray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/ui/internal/bustest"
)

const dbusmenu = "com.canonical.dbusmenu"

// layout is a node of com.canonical.dbusmenu's GetLayout.
type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// entry is one item as a panel sees it.
type entry struct {
	id       int32
	label    string
	enabled  bool
	checked  bool
	children []entry
}

// panel reads the item that registered with the host.
type panel struct {
	t    *testing.T
	conn *dbus.Conn
	item dbus.BusObject
	menu dbus.BusObject
}

func (h *host) attach(t *testing.T) *panel {
	t.Helper()
	var at string
	select {
	case at = <-h.items:
	case <-time.After(10 * time.Second):
		t.Fatal("no item was registered")
	}
	name, path, _ := strings.Cut(at, "/")
	p := &panel{t: t, conn: h.conn, item: h.conn.Object(name, dbus.ObjectPath("/"+path))}
	var menu dbus.ObjectPath
	p.get("Menu", &menu)
	p.menu = h.conn.Object(name, menu)
	return p
}

func (p *panel) get(property string, into any) {
	p.t.Helper()
	v, err := p.item.GetProperty("org.kde.StatusNotifierItem." + property)
	if err == nil {
		err = v.Store(into)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", property, err)
	}
}

// read returns the visible items.
func (p *panel) read() []entry {
	p.t.Helper()
	var revision uint32
	var root layout
	if err := p.menu.Call(dbusmenu+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		p.t.Fatal(err)
	}
	return p.entries(root)
}

func (p *panel) entries(of layout) (out []entry) {
	for _, v := range of.Children {
		var l layout
		if err := dbus.Store([]any{v.Value()}, &l); err != nil {
			p.t.Fatal(err)
		}
		e := entry{id: l.ID, enabled: true, children: p.entries(l)}
		if v, ok := l.Props["visible"]; ok && !v.Value().(bool) {
			continue
		}
		if v, ok := l.Props["type"]; ok && v.Value() == "separator" {
			e.label = "-"
		}
		if v, ok := l.Props["label"]; ok {
			e.label = v.Value().(string)
		}
		if v, ok := l.Props["enabled"]; ok {
			e.enabled = v.Value().(bool)
		}
		if v, ok := l.Props["toggle-state"]; ok {
			e.checked = v.Value().(int32) == 1
		}
		out = append(out, e)
	}
	return out
}

// text writes a menu on one line: disabled items in parentheses, checked ones
// with a star, submenus in brackets.
func text(es []entry) string {
	var out []string
	for _, e := range es {
		s := e.label
		if !e.enabled {
			s = "(" + s + ")"
		}
		if e.checked {
			s = "*" + s
		}
		if len(e.children) > 0 {
			s += "[" + text(e.children) + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// until waits for the menu to read so.
func (p *panel) until(want string) []entry {
	p.t.Helper()
	var got []entry
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = p.read(); text(got) == want {
			return got
		}
	}
	p.t.Fatalf("menu reads\n%s\nwant\n%s", text(got), want)
	return nil
}

func (p *panel) click(es []entry, path ...string) {
	p.t.Helper()
	for i, label := range path {
		at := slices.IndexFunc(es, func(e entry) bool { return e.label == label })
		if at < 0 {
			p.t.Fatalf("no %q in %s", label, text(es))
		}
		if i < len(path)-1 {
			es = es[at].children
			continue
		}
		call := p.menu.Call(dbusmenu+".Event", 0, es[at].id, "clicked", dbus.MakeVariant(int32(0)), uint32(0))
		if call.Err != nil {
			p.t.Fatal(call.Err)
		}
	}
}

// TestTrayOnARealBus is one test of many steps, because a process has one tray.
func TestTrayOnARealBus(t *testing.T) {
	bustest.Display(t)
	d := bustest.New(t)
	h := watch(t, d, true)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // where the library puts the icon's file

	events := make(chan Event, 10)
	click := func(want Event) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Fatalf("event %+v, want %+v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no event, want %+v", want)
		}
	}
	m := Model{Status: "2 listening", Ports: ports("3000  no_de", "5432  postgres"), Labels: Labels{
		Open: "Open Portlight", Pause: "Pause", Quit: "Quit", Browse: "Browse", Copy: "Copy", Free: "Free…", Why: "Why?"}}
	m.Ports[1].Free = false
	tr, err := Start(context.Background(), Options{First: m, OnEvent: func(e Event) { events <- e }})
	if errors.Is(err, ErrStarted) {
		t.Skip("a process has one tray, and an earlier run of this test had it")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(context.Background(), Options{}); !errors.Is(err, ErrStarted) {
		t.Errorf("a second Start: %v, want ErrStarted", err)
	}

	p := h.attach(t)
	const sub = "[Browse, Copy, Free…]"
	es := p.until("(2 listening), -, 3000  no__de" + sub + ", 5432  postgres[Browse, Copy, (Free…)], -, Why?, Open Portlight, Pause, Quit")
	var title, status, icon string
	p.get("Title", &title)
	p.get("Status", &status)
	if title != "Portlight" || status != "Active" {
		t.Errorf("title %q, status %q", title, status)
	}
	iconIs := func(s assets.TrayState) {
		t.Helper()
		var got []byte
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			p.get("IconName", &icon)
			if got, err = os.ReadFile(icon); err == nil && string(got) == string(assets.Tray(s).PNG) {
				return
			}
		}
		t.Errorf("icon %s (%d bytes, %v) is not that of state %d", icon, len(got), err, s)
	}
	iconIs(assets.TrayNormal)

	// Slots take other ports, more of them, and fewer again.
	time.Sleep(aim) // what a click aims at stands still for so long
	p.click(es, "3000  no__de", "Free…")
	click(Event{Action: Free, Key: key("127.0.0.1:3000")})
	p.click(es, "5432  postgres", "Browse")
	click(Event{Action: Browse, Key: key("127.0.0.1:3001")})

	m.Status, m.Ports, m.More, m.Icon = "13 listening", nil, "and 1 more…", assets.TrayWarning
	want := "(13 listening), -"
	for i := range MaxPorts {
		m.Ports = append(m.Ports, Port{Key: key(fmt.Sprintf("127.0.0.1:%d", 8000+i)), Title: fmt.Sprintf("%d  a_b & <c>", 8000+i), Free: true})
		// Menus on the bus write an underscore twice, where one would mark a
		// letter.
		want += fmt.Sprintf(", %d  a__b & <c>%s", 8000+i, sub)
	}
	tr.Update(m)
	es = p.until(want + ", and 1 more…, -, Why?, Open Portlight, Pause, Quit")
	iconIs(assets.TrayWarning)
	p.click(es, "and 1 more…")
	click(Event{Action: More})
	time.Sleep(aim)
	p.click(es, "8011  a__b & <c>", "Copy")
	click(Event{Action: Copy, Key: key("127.0.0.1:8011")})

	// A click on the check item checks it by itself; the model that follows
	// has the last word, whichever it is.
	m.Ports, m.More = nil, ""
	p.click(es, "Pause")
	click(Event{Action: Pause})
	m.Paused = true
	tr.Update(m)
	es = p.until("(13 listening), -, -, Why?, Open Portlight, *Pause, Quit")
	p.click(es, "Pause")
	click(Event{Action: Pause})
	tr.Update(m) // the app stays paused
	m.Status = "still"
	tr.Update(m)
	es = p.until("(still), -, -, Why?, Open Portlight, *Pause, Quit")

	// Of many models at once the last is shown.
	for i := range 500 {
		m.Status = fmt.Sprint(i)
		tr.Update(m)
	}
	es = p.until("(499), -, -, Why?, Open Portlight, *Pause, Quit")

	p.click(es, "Why?")
	click(Event{Action: Why})
	p.click(es, "Open Portlight")
	click(Event{Action: Open})
	p.click(es, "Quit")
	click(Event{Action: Quit})

	// The bus goes away, and GLib doesn't take the process with it.
	d.Stop()
	// There is nothing to wait for: that nothing happens is what is asked.
	time.Sleep(300 * time.Millisecond)
	tr.Update(Model{})

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := tr.Stop(ctx); err != nil {
		t.Errorf("the tray's thread didn't end: %v", err)
	}
	if err := tr.Stop(ctx); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
	tr.Update(Model{}) // harmless
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left behind", len(left))
	}
}

// gtk_init ends the process where there is no display, and GLib starts a bus
// where there is none, so each try has a process of its own.
func TestNothingToShowOnIsAnErrorAndNotTheEnd(t *testing.T) {
	if os.Getenv("TRAY_TEST_CHILD") != "" {
		_, err := Start(context.Background(), Options{})
		fmt.Println("no display:", errors.Is(err, ErrNoDisplay), "no bus:", errors.Is(err, ErrNoBus))
		return
	}
	bustest.New(t)
	bustest.Display(t)
	for name, tt := range map[string]struct{ env, want string }{
		"no display set":                {"DISPLAY= WAYLAND_DISPLAY=", "no display: true no bus: false"},
		"a display that isn't there":    {"DISPLAY=:4242 WAYLAND_DISPLAY=", "no display: true no bus: false"},
		"a compositor that isn't there": {"DISPLAY= GDK_BACKEND=wayland WAYLAND_DISPLAY=wayland-4242", "no display: true no bus: false"},
		"no bus":                        {"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus", "no display: false no bus: true"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNothingToShowOnIsAnErrorAndNotTheEnd$")
			cmd.Env = append(append(os.Environ(), strings.Fields(tt.env)...), "TRAY_TEST_CHILD=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), tt.want) {
				t.Errorf("%v, want %q, said:\n%s", err, tt.want, out)
			}
		})
	}
}
