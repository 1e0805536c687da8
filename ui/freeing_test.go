package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

// said is what the details say of freeing.
func (s *stage) said() string { return s.ports.Progress().Text() }

// offers are the buttons beside it.
func (s *stage) offers() (out []string) {
	for _, b := range s.ports.Progress().Steps() {
		out = append(out, b.Text)
	}
	return out
}

// tap presses the nth of them.
func (s *stage) tap(n int) { s.ports.Progress().Steps()[n].OnTapped() }

func TestASafePortIsFreedAtOnceAndProven(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("127.0.0.1:8080"))
	s.press(fyne.KeyDelete)
	if got, want := s.act.last(), "free 1: port 8080, ask false"; got != want {
		t.Fatalf("Del asked for %q, want %q", got, want)
	}
	s.plan(alone(s))
	if s.win.Canvas().Overlays().Top() != nil {
		t.Fatal("a question is asked about a port that concerns nobody else")
	}
	s.step(free.Step{Stage: free.StageAsking, Elapsed: time.Second, Grace: freeing.GraceTime})
	if got := s.said() + fmt.Sprint(s.offers()); got != "Asked to end; forced in 2.0 s[Don't force Force now]" {
		t.Errorf("in the grace time it says %s", got)
	}
	s.end(free.Final{Ending: free.EndFreed, Elapsed: 400 * time.Millisecond})
	if got := s.said() + fmt.Sprint(s.offers()); got != "Freed port 8080 in 0.4 s[]" {
		t.Errorf("the proof says %s", got)
	}
}

func TestTheGraceTimeCanBeEndedEitherWay(t *testing.T) {
	for n, want := range []string{"don't force 1", "force now 1"} {
		s := open(t, "en", theme.Light)
		s.SelectEndpoint(key("127.0.0.1:8080"))
		s.free(alone(s))
		s.step(free.Step{Stage: free.StageAsking, Grace: freeing.GraceTime})
		s.tap(n)
		if got := s.act.last(); got != want {
			t.Errorf("asked for %q, want %q", got, want)
		}
		if len(s.offers()) != 0 {
			t.Errorf("%v is offered before an answer", s.offers())
		}
	}
}

func TestEveryEndingIsToldWithItsNextStep(t *testing.T) {
	alive := watched
	for name, tt := range map[string]struct {
		final free.Final
		again bool
		says  string
		steps string
		tap   int
		asks  string
	}{
		"freed":           {final: free.Final{Ending: free.EndFreed, Forced: true, Elapsed: 3 * time.Second}, says: "Freed port 3000 in 3.0 s, by force", steps: "[]", tap: -1},
		"taken again":     {final: takenAgain(), says: "taken again by node (PID 49100), started by nodemon (PID 48100)", steps: "[Stop nodemon too… Free and keep it…]", asks: "free 2: port 3000 with 48100, ask true"},
		"taken, and kept": {final: takenAgain(), says: "started by nodemon", steps: "[Stop nodemon too… Free and keep it…]", tap: 1, asks: "free 2: port 3000, ask true"},
		"taken by nobody": {final: free.Final{Ending: free.EndTakenAgain}, says: "may not be read", steps: "[Free it again… Free and keep it…]", tap: 1, asks: "free 2: port 3000, ask true"},
		"still held":      {final: free.Final{Ending: free.EndStillHeld, Holders: takenAgain().Holders}, says: "still held by node (PID 49100)", steps: "[End those too…]", asks: "free 2: port 3000, ask true"},
		"still running":   {final: free.Final{Ending: free.EndRunning}, again: true, says: "It still runs", steps: "[Leave it Force]", tap: 1, asks: "run 1: choice 0, force true, hold false"},
		"running forced":  {final: free.Final{Ending: free.EndRunning, Forced: true}, says: "It still runs", steps: "[Try again…]", asks: "free 2: port 3000, ask true"},
		"taken back":      {final: free.Final{Ending: free.EndTakenBack}, again: true, says: "asked to end and is not forced", steps: "[Leave it Force]", asks: "discard 1"},
		"back and over":   {final: free.Final{Ending: free.EndTakenBack}, says: "Taken back", steps: "[]", tap: -1},
		"no longer held":  {final: free.Final{Ending: free.EndNotHeld}, says: "nothing was done", steps: "[Look again…]", asks: "free 2: port 3000, ask true"},
		"denied":          {final: free.Final{Ending: free.EndDenied}, says: "doesn't let you end it", steps: "[Ask for permission… Copy the command]", asks: "permission 1: choice 0"},
		"reserved":        {final: free.Final{Ending: free.EndReserved}, says: "only an administrator can bind it", steps: "[]", tap: -1},
		"bound by nobody": {final: free.Final{Ending: free.EndUnproven}, says: "can't be bound", steps: "[Why can't I use it?]", asks: "examine tcp 3000 invalid IP, reach false"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, "en", theme.Light)
			s.SelectEndpoint(key("0.0.0.0:3000"))
			s.free(alive(s))
			s.last1.Again = tt.again
			if tt.final.Ending == free.EndDenied {
				s.last1.Elevate, s.last1.Command = true, "sudo portlight kill 3000"
			}
			s.end(tt.final)
			if got := s.said(); !strings.Contains(got, tt.says) {
				t.Errorf("it says %q, want %q in it", got, tt.says)
			}
			if got := fmt.Sprint(s.offers()); got != tt.steps {
				t.Fatalf("it offers %s, want %s", got, tt.steps)
			}
			if tt.tap >= 0 {
				s.tap(tt.tap)
				if got := s.act.last(); got != tt.asks {
					t.Errorf("the step asked for %q, want %q", got, tt.asks)
				}
			}
		})
	}
}

