package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
)

var plain = map[string]string{"NO_COLOR": "1"}

func TestKill_showsItsPlan(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		for _, columns := range []int{80, 120} {
			var all strings.Builder
			for _, args := range []string{"3000 --dry-run", "5173 --dry-run", "5173 --tree --dry-run", "5432 --dry-run", "80 --dry-run", "6666 --dry-run", "4789 --dry-run", "9 --dry-run"} {
				r := run(t, office(), columns, append([]string{"kill"}, strings.Fields(args)...)...)
				fmt.Fprintf(&all, "$ portlight kill %s\n%s%s(exit %d)\n\n", args, r.stdout, r.stderr, r.code)
				tooWide(t, r.stdout, columns)
			}
			golden(t, fmt.Sprintf("plan-%d-%s.txt", columns, name), all.String())
		}
	}
}

func TestKill_actsAsItWasTold(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		is     string
		args   string
		typed  []string // nil: no terminal
		code   int
		chosen int // -1: nothing was signalled
	}{
		{"what is safe needs no question", "3000", nil, 0, 0},
		{"nor on a terminal", "3000", []string{}, 0, 0},
		{"by its process", "--pid 4242", nil, 0, 0},
		{"a dry run does nothing", "3000 --dry-run", []string{"y"}, 0, -1},
		{"a free port", "9", nil, 2, -1},
		{"a free port and another", "9 3000", nil, 2, 0},
		{"a range with one holder", "2990-3010", nil, 0, 0},
		{"a range without any", "1-20", nil, 2, -1},
		{"a list", "3000,9", nil, 2, 0},
		{"the same port twice", "3000 3000", nil, 0, 0},
		{"no terminal for the question", "5173", nil, 1, -1},
		{"JSON asks nothing", "5173 --json", []string{"y"}, 1, -1},
		{"--yes answers", "5173 --yes", nil, 0, 0},
		{"y takes the recommended", "5173", []string{"y"}, 0, 0},
		{"Y as well", "5173", []string{"Y"}, 0, 0},
		{"a number takes another", "5173", []string{"2"}, 0, 1},
		{"what is somebody else's is asked for by name", "5173", []string{"3", "服务器"}, 0, 2},
		{"a wrong name", "5173", []string{"3", "yes"}, 1, -1},
		{"what is blocked can't be chosen", "5173", []string{"4", "n"}, 1, -1},
		{"nonsense is asked again once", "5173", []string{"what?", "2"}, 0, 1},
		{"and then taken for no", "5173", []string{"what?", "eh?"}, 1, -1},
		{"N", "5173", []string{"N"}, 1, -1},
		{"Return alone", "5173", []string{""}, 1, -1},
		{"an end of input", "5173", []string{}, 1, -1},
		{"--tree alone agrees to several", "5173 --tree", nil, 0, 1},
		{"a container is asked for by its name only", "5432", []string{"shop-db-1"}, 0, 0},
		{"a container and y", "5432", []string{"y"}, 1, -1},
		{"a container and --yes", "5432 --yes", nil, 0, 0},
		{"no rights", "80", []string{"y"}, 7, -1},
		{"no rights, and --yes", "80 --yes", nil, 7, -1},
		{"no rights and a safe one", "80 3000", nil, 7, 0},
		{"the kernel's", "4789 --yes", nil, 8, -1},
	} {
		t.Run(c.is, func(t *testing.T) {
			e := office()
			var r result
			if args := append([]string{"kill"}, strings.Fields(c.args)...); c.typed == nil {
				r = run(t, e, 0, args...)
			} else {
				r = runTyping(t, t.Context(), e, 80, plain, typed(c.typed...), args...)
			}
			if r.code != c.code {
				t.Errorf("exit %d, want %d\n%s%s", r.code, c.code, r.stdout, r.stderr)
			}
			chosen := -1
			if len(e.orders) > 0 {
				chosen = e.orders[0].Choice
			}
			if chosen != c.chosen || len(e.orders) > 1 {
				t.Errorf("orders %+v, want choice %d\n%s%s", e.orders, c.chosen, r.stdout, r.stderr)
			}
			if c.chosen < 0 && !strings.Contains(c.args, "dry-run") && r.stderr == "" {
				t.Error("nothing was done and nothing said")
			}
			plans := 0
			for _, a := range e.aims {
				if e.plans[a.Port] != nil {
					plans++
				}
			}
			if e.discarded != plans {
				t.Errorf("%d of %d plans were let go", e.discarded, plans)
			}
		})
	}
}

