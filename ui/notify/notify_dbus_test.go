//go:build linux

package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/internal/bustest"
)

// call is one Notify as the service got it.
type call struct {
	ID, Replaces  uint32
	App, Icon     string
	Summary, Body string
	Actions       []string
	Hints         map[string]dbus.Variant
	Timeout       int32
}

// server is a notification service played by the test.
type server struct {
	conn  *dbus.Conn
	caps  []string
	last  atomic.Uint32
	hang  atomic.Bool
	calls chan call
}

// serve puts a service with these capabilities on the bus.
func serve(t *testing.T, d *bustest.Daemon, caps ...string) *server {
	t.Helper()
	s := &server{conn: d.Connect(), caps: caps, calls: make(chan call, 100)}
	if err := s.conn.ExportMethodTable(map[string]any{
		"GetCapabilities": func() ([]string, *dbus.Error) { return s.caps, nil },
		"Notify": func(app string, replaces uint32, icon, summary, body string, actions []string,
			hints map[string]dbus.Variant, timeout int32) (uint32, *dbus.Error) {
			if s.hang.Load() {
				<-s.conn.Context().Done()
			}
			id := replaces
			if id == 0 {
				id = s.last.Add(1)
			}
			s.calls <- call{id, replaces, app, icon, summary, body, actions, hints, timeout}
			return id, nil
		},
	}, "/org/freedesktop/Notifications", service); err != nil {
		t.Fatal(err)
	}
	d.Own(s.conn, service)
	return s
}

func (s *server) emit(t *testing.T, signal string, args ...any) {
	t.Helper()
	if err := s.conn.Emit("/org/freedesktop/Notifications", service+"."+signal, args...); err != nil {
		t.Fatal(err)
	}
}

// within waits for something that has to come.
func within[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s came", what)
		panic("unreachable")
	}
}

type notifier struct {
	Notifier
	clicks chan monitor.Key
	errs   chan error
}