func TestTheWaitForClosedConnectionsCountsDown(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("127.0.0.1:8080"))
	s.free(alone(s))
	s.end(free.Final{Ending: free.EndLingering, Elapsed: time.Second, Wait: 42 * time.Second})
	for after, want := range map[time.Duration]string{10 * time.Second: "wait 32 s", 43 * time.Second: "in 1.0 s"} {
		s.now = uitest.Now.Add(after)
		s.Tick()
		if got := s.said(); !strings.HasSuffix(got, want) {
			t.Errorf("after %v it says %q, want %q at its end", after, got, want)
		}
	}
}

func TestAPlanIsArmedByKeyboard(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.free(watched(s))
	s.press(fyne.KeyReturn) // goes on to the button
	if strings.HasPrefix(s.act.last(), "run") {
		t.Fatal("the first Enter carried it out")
	}
	s.press(fyne.KeyReturn)
	if got, want := s.act.last(), "run 1: choice 0, force false, hold false"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
	if s.win.Canvas().Overlays().Top() != nil {
		t.Error("the plan is still shown")
	}
}

func TestAnotherChoiceAndKeepingThePort(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.free(watched(s))
	if got := s.State().Freeing.Plan.Button; got != "End 2 processes" {
		t.Errorf("the button says %q", got)
	}
	s.press(fyne.KeyDown)
	if got := s.State().Freeing.Plan; got.Chosen != 1 || got.Button != "End node" {
		t.Errorf("after Down: %+v", got)
	}
	c := s.win.Canvas()
	c.FocusNext() // the box
	s.win.Canvas().Focused().TypedRune(' ')
	c.FocusPrevious()
	s.press(fyne.KeyReturn, fyne.KeyReturn)
	if got, want := s.act.last(), "run 1: choice 1, force false, hold true"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestWhatConcernsOthersIsAskedForByName(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:80"))
	s.free(service(s))
	if got := s.State().Freeing.Plan; got.Armed || got.Name != "nginx.service" || got.Button != "Stop nginx.service" {
		t.Fatalf("the plan: %+v", got)
	}
	s.press(fyne.KeyDown) // the other can't be chosen
	if got := s.State().Freeing.Plan; got.Chosen != 0 || got.Choices[1].Blocked != "rights" {
		t.Errorf("a choice that isn't possible was chosen: %+v", got)
	}
	s.press(fyne.KeyReturn) // into the entry
	s.write("nginx")
	s.press(fyne.KeyReturn)
	if strings.HasPrefix(s.act.last(), "run") || s.State().Freeing.Plan.Armed {
		t.Fatal("half the name was enough")
	}
	s.write(".service")
	s.press(fyne.KeyReturn, fyne.KeyReturn)
	if got, want := s.act.last(), "run 1: choice 0, force false, hold false"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestEscFromAPlanDoesNothing(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:22"))
	s.free(forbidden(s))
	s.press(fyne.KeyReturn) // nothing is possible: the keyboard is on Close
	if got := s.act.last(); got != "discard 1" {
		t.Errorf("asked for %q", got)
	}
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.free(watched(s))
	s.press(fyne.KeyEscape)
	if got := s.act.last(); got != "discard 2" || s.said() != "" {
		t.Errorf("asked for %q, says %q", got, s.said())
	}
}

func TestAPortInOneHandIsFreedAsAWhole(t *testing.T) {
	s := open(t, "en", theme.Light)
	for addr, want := range map[string]string{
		"127.0.0.1:631":     "free 1: port 631, ask false", // ::1 is the same program's
		"127.0.0.53:53":     "free 1: port 53, ask false",  // UDP too
		"192.168.1.23:7946": "free 1: port 7946, ask false",
	} {
		s := open(t, "en", theme.Light)
		s.SelectEndpoint(key(addr))
		s.press(fyne.KeyDelete)
		if got := s.act.last(); got != want {
			t.Errorf("%s: asked for %q, want %q", addr, got, want)
		}
	}
	s.shadow()
	s.press(fyne.KeyDelete)
	if got, want := s.act.last(), "free 1: port 8000 at 0.0.0.0, ask false"; got != want {
		t.Errorf("beside another's: asked for %q, want %q", got, want)
	}
}

func TestAProofIsTakenBackWhenThePortIsOpenedAgain(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("127.0.0.1:8080"))
	s.free(alone(s))
	s.end(free.Final{Ending: free.EndFreed})
	without := *s.last
	without.Endpoints = slices.DeleteFunc(slices.Clone(s.last.Endpoints), func(e monitor.Endpoint) bool { return e.Addr.Port() == 8080 })
	without.Taken = uitest.Now.Add(time.Second)
	with := *s.last
	with.Taken = uitest.Now.Add(time.Minute)
	s.Apply(monitor.Update{Snapshot: &without, Changes: monitor.Diff(s.last, &without)})
	if s.said() == "" || s.ports.Note() != "" {
		t.Errorf("once the row has gone it says %q and %q, want the proof alone", s.said(), s.ports.Note())
	}
	s.Apply(monitor.Update{Snapshot: &with, Changes: monitor.Diff(&without, &with)})
	if s.said() != "" {
		t.Errorf("of a port that is held again it says %q", s.said())
	}
}

func TestAHeldPortIsShownAndReleased(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SetHeld([]freeing.Held{{ID: 7, Port: 3000}})
	if got := s.status.holding.Text(); got != "Holding port 3000 · release" {
		t.Errorf("the status bar says %q", got)
	}
	s.status.holding.Tap()
	if got := s.act.last(); got != "release 7" {
		t.Errorf("asked for %q", got)
	}
	s.SelectEndpoint(key("127.0.0.1:8080"))
	s.free(alone(s))
	s.end(free.Final{Ending: free.EndFreed, Elapsed: time.Second})
	s.SetHeld([]freeing.Held{{ID: 1, Port: 8080}})
	if got := s.said() + fmt.Sprint(s.offers()); got != "Freed port 8080 in 1.0 s · Portlight holds it for you[Release]" {
		t.Errorf("beside its row it says %s", got)
	}
	s.SetHeld(nil)
	if s.status.holding.Visible() {
		t.Error("it still says that a port is held")
	}
}

func TestWhyThePortOfTheRowCanNotBeHad(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:3000"))
	s.ctrl(fyne.KeyD)
	if got, want := s.act.last(), "examine tcp 3000 invalid IP, reach false"; got != want {
		t.Fatalf("asked for %q, want %q", got, want)
	}
	q := s.why.Question()
	s.ApplyDiagnosis(doctor.Question{Port: 1}, diagnosis(s), nil)
	if s.State().Why.Cause != "" {
		t.Error("the answer to another question is shown")
	}
	s.ApplyDiagnosis(q, diagnosis(s), nil)
	if got := s.State().Why; got.Cause != "held" || got.Text != "node (PID 48213) holds tcp 0.0.0.0:3000" || fmt.Sprint(got.Remedies) != "[free_port other_port run set_reuse]" {
		t.Errorf("it shows %+v", got)
	}
}

func TestAPastedErrorIsUnderstood(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ctrl(fyne.Key2)
	s.write("listen udp 127.0.0.1:53: bind: address already in use")
	s.press(fyne.KeyReturn)
	if got, want := s.act.last(), "examine udp 53 127.0.0.1, reach false"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
	s.press(fyne.KeyEscape) // to the rail
	s.Explain(0, 0)
	n := len(s.act.log)
	s.why.Focus()
	s.win.Canvas().Focused().(interface{ SetText(string) }).SetText("it doesn't work")
	s.press(fyne.KeyReturn)
	if len(s.act.log) != n {
		t.Errorf("asked for %q", s.act.last())
	}
}

func TestASearchForAFreePortLeadsToWhy(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.ports.Search()
	s.write("3999")
	if got := s.ports.StateTitle(); got != "Nobody holds port 3999" {
		t.Errorf("it says %q", got)
	}
	s.Explain(3999, sockets.TCP)
	if got := s.State(); got.Page != "why" || got.Why.Port != 3999 {
		t.Errorf("page %s, port %d", got.Page, got.Why.Port)
	}
}

func TestShadowsAreMarked(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.shadow()
	n := 0
	for _, r := range s.State().Rows {
		if r.Shadow {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d rows are marked, want the two of port 8000", n)
	}
}

func TestAConnectionIsClosedAfterAQuestion(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.askDisconnect()
	s.press(fyne.KeyRight, fyne.KeyReturn)
	if got, want := s.act.last(), "disconnect 127.0.0.1:3000 127.0.0.1:52110"; got != want {
		t.Fatalf("asked for %q, want %q", got, want)
	}
	s.ReportDisconnect(Disconnected{Denied: true, Command: "portlight disconnect a b"})
	if got := s.problem.Text(); !strings.Contains(got, "only an administrator") {
		t.Errorf("it says %q", got)
	}
}

func TestOrphansAreEndedOneByOneAfterTheirPlan(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SetOrphans(leftBehind())
	if got := s.ports.LeftBehind(); got != "3 left behind" {
		t.Fatalf("the chip says %q", got)
	}
	s.desk.ShowOrphans(leftBehind())
	s.press(fyne.KeyRight, fyne.KeyReturn) // show what would end
	if got := fmt.Sprint(s.act.log[len(s.act.log)-3:]); got != "[free 1: port 0 of 40100, ask true free 2: port 0 of 40200, ask true free 3: port 0 of 40300, ask true]" {
		t.Fatalf("asked for %s", got)
	}
	s.ReportAttempt(freeing.Attempt{ID: 1, Phase: freeing.Waiting, Plan: alone(s)})
	s.ReportAttempt(freeing.Attempt{ID: 2, Phase: freeing.Done, Err: free.ErrNobody})
	s.ReportAttempt(freeing.Attempt{ID: 3, Phase: freeing.Waiting, Plan: service(s)})
	if got := s.act.last(); got != "discard 3" {
		t.Errorf("what concerns others: %q, want it left alone", got)
	}
	if s.State().Freeing.Plan != nil {
		t.Error("a plan of its own is shown")
	}
	s.press(fyne.KeyRight, fyne.KeyReturn) // end these
	if got := s.act.last(); got != "run 1: choice 0, force false, hold false" {
		t.Errorf("asked for %q", got)
	}
	s.ReportAttempt(freeing.Attempt{ID: 1, Phase: freeing.Done, Plan: alone(s), Final: &free.Final{Ending: free.EndFreed}})
	n := len(s.act.log)
	s.press(fyne.KeyReturn) // Close
	if s.win.Canvas().Overlays().Top() != nil {
		t.Error("the sheet is still there")
	}
	for _, l := range s.act.log[n:] {
		if strings.HasPrefix(l, "run") {
			t.Errorf("then asked for %q", l)
		}
	}
}

func TestOnlyWhoIsShownMayBeEndedUnasked(t *testing.T) {
	s := open(t, "en", theme.Light)
	k := key("127.0.0.1:8080")
	e, _ := s.last.Endpoint(k)
	api := e.Holders[0].Identity
	s.SelectEndpoint(k)
	s.press(fyne.KeyDelete)
	if want := []process.Identity{api}; !slices.Equal(s.act.seen, want) {
		t.Errorf("beside the row: %v was seen, want %v", s.act.seen, want)
	}
	s.ctrl(fyne.KeyD)
	q := s.why.Question()
	s.ApplyDiagnosis(q, diagnosis(s), nil)
	s.why.Free()
	vite, _ := s.last.Endpoint(key("0.0.0.0:3000"))
	if want := []process.Identity{vite.Holders[0].Identity}; !slices.Equal(s.act.seen, want) {
		t.Errorf("beside the answer: %v was seen, want %v", s.act.seen, want)
	}
}

func TestWhoTheTrayDidNotNameIsAskedAbout(t *testing.T) {
	k := key("127.0.0.1:8080")
	for _, earlier := range []bool{false, true} {
		s := open(t, "en", theme.Light)
		e, _ := s.last.Endpoint(k)
		named := e.Holders[0].Identity
		if earlier {
			named.Start--
		}
		s.FreeEndpoint(k, named)
		if got, want := s.act.last(), fmt.Sprintf("free 1: port 8080, ask %v", earlier); got != want {
			t.Errorf("asked for %q, want %q", got, want)
		}
	}
}

func TestPermissionIsAskedForTheChoiceThatIsShown(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:80"))
	p := service(s)
	p.Choices[1].Kind, p.Choices[1].Victims = free.KindProcess, p.Choices[1].Victims[:1]
	s.ports.Free(false)
	attempts := s.desk.State().Attempts
	s.ReportAttempt(freeing.Attempt{ID: attempts[len(attempts)-1].ID, Phase: freeing.Waiting, Plan: p, Elevatable: []int{1}})
	if got := s.State().Freeing.Plan; got.Chosen != 0 || got.Button != "Stop nginx.service" {
		t.Fatalf("the plan: %+v", got)
	}
	s.press(fyne.KeyDown)
	if got := s.State().Freeing.Plan; got.Chosen != 1 || got.Button != "Ask for permission…" || got.Armed || got.Name != "nginx" {
		t.Fatalf("the other choice: %+v", got)
	}
	s.press(fyne.KeyReturn) // into the entry
	s.write("nginx")
	s.press(fyne.KeyReturn, fyne.KeyReturn)
	if got, want := s.act.last(), "permission 1: choice 1"; got != want {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestWhereNoRightsCanBeAskedForNoneAreOffered(t *testing.T) {
	s := open(t, "en", theme.Light)
	s.SelectEndpoint(key("0.0.0.0:80"))
	p := service(s) // two processes
	p.Choices = p.Choices[1:]
	s.free(p)
	if got := s.State().Freeing.Plan; got.Chosen != -1 || got.Button == "Ask for permission…" {
		t.Errorf("the plan: %+v", got)
	}
}

func TestAnElevatedProgramCanBeStoppedWhereItHears(t *testing.T) {
	for can, want := range map[bool]string{true: "[Don't force]", false: "[]"} {
		s := open(t, "en", theme.Light)
		s.SelectEndpoint(key("127.0.0.1:8080"))
		s.free(alone(s))
		s.last1.Asking, s.last1.CanStop, s.last1.Step = true, can, free.Step{}
		s.ReportAttempt(s.last1)
		if got := s.said() + fmt.Sprint(s.offers()); got != "Asked the system for permission to end it…"+want {
			t.Errorf("it says %s", got)
		}
		if can {
			s.tap(0)
			if got := s.act.last() + fmt.Sprint(s.offers()); got != "don't force 1[]" {
				t.Errorf("asked for %q", got)
			}
		}
		s.last1.Asking, s.last1.Phase, s.last1.Err = false, freeing.Done, freeing.ErrGivenUp
		s.ReportAttempt(s.last1)
		if got := s.said() + fmt.Sprint(s.offers()); got != "Stopped in time: nothing was done[]" {
			t.Errorf("stopped, it says %s", got)
		}
	}
}