func TestKill_refusesWhatMakesNoSense(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		for _, args := range []string{"", "0", "70000", "abc", "3005-3000", "3000-", "--pid -1", "--pid 99999999999", "--pid 0", "--restarter 5", "3000 --restarter -1", "3000 --restarter 99999999999", "3000 --restarter 2147483647", "--grace 0s 3000",
			"--grace soon 3000", "--nonsense", "3000 abc", "3000,,3001"} {
			e := office()
			r := run(t, e, 0, append([]string{"kill"}, strings.Fields(args)...)...)
			if r.code != ExitError || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" || len(e.aims)+len(e.orders) > 0 {
				t.Errorf("kill %s in %s: exit %d, %q %q, aims %v", args, name, r.code, r.stdout, r.stderr, e.aims)
			}
		}
	}
}

func TestKill_saysHowItEnded(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		var all strings.Builder
		child := held(machine(), 5173).Holders
		node := held(machine(), 3000).Holders
		for _, c := range []struct {
			final free.Final
			code  int
		}{
			{free.Final{Ending: free.EndFreed, Elapsed: 400 * time.Millisecond}, 0},
			{free.Final{Ending: free.EndFreed, Elapsed: 5100 * time.Millisecond, Forced: true}, 0},
			{free.Final{Ending: free.EndLingering, Elapsed: 400 * time.Millisecond, Wait: 42 * time.Second}, 3},
			{free.Final{Ending: free.EndLingering, Elapsed: 400 * time.Millisecond}, 3},
			{free.Final{Ending: free.EndReserved, Elapsed: 400 * time.Millisecond}, 10},
			{free.Final{Ending: free.EndTakenAgain, Holders: node, By: &process.Ancestor{Identity: process.Identity{PID: 30}, Name: "nodemon"}}, 4},
			{free.Final{Ending: free.EndTakenAgain, Holders: node}, 4},
			{free.Final{Ending: free.EndTakenAgain}, 4},
			{free.Final{Ending: free.EndStillHeld, Holders: child}, 5},
			{free.Final{Ending: free.EndStillHeld}, 5},
			{free.Final{Ending: free.EndUnproven, Err: errors.New("bind: address already in use")}, 5},
			{free.Final{Ending: free.EndRunning, Alive: []process.Identity{{PID: 4242}}, Elapsed: 7 * time.Second, Forced: true}, 6},
			{free.Final{Ending: free.EndRunning, Elapsed: 7 * time.Second}, 6},
			{free.Final{Ending: free.EndDenied}, 7},
			{free.Final{Ending: free.EndTakenBack}, 9},
			{free.Final{Ending: free.EndNotHeld}, 2},
			{free.Final{Ending: free.EndNotHeld, Holders: child}, 1},
		} {
			e := office()
			e.final = c.final
			r := run(t, e, 100, "kill", "3000")
			_, said, _ := strings.Cut(r.stdout, "server.js")
			_, said, _ = strings.Cut(said, "\n")
			_, said, _ = strings.Cut(said, "\n")
			fmt.Fprintf(&all, "%s%s(exit %d)\n\n", said, r.stderr, r.code)
			if r.code != c.code {
				t.Errorf("%s: exit %d, want %d", c.final.Ending, r.code, c.code)
			}
			j := run(t, e, 0, "kill", "3000", "--json")
			var d struct {
				Plans []struct {
					Final struct{ Ending string }
					Exit  int
				}
			}
			if err := json.Unmarshal([]byte(j.stdout), &d); err != nil || len(d.Plans) != 1 || d.Plans[0].Final.Ending != string(c.final.Ending) || d.Plans[0].Exit != c.code || j.code != c.code {
				t.Errorf("%s as JSON: %v %+v, exit %d", c.final.Ending, err, d, j.code)
			}
		}
		golden(t, "endings-"+name+".txt", all.String())
	}
}

func TestKill_showsProgressToAPersonOnly(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	e.steps = []free.Step{{Stage: free.StageAsking, Elapsed: 1600 * time.Millisecond, Grace: 5 * time.Second}}
	if r := run(t, e, 80, "kill", "3000"); !strings.Contains(r.stderr, "forced in 3.4 s (Ctrl+C") || !strings.HasSuffix(r.stderr, "\r") {
		t.Errorf("on a terminal: %q", r.stderr)
	}
	if r := run(t, e, 0, "kill", "3000"); r.stderr != "" {
		t.Errorf("chatter: %q", r.stderr)
	}
}

