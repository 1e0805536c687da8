//go:build desktop && linux

package desktop

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// calmPort returns a free port outside the range that the system hands out by
// itself: one that is worth a notification.
func calmPort(t *testing.T) int {
	t.Helper()
	for port := 4000; port < 5000; port++ {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port from 4000 to 4999")
	return 0
}

func TestCloseToTheTrayAndBack(t *testing.T) {
	d, a := open(t, "")
	a.Await("a tray icon", func(s desk.State) bool { return s.Tray && s.TrayHost })
	item := d.AwaitTrayItem()

	d.Close(a.Window)
	a.Await("the window is hidden", func(s desk.State) bool { return !s.Visible })
	if a.Visible() || len(d.TrayItems()) != 1 {
		t.Errorf("after closing: window visible %v, %d tray icons", a.Visible(), len(d.TrayItems()))
	}

	labels := []string{}
	for _, e := range item.Menu() {
		if e.Visible && !e.Separator {
			labels = append(labels, e.Label)
		}
	}
	for _, want := range []string{"Open Portlight", "Pause notifications", "Quit"} {
		if !slices.Contains(labels, want) {
			t.Errorf("the tray menu %q lacks %q", labels, want)
		}
	}

	d.TrayMenu("Up", "Up", "Up") // from the bottom: Quit, Pause, Open
	a.AwaitWindow()
	a.Await("the window is back", func(s desk.State) bool { return s.Visible })

	d.TrayMenu("Up", "Up")
	a.Await("notifications are paused", func(s desk.State) bool { return s.Paused })
	d.Settle(a.Window)
	d.Screenshot("root", "paused")

	d.TrayMenu("Up")
	stage.Eventually(t, stage.Patience, "Quit ends the program", func() (bool, string) { return a.Ended(), "it runs" })
	if a.ExitCode() != 0 {
		t.Errorf("quit with exit code %d", a.ExitCode())
	}
	stage.Eventually(t, stage.Patience, "the icon goes with it", func() (bool, string) {
		return len(d.TrayItems()) == 0, "it is there"
	})
}

func TestANotificationIsShownAndOpensItsRow(t *testing.T) {
	d, a := open(t, "")
	toasts, invoked := d.WatchToasts(), d.WatchInvoked()
	d.Close(a.Window)
	a.Await("the window is hidden", func(s desk.State) bool { return !s.Visible })

	port := calmPort(t)
	before := d.AllWindows()
	program(t, stage.OpenDir(t), "shop", "preview", "http", fmt.Sprintf("127.0.0.1:%d", port), "preview")
	stage.Eventually(t, stage.Patience, "a notification on the bus", func() (bool, string) {
		return slices.ContainsFunc(toasts.All(), func(n desk.Toast) bool {
			return strings.Contains(n.Summary+n.Body, fmt.Sprint(port)) && strings.Contains(n.Summary+n.Body, "preview")
		}), toasts.Describe()
	})
	toast := d.Popup(before)
	d.Screenshot("root", "toast")
	_, _, w, h := d.Geometry(toast)
	d.ClickIn(toast, w-60, h-32, 1) // its button, Show
	a.AwaitWindow()
	a.Await("a click opens the row", func(s desk.State) bool { return s.Visible && s.Details && s.Selects(uint16(port)) })
	select {
	case action := <-invoked:
		if action != "default" {
			t.Errorf("the click invoked %q", action)
		}
	case <-time.After(stage.Patience):
		t.Error("the notification service told of no click")
	}
	if n := len(toasts.All()); n != 1 {
		t.Errorf("%d notifications for one event:\n%s", n, toasts.Describe())
	}
}

func TestASecondStartShowsTheFirst(t *testing.T) {
	d, a := open(t, "")
	d.Close(a.Window)
	a.Await("the window is hidden", func(s desk.State) bool { return !s.Visible })
	second := d.Launch(stage.Build(t), nil)
	stage.Eventually(t, stage.Patience, "the second start ends", func() (bool, string) { return second.Ended(), "it runs" })
	if second.ExitCode() != 0 {
		t.Errorf("the second start: exit %d\n%s", second.ExitCode(), second.Said())
	}
	a.AwaitWindow()
	s := a.Await("the first one's window", func(s desk.State) bool { return s.Visible })
	if s.PID != a.PID {
		t.Errorf("PID %d answers, the first is %d", s.PID, a.PID)
	}
}

func TestWithoutATrayHostClosingEndsIt(t *testing.T) {
	d := desk.Start(t, desk.Options{NoTrayHost: true})
	d.WriteConfig("portlight/portlight.yaml", "theme: light\nlanguage: en\n")
	p := stage.Build(t)

	a := d.Open(p)
	a.Await("no tray host", func(s desk.State) bool { return !s.TrayHost && s.Poll.Seq > 0 })
	d.Focus(a.Window)
	d.Settle(a.Window)
	before := d.Look(a.Window)
	d.Close(a.Window)
	stage.Eventually(t, stage.Patience, "it says so, the first time", func() (bool, string) {
		return !a.Ended() && desk.Differ(before, d.Look(a.Window), before.Bounds()) > 5000, "nothing is said"
	})
	d.Screenshot(a.Window, "no-tray")
	d.Key("Return") // the keyboard is on its button
	stage.Eventually(t, stage.Patience, "and ends", func() (bool, string) { return a.Ended(), "it runs" })
	if a.ExitCode() != 0 {
		t.Errorf("exit %d", a.ExitCode())
	}

	a = d.Open(p)
	a.Await("a reading", func(s desk.State) bool { return s.Poll.Seq > 0 })
	d.Close(a.Window)
	stage.Eventually(t, stage.Patience, "the second time it ends at once", func() (bool, string) { return a.Ended(), "it runs" })
}

func TestStartedMinimisedItIsInTheTrayOnly(t *testing.T) {
	d := desk.Start(t, desk.Options{})
	a := d.Launch(stage.Build(t), []string{"--minimised"})
	a.Await("running, hidden, with an icon", func(s desk.State) bool { return s.Tray && !s.Visible })
	if a.Visible() {
		t.Error("a window is shown")
	}
}

func TestWithoutADisplayItSaysSo(t *testing.T) {
	p := stage.Build(t)
	for _, display := range []string{"", ":4711"} {
		start := time.Now()
		r := p.Run(t, nil, stage.Env("DISPLAY="+display, "WAYLAND_DISPLAY="))
		if r.Code != 1 || strings.Count(strings.TrimSpace(r.Stderr), "\n") != 0 || !strings.Contains(r.Stderr, "portlight list") {
			t.Errorf("DISPLAY=%q: exit %d after %v, said %q: want 1 and one line that names portlight list",
				display, r.Code, time.Since(start), r.Stderr)
		}
	}
}
