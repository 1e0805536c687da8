//go:build desktop && linux

package desktop

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// Where the details have their buttons, and below them what is said of freeing.
var (
	buttons = image.Rect(902, 84, 1280, 165)
	said    = image.Rect(902, 165, 1280, 300)
)

// plainButton is the colour of a button in the light theme
// (ui/theme/palette.go).
var plainButton = color.RGBA{0xec, 0xef, 0xf3, 0xff}

// proof waits for the latest attempt to be over.
func proof(a *desk.App, what string) desk.Attempt {
	s := a.Await(what, func(s desk.State) bool { return s.Latest().Phase == "done" })
	return s.Latest()
}

// find types the port into the filter and opens its row with one click.
func find(d *desk.Desktop, a *desk.App, port uint16) {
	d.Key("slash")
	d.Type(fmt.Sprint(port))
	a.Await("only that port's row", func(s desk.State) bool { return s.Only(port) })
	d.ClickIn(a.Window, firstRow.X, firstRow.Y, 1)
	a.Await("its details", func(s desk.State) bool { return s.Details && s.Selects(port) })
	d.Settle(a.Window)
}

func TestFromAddressInUseToFreedInTwoClicks(t *testing.T) {
	for _, tt := range []struct {
		name, role string
		forced     bool
		within     time.Duration
	}{
		{"a polite holder", "listen", false, 5 * time.Second},
		{"one that takes no notice of SIGTERM", "stubborn", true, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, a := open(t, "")
			c := program(t, stage.OpenDir(t), "shop", "storefront", tt.role, "127.0.0.1:0", "storefront", "--serve")
			a.AwaitRow(c.Port)
			find(d, a, c.Port) // the first click
			free := d.AwaitColour(a.Window, danger, buttons)
			clicked := time.Now()
			d.ClickIn(a.Window, free.X+20, free.Y, 1) // the second
			if tt.forced {
				d.AwaitPatch(a.Window, danger) // Force now
				d.Screenshot(a.Window, "freeing-asked")
			}
			end := proof(a, "the proof")
			took := time.Since(clicked)
			d.Settle(a.Window)
			d.Screenshot(a.Window, "freeing-proof-"+tt.role)
			t.Logf("measured: %q, %v after the click; the signal to freed %.2f s", end.Text, took.Round(time.Millisecond), end.Took)
			if end.Ending != "freed" || end.Forced != tt.forced || took > tt.within {
				t.Errorf("it ended as %q (%s), forced %v, after %v; want freed, forced %v, within %v", end.Ending, end.Text, end.Forced, took, tt.forced, tt.within)
			}
			if !strings.HasPrefix(end.Text, "Freed port "+fmt.Sprint(c.Port)) {
				t.Errorf("the proof says %q", end.Text)
			}
			if !c.Ended() {
				t.Error("its holder runs")
			}
			stage.Start(t, "listen", []string{"tcp", fmt.Sprintf("127.0.0.1:%d", c.Port)}) // it can be had
		})
	}
}

func TestNotForcedAfterAll(t *testing.T) {
	d, a := open(t, "")
	c := program(t, stage.OpenDir(t), "shop", "storefront", "stubborn", "127.0.0.1:0", "storefront", "--serve")
	a.AwaitRow(c.Port)
	d.Key("ctrl+k")
	d.Type(fmt.Sprint(c.Port))
	d.Key("Return")
	a.Await("the details", func(s desk.State) bool { return s.Details && s.Selects(c.Port) })
	d.Settle(a.Window)
	d.Key("Delete")
	force := d.AwaitPatch(a.Window, danger)
	d.ClickIn(a.Window, force.Min.X-60, (force.Min.Y+force.Max.Y)/2, 1) // Don't force, beside it
	end := proof(a, "taken back")
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-taken-back")
	if end.Ending != "taken_back" || c.Ended() {
		t.Errorf("it ended as %q, the holder has ended: %v", end.Ending, c.Ended())
	}
	force = d.AwaitPatch(a.Window, danger)
	d.ClickIn(a.Window, (force.Min.X+force.Max.X)/2, (force.Min.Y+force.Max.Y)/2, 1)
	a.Await("forced after all", func(s desk.State) bool { return s.Latest().Ending == "freed" && s.Latest().Forced })
}