func TestKill_isTakenBackByAnInterrupt(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	e.waits = true
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r := runTyping(t, ctx, e, 80, plain, nil, "kill", "3000", "5173")
	if r.code != ExitTakenBack || !strings.Contains(r.stdout, "taken back") || len(e.orders) != 1 || !strings.Contains(r.stderr, "left alone") {
		t.Errorf("exit %d, orders %v, %q %q", r.code, e.orders, r.stdout, r.stderr)
	}
}

func TestKill_holdsThePortUntilInterrupted(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r := runTyping(t, ctx, e, 80, plain, nil, "kill", "3000", "--hold")
	if r.code != 0 || !e.released || !e.orders[0].Hold || !strings.Contains(r.stderr, "holding port 3000") {
		t.Errorf("exit %d, released %v, orders %+v, %q", r.code, e.released, e.orders, r.stderr)
	}
}

func TestKill_passesItsFlagsOn(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	run(t, e, 0, "kill", "3000", "--pid", "4242", "--force", "--grace", "1s")
	if a := e.aims[0]; a.Port != 3000 || a.Process.PID != 4242 {
		t.Errorf("aim %+v", a)
	}
	if o := e.orders[0]; !o.Force || o.Grace != time.Second {
		t.Errorf("order %+v", o)
	}
}

// What is advised once a port was taken again reaches the plan: who started
// the holder again, as the process it is now.
func TestKill_endsWhoStartsTheHolderAgain(t *testing.T) {
	speak(t, "en_US.UTF-8")
	self, err := process.Self()
	if err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(int(self.PID))
	e := office()
	e.final = free.Final{Ending: free.EndTakenAgain, Holders: held(machine(), 3000).Holders, By: &process.Ancestor{Identity: self, Name: "nodemon"}}
	advice := "portlight kill 3000 --restarter " + pid
	if r := run(t, e, 100, "kill", "3000"); !strings.Contains(r.stdout, advice+"\n") {
		t.Fatalf("it advises %q", r.stdout)
	}
	e = office()
	run(t, e, 0, strings.Fields(advice)[1:]...)
	if len(e.aims) != 1 || e.aims[0] != (free.Aim{Port: 3000, Restarter: self}) {
		t.Errorf("aims %+v", e.aims)
	}
	e = office()
	if r := run(t, e, 0, "kill", "80", "--yes", "--restarter", pid); !strings.Contains(r.stderr, "sudo portlight kill 80 --restarter "+pid) {
		t.Errorf("with more rights: %q", r.stderr)
	}
}

func TestKill_namesTheCommandWithMoreRights(t *testing.T) {
	speak(t, "en_US.UTF-8")
	if r := run(t, office(), 0, "kill", "80", "--yes"); !strings.Contains(r.stderr, "sudo portlight kill 80") {
		t.Errorf("%q", r.stderr)
	}
	e := office()
	e.final = free.Final{Ending: free.EndDenied}
	if r := run(t, e, 0, "kill", "--pid", "4242"); !strings.Contains(r.stdout, "sudo portlight kill 3000 --pid 4242") {
		t.Errorf("%q", r.stdout)
	}
}

func TestKill_aProcessThatIsGoneHoldsNothing(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	e.freer.err = fmt.Errorf("process 9: %w", process.ErrGone)
	if r := run(t, e, 0, "kill", "--pid", "9"); r.code != 2 || !strings.Contains(r.stderr, "no process 9") {
		t.Errorf("exit %d, %q", r.code, r.stderr)
	}
}

func TestFreeing_hostileNamesReachNoTerminal(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, args := range []string{"doctor 6666", "doctor 6666 --json", "kill 6666", "kill 6666 --yes", "kill 6666 --dry-run", "kill 6666 --json --yes",
		"orphans", "orphans --json", "orphans --clean --yes", "disconnect 127.0.0.1:6666 127.0.0.1:1", "wait 6666 --free --timeout 1ms", "__complete kill 66"} {
		for _, columns := range []int{0, 80} {
			e := office()
			e.final.Holders = held(e, 6666).Holders
			e.final.Ending = free.EndTakenAgain
			e.steps = []free.Step{{Stage: free.StageAsking, Grace: time.Second}}
			r := runTyping(t, t.Context(), e, columns, plain, typed(hostile, "y"), strings.Fields(args)...)
			for _, bad := range []string{"\x1b", "\u009b"} {
				if strings.Contains(r.stdout+r.stderr, bad) {
					t.Errorf("%q at %d columns: control characters in %q %q", args, columns, r.stdout, r.stderr)
				}
			}
		}
	}
}