func start(t *testing.T) *notifier {
	t.Helper()
	n := &notifier{clicks: make(chan monitor.Key, 10), errs: make(chan error, 10)}
	n.Notifier = New(Options{OpenLabel: "Open", OnClick: func(k monitor.Key) { n.clicks <- k }, OnError: func(err error) { n.errs <- err }})
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func (n *notifier) send(t *testing.T, x Toast) {
	t.Helper()
	if err := n.Notify(context.Background(), x); err != nil {
		t.Fatal(err)
	}
}

func TestToastReplacesItsSlotAndOpensItsRow(t *testing.T) {
	d := bustest.New(t)
	s, n := serve(t, d, "body", "actions", "body-markup"), start(t)
	n.send(t, Toast{Title: "one", Slot: "ports", Key: key("127.0.0.1:1")})
	n.send(t, Toast{Title: "look", Slot: "look", Key: key("127.0.0.1:2"), Important: true})
	n.send(t, Toast{Title: "two", Slot: "ports", Key: key("127.0.0.1:3")})
	one, look, two := within(t, s.calls, "toast"), within(t, s.calls, "toast"), within(t, s.calls, "toast")
	if one.Replaces != 0 || look.Replaces != 0 || two.Replaces != one.ID {
		t.Errorf("replaces %d, %d, %d; want 0, 0 and the first's id %d", one.Replaces, look.Replaces, two.Replaces, one.ID)
	}
	if one.App != "Portlight" || one.Timeout != -1 || look.Timeout != int32(longer.Milliseconds()) {
		t.Errorf("app %q, timeouts %d and %d", one.App, one.Timeout, look.Timeout)
	}
	if got := strings.Join(one.Actions, ","); got != "default,Open" {
		t.Errorf("actions %q", got)
	}
	if px, ok := one.Hints["image-data"].Value().([]any); !ok || len(px) != 7 || px[0] != int32(48) || len(px[6].([]byte)) != 48*48*4 {
		t.Errorf("icon %.60v, want 48 pixels square", one.Hints["image-data"])
	}
	s.emit(t, "ActionInvoked", look.ID, "other")
	s.emit(t, "ActionInvoked", uint32(999), "default")
	s.emit(t, "ActionInvoked", "not an id")
	s.emit(t, "ActionInvoked", two.ID, "default")
	if got := within(t, n.clicks, "click"); got != key("127.0.0.1:3") {
		t.Errorf("the click opens %v, want the row of the toast that replaced the first", got)
	}
	// A closed toast can't be replaced, but services still report a click on
	// it from their list.
	s.emit(t, "NotificationClosed", two.ID, uint32(1))
	s.emit(t, "ActionInvoked", two.ID, "default")
	within(t, n.clicks, "click on a closed toast")
	n.send(t, Toast{Title: "three", Slot: "ports"})
	if three := within(t, s.calls, "toast"); three.Replaces != 0 {
		t.Errorf("replaces %d, which was closed", three.Replaces)
	}
}

func TestMarkupIsEscapedOnlyWhereItIsRead(t *testing.T) {
	const body = `<b>a & "b"</b> $(calc)`
	for _, tt := range []struct {
		caps []string
		want string
	}{
		{[]string{"body", "body-markup"}, "&lt;b&gt;a &amp; &#34;b&#34;&lt;/b&gt; $(calc)"},
		{[]string{"body"}, body},
	} {
		t.Run(strings.Join(tt.caps, ","), func(t *testing.T) {
			d := bustest.New(t)
			s, n := serve(t, d, tt.caps...), start(t)
			n.send(t, Toast{Title: body, Body: body})
			got := within(t, s.calls, "toast")
			if got.Body != tt.want || got.Summary != body {
				t.Errorf("summary %q, body %q; want %q and %q", got.Summary, got.Body, body, tt.want)
			}
			if len(got.Actions) != 0 {
				t.Errorf("actions %q for a service that has none", got.Actions)
			}
		})
	}
}

func TestHungServiceDelaysNothing(t *testing.T) {
	d := bustest.New(t)
	s, n := serve(t, d, "body"), start(t)
	n.Notifier.(*bus).patience = 300 * time.Millisecond // before the first toast
	s.hang.Store(true)
	began := time.Now()
	n.send(t, Toast{Title: "lost"})
	if took := time.Since(began); took > 50*time.Millisecond {
		t.Errorf("Notify took %v", took)
	}
	if err := within(t, n.errs, "error"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	s.hang.Store(false)
	n.send(t, Toast{Title: "shown"})
	if got := within(t, s.calls, "toast"); got.Summary != "shown" {
		t.Errorf("got %q", got.Summary)
	}
}

func TestQueueIsBounded(t *testing.T) {
	d := bustest.New(t)
	s, n := serve(t, d, "body"), start(t)
	s.hang.Store(true)
	busy := 0
	for range 2*waiting + 2 {
		if err := n.Notify(context.Background(), Toast{Title: "x"}); errors.Is(err, ErrBusy) {
			busy++
		}
	}
	if busy < waiting {
		t.Errorf("%d of %d refused, want at least %d", busy, 2*waiting+2, waiting)
	}
	began := time.Now()
	_ = n.Close()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Close waited %v for a hung service", took)
	}
	if err := n.Notify(context.Background(), Toast{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Notify after Close: %v", err)
	}
}

func TestNoServiceIsAnErrorForTheLogOnly(t *testing.T) {
	bustest.New(t)
	n := start(t)
	n.send(t, Toast{Title: "lost"})
	if err := within(t, n.errs, "error"); err == nil {
		t.Error("no error")
	}
}

func TestServiceThatComesBackStartsAnew(t *testing.T) {
	d := bustest.New(t)
	s, n := serve(t, d, "body", "body-markup"), start(t)
	n.send(t, Toast{Title: "one", Body: "<"})
	first := within(t, s.calls, "toast")
	if first.Body != "&lt;" {
		t.Fatalf("body %q", first.Body)
	}
	_ = s.conn.Close()
	s = serve(t, d, "body")
	n.send(t, Toast{Title: "two", Body: "<"})
	if got := within(t, s.calls, "toast"); got.Replaces != 0 || got.Body != "<" {
		t.Errorf("replaces %d, body %q: the former service's id and capabilities were kept", got.Replaces, got.Body)
	}
}

func TestBusThatComesBackIsFoundAgain(t *testing.T) {
	d := bustest.New(t)
	s, n := serve(t, d, "body"), start(t)
	n.send(t, Toast{Title: "one", Key: key("127.0.0.1:1")})
	one := within(t, s.calls, "toast")
	s.emit(t, "ActionInvoked", one.ID, "default")
	within(t, n.clicks, "click") // the answer has come: the bus takes nothing with it
	d.Stop()
	n.send(t, Toast{Title: "lost"})
	within(t, n.errs, "error")
	d.Start()
	s = serve(t, d, "body", "actions")
	s.emit(t, "ActionInvoked", one.ID, "default") // an id of the new service's, not ours
	n.send(t, Toast{Title: "two", Key: key("127.0.0.1:7")})
	two := within(t, s.calls, "toast")
	s.emit(t, "ActionInvoked", two.ID, "default")
	if got := within(t, n.clicks, "click"); got != key("127.0.0.1:7") {
		t.Errorf("the click opens %v", got)
	}
}

// A bus that was halted accepts connections and answers none of them.
func TestHaltedBusDelaysNothing(t *testing.T) {
	d := bustest.New(t)
	n := start(t)
	n.Notifier.(*bus).patience = 300 * time.Millisecond
	if err := d.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Process().Signal(syscall.SIGCONT) })
	n.send(t, Toast{Title: "lost"})
	if err := within(t, n.errs, "error"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
}

func TestNoBusIsNeverStarted(t *testing.T) {
	if path := fmt.Sprintf("/run/user/%d", os.Getuid()); exists(path+"/bus") || exists(path+"/dbus-session") {
		t.Skip("this user has a session bus in " + path + ": it would be used, and nobody would think of starting one")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
	// dbus-launch first on the PATH that leaves a trace if anybody runs it.
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/dbus-launch", []byte("#!/bin/sh\n: > "+dir+"/ran\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	n := start(t)
	n.send(t, Toast{Title: "lost"})
	within(t, n.errs, "error")
	if exists(dir + "/ran") {
		t.Error("a bus was started")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