func TestAPlanIsShownForAPreforkServer(t *testing.T) {
	d, a := open(t, "")
	c := program(t, stage.OpenDir(t), "shop", "storefront", "prefork", "", "storefront", "--serve")
	a.AwaitRow(c.Port)
	find(d, a, c.Port)
	free := d.AwaitColour(a.Window, danger, buttons)
	d.ClickIn(a.Window, free.X+20, free.Y, 1)
	s := a.Await("the plan", func(s desk.State) bool { return s.Freeing.Plan != nil })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-plan")
	plan := s.Freeing.Plan
	if plan.Choices[0].Kind != "tree" || plan.Chosen != 0 || !strings.Contains(strings.Join(plan.Choices[0].Risks, " "), "several") {
		t.Errorf("the plan: %+v", plan)
	}
	t.Log("Esc: nothing is done")
	d.Key("Escape")
	a.Await("no plan", func(s desk.State) bool { return s.Freeing.Plan == nil })
	if c.Ended() {
		t.Fatal("it was ended without an answer")
	}
	t.Log("by keyboard: Del, Return to the button, Return")
	d.Key("Delete")
	a.Await("the plan again", func(s desk.State) bool { return s.Freeing.Plan != nil && s.Freeing.Plan.Armed })
	d.Settle(a.Window)
	d.Key("Return")
	d.Settle(a.Window)
	if c.Ended() {
		t.Fatal("one Return ended it")
	}
	d.Key("Return")
	if end := proof(a, "the proof"); end.Ending != "freed" {
		t.Errorf("it ended as %q: %s", end.Ending, end.Text)
	}
	stage.Eventually(t, stage.Patience, "the server ends", func() (bool, string) { return c.Ended(), "it runs" })
}

func TestAPortThatIsTakenAgainIsFreedForGood(t *testing.T) {
	d, a := open(t, "")
	c := program(t, stage.OpenDir(t), "shop", "keeper", "respawn", "127.0.0.1:0", "keeper", "--forever")
	a.AwaitRow(c.Port)
	find(d, a, c.Port)
	d.Key("Delete")
	end := proof(a, "taken again")
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-taken-again")
	if end.Ending != "taken_again" || len(end.Steps) != 2 {
		t.Fatalf("it ended as %q (%s) with the next steps %q", end.Ending, end.Text, end.Steps)
	}
	t.Logf("it says: %s", end.Text)
	t.Log("stop that too: the first of the two buttons, by mouse")
	first := d.AwaitPatchIn(a.Window, plainButton, said)
	d.ClickIn(a.Window, first.Min.X+30, (first.Min.Y+first.Max.Y)/2, 1)
	s := a.Await("the plan", func(s desk.State) bool { return s.Freeing.Plan != nil })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-stop-too")
	if s.Freeing.Plan.Choices[0].Kind != "watcher" {
		t.Errorf("recommended: %+v", s.Freeing.Plan.Choices[0])
	}
	d.Key("Return", "Return")
	if end := proof(a, "the proof"); end.Ending != "freed" {
		t.Errorf("it ended as %q: %s", end.Ending, end.Text)
	}
	stage.Eventually(t, stage.Patience, "the keeper ends", func() (bool, string) { return c.Ended(), "it runs" })
}

func TestWhyAPortCanNotBeHad(t *testing.T) {
	d, a := open(t, "")
	c := server(t)
	a.AwaitRow(c.Port)
	t.Log("by keyboard: Ctrl+D, the error as Node writes it, Return")
	d.Key("ctrl+d")
	a.Await("the page", func(s desk.State) bool { return s.Page == "why" && strings.HasSuffix(s.Focused, "Entry") })
	d.Type(fmt.Sprintf("Error: listen EADDRINUSE: address already in use :::%d", c.Port))
	d.Key("Return")
	s := a.Await("the answer", func(s desk.State) bool { return s.Why.Cause != "" && !s.Why.Examining })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "why-held")
	if s.Why.Cause != "held" || s.Why.Port != int(c.Port) || !strings.Contains(s.Why.Text, fmt.Sprintf("storefront (PID %d)", c.PID)) {
		t.Errorf("it says %+v", s.Why)
	}
	t.Log("free it from there")
	free := d.AwaitColour(a.Window, danger, image.Rect(90, 180, 300, 260))
	d.ClickIn(a.Window, free.X+20, free.Y, 1)
	if end := proof(a, "the proof"); end.Ending != "freed" {
		t.Errorf("it ended as %q", end.Ending)
	}
	s = a.Await("it is free now", func(s desk.State) bool { return s.Why.Cause == "free" && !s.Why.Examining })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "why-free")
	if !strings.HasPrefix(s.Why.Progress, "Freed port") {
		t.Errorf("above the answer it says %q", s.Why.Progress)
	}
}

func TestAPortIsKeptForTheUser(t *testing.T) {
	d, a := open(t, "")
	c := program(t, stage.OpenDir(t), "shop", "keeper", "respawn", "127.0.0.1:0", "keeper", "--forever")
	a.AwaitRow(c.Port)
	find(d, a, c.Port)
	d.Key("Delete")
	proof(a, "taken again")
	d.Settle(a.Window)
	t.Log("Free and keep it: the second button")
	first := d.AwaitPatchIn(a.Window, plainButton, said)
	d.ClickIn(a.Window, first.Max.X+40, (first.Min.Y+first.Max.Y)/2, 1)
	a.Await("the plan", func(s desk.State) bool { return s.Freeing.Plan != nil })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-keep")
	d.Key("Return", "Return")
	a.Await("held", func(s desk.State) bool { return len(s.Freeing.Holding) == 1 && s.Freeing.Holding[0] == int(c.Port) })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "freeing-held")
}

func TestFreeingLooksRightInEveryWay(t *testing.T) {
	for _, theme := range []string{"light", "dark"} {
		for _, language := range []string{"en", "zh"} {
			t.Run(theme+" "+language, func(t *testing.T) {
				d := desk.Start(t, desk.Options{})
				d.WriteConfig("portlight/portlight.yaml", fmt.Sprintf("theme: %s\nlanguage: %s\n", theme, language))
				a := d.Open(stage.Build(t))
				d.Place(a.Window, 60, 40, 1280, 800)
				d.Focus(a.Window)
				c := program(t, stage.OpenDir(t), "shop", "storefront", "prefork", "", "storefront", "--serve")
				a.AwaitRow(c.Port)
				find(d, a, c.Port)
				d.Key("shift+Delete")
				a.Await("the plan", func(s desk.State) bool { return s.Freeing.Plan != nil })
				d.Settle(a.Window)
				d.Screenshot(a.Window, "plan-"+theme+"-"+language)
				d.Key("Escape")
				d.Key("ctrl+d")
				a.Await("the answer", func(s desk.State) bool { return s.Page == "why" && s.Why.Cause != "" && !s.Why.Examining })
				d.Settle(a.Window)
				d.Screenshot(a.Window, "why-"+theme+"-"+language)
			})
		}
	}
}

func TestShadowedPortsAreMarkedAndToldOnce(t *testing.T) {
	d, a := open(t, "")
	toasts := d.WatchToasts()
	port := calmPort(t)
	home := stage.OpenDir(t)
	program(t, home, "shop", "storefront", "http", fmt.Sprintf("127.0.0.1:%d", port), "storefront", "--serve")
	a.AwaitRow(uint16(port))
	program(t, home, "notes", "preview", "http", fmt.Sprintf("[::1]:%d", port), "preview")
	a.Await("both rows are marked", func(s desk.State) bool {
		n := 0
		for _, r := range s.Rows {
			if r.Port == port && r.Shadow {
				n++
			}
		}
		return n == 2
	})
	d.Key("ctrl+k")
	d.Type(fmt.Sprint(port))
	d.Key("Return")
	a.Await("the details", func(s desk.State) bool { return s.Details && s.Selects(uint16(port)) })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "shadow")
	told := func() (n int) {
		for _, t := range toasts.All() {
			if strings.Contains(t.Summary+t.Body, fmt.Sprint("Two programs on port ", port)) {
				n++
			}
		}
		return n
	}
	stage.Eventually(t, stage.Patience, "a notification", func() (bool, string) { return told() > 0, toasts.Describe() })
	if n := told(); n != 1 {
		t.Errorf("told %d times:\n%s", n, toasts.Describe())
	}
}

func TestAConnectionIsClosedByItsMenu(t *testing.T) {
	d, a := open(t, "")
	c := server(t)
	client := stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", c.Port)})
	a.AwaitRow(c.Port)
	d.Key("ctrl+f")
	d.Type(fmt.Sprintf("state:established port:%d -storefront", client.Port))
	d.Key("Tab", "Right") // All
	a.Await("the client's end", func(s desk.State) bool { return s.All && len(s.Rows) == 1 })
	d.Key("ctrl+f")
	d.Key("Return", "Down")
	a.Await("it is selected", func(s desk.State) bool { return s.Selects(client.Port) })
	d.Key("Menu")
	d.Settle(a.Window)
	d.Screenshot(a.Window, "disconnect-menu")
	d.Key("Down", "Down", "Return") // Reveal program, Close connection…
	d.AwaitPatch(a.Window, danger)
	d.Key("Right", "Return")
	s := a.Await("it says so", func(s desk.State) bool { return s.Notice != "" })
	d.Settle(a.Window)
	d.Screenshot(a.Window, "disconnected")
	t.Logf("it says: %s", s.Notice)
	switch {
	case strings.HasPrefix(s.Notice, "Closed the connection"):
		a.Await("its row goes", func(s desk.State) bool { return len(s.Rows) == 0 })
	case os.Getuid() != 0 && strings.Contains(s.Notice, "only an administrator"):
	default:
		t.Errorf("it says %q", s.Notice)
	}
}
