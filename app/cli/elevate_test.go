package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/free"
)

// Port 22's holder is hidden, 2222's somebody else's, 80's a unit, 3000's one's
// own.
func TestKill_asksForMoreRightsOnlyIfTold(t *testing.T) {
	speak(t, "en_US.UTF-8")
	freed := free.Final{Ending: free.EndFreed, Elapsed: time.Second}
	denied := free.Final{Ending: free.EndDenied}
	for _, c := range []struct {
		is     string
		args   string
		typed  []string // nil: no terminal
		final  free.Final
		err    error
		code   int
		rises  int
		orders int
		says   string
	}{
		{"y", "22", []string{"y"}, freed, nil, 0, 1, 0, "administrator's rights to end this one? y/N"},
		{"no", "22", []string{"n"}, freed, nil, 7, 0, 0, "sudo portlight kill 22"},
		{"nobody there", "22", nil, freed, nil, 7, 0, 0, "sudo portlight kill 22"},
		{"--yes isn't enough", "22 --yes", []string{"y"}, freed, nil, 7, 0, 0, "sudo portlight kill 22"},
		{"JSON asks nothing", "22 --json", []string{"y"}, freed, nil, 7, 0, 0, ""},
		{"--elevate needs no question", "22 --elevate", nil, freed, nil, 0, 1, 0, ""},
		{"nor with JSON", "22 --elevate --json", nil, freed, nil, 0, 1, 0, ""},
		{"it isn't freed", "22 --elevate", nil, free.Final{Ending: free.EndStillHeld}, nil, 5, 1, 0, ""},
		{"it is the system's", "22 --elevate", nil, free.Final{}, &free.BlockedError{Why: free.BlockedProtected}, 8, 1, 0, "protected"},
		{"there is no way to ask", "22", []string{"y"}, free.Final{}, ErrNoElevation, 7, 1, 0, "sudo portlight kill 22"},
		{"the question is closed", "22", []string{"y"}, free.Final{}, ErrDismissed, 7, 1, 0, "was closed"},
		{"it isn't granted", "22", []string{"y"}, free.Final{}, fmt.Errorf("pkexec: %w", ErrNotGranted), 7, 1, 0, "not granted"},
		{"it can't be told to stop", "22 --elevate", nil, free.Final{}, fmt.Errorf("UAC: %w", ErrOnItsOwn), 1, 1, 0, "may still be forced"},
		{"it goes wrong", "22", []string{"y"}, free.Final{}, errors.New("broken"), 7, 1, 0, "broken"},
		{"somebody else's is asked for by name", "2222", []string{"y", "puma"}, freed, nil, 0, 1, 0, "type its name (puma)"},
		{"a wrong name", "2222", []string{"y", "y"}, freed, nil, 1, 0, 0, "nothing was done"},
		{"--elevate doesn't agree to that", "2222 --elevate", nil, freed, nil, 1, 0, 0, "--yes"},
		{"both do", "2222 --elevate --yes", nil, freed, nil, 0, 1, 0, ""},
		{"a unit's stop isn't elevated", "80 --elevate", []string{"y"}, freed, nil, 7, 0, 0, "sudo portlight kill 80"},
		{"a run that was denied", "3000", []string{"y"}, freed, nil, 0, 1, 1, "rights to end this one?"},
		{"and stays so", "3000", []string{"n"}, freed, nil, 7, 0, 1, ""},
		{"with --elevate", "3000 --elevate", nil, freed, nil, 0, 1, 1, ""},
		{"with --yes", "3000 --yes", []string{"y"}, freed, nil, 7, 0, 1, ""},
	} {
		t.Run(c.is, func(t *testing.T) {
			e := office()
			e.freer.final, e.risen, e.notRisen = denied, c.final, c.err
			e.plans[3000].Choices[0].Elevate = true
			columns := 80
			if c.typed == nil {
				columns = 0
			}
			args := append([]string{"kill"}, strings.Fields(c.args)...)
			var r result
			if c.typed == nil {
				r = run(t, e, columns, args...)
			} else {
				r = runTyping(t, t.Context(), e, columns, plain, typed(c.typed...), args...)
			}
			if r.code != c.code || len(e.elevated) != c.rises || len(e.orders) != c.orders {
				t.Errorf("exit %d, %d times elevated, orders %+v\n%s%s", r.code, len(e.elevated), e.orders, r.stdout, r.stderr)
			}
			if !strings.Contains(strings.Join(strings.Fields(r.stderr), " "), c.says) {
				t.Errorf("it doesn't say %q:\n%s%s", c.says, r.stdout, r.stderr)
			}
			if strings.Contains(c.args, "--json") && !json.Valid([]byte(r.stdout)) {
				t.Errorf("no JSON: %q", r.stdout)
			}
			if e.discarded != 1 {
				t.Errorf("%d plans were let go", e.discarded)
			}
		})
	}
}

func TestKill_asRootNeedsNoMoreRights(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	code := Run(t.Context(), []string{"kill", "22", "--elevate"}, Env{Stdout: new(strings.Builder), Stderr: new(strings.Builder), Engine: e, Root: true,
		Getenv: func(string) string { return "" }, Width: func() int { return 0 }, Now: func() time.Time { return noon }})
	if code != ExitDenied || len(e.elevated) > 0 {
		t.Errorf("exit %d, elevated %+v", code, e.elevated)
	}
}

func TestKill_holdsAPortThatNobodyHolds(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		is, args string
		notHeld  error
		code     int
		tries    int
	}{
		{"it is held", "9 --hold", nil, 0, 1},
		{"beside one that is freed first", "9 3000 --hold", nil, 0, 1},
		{"not by a dry run", "9 --hold --dry-run", nil, 2, 0},
		{"not what a process should hold", "9 --pid 4242 --hold", nil, 2, 0},
		{"it can't be bound", "9 --hold", syscall.EADDRINUSE, 5, 2},
		{"it may not be", "9 --hold", syscall.EACCES, 7, 2},
	} {
		e := office()
		e.freer.notHeld = c.notHeld
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		r := runTyping(t, ctx, e, 80, plain, nil, append([]string{"kill"}, strings.Fields(c.args)...)...)
		cancel()
		if r.code != c.code || len(e.heldAt) != c.tries {
			t.Errorf("%s: exit %d, tried %q, %q", c.is, r.code, e.heldAt, r.stderr)
		}
		if said := strings.Contains(r.stderr, "holding port 9"); said != (c.code == 0) || said != e.released {
			t.Errorf("%s: released %v, %q", c.is, e.released, r.stderr)
		}
	}
}

func TestKill_holdsWhatAnotherProgramFreed(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	e.risen = free.Final{Ending: free.EndFreed}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r := runTyping(t, ctx, e, 80, plain, nil, "kill", "22", "--elevate", "--hold")
	if r.code != 0 || !e.released || strings.Join(e.heldAt, ",") != "tcp 0.0.0.0:22" || e.elevated[0].Hold {
		t.Errorf("exit %d, held %q, %+v, %q", r.code, e.heldAt, e.elevated, r.stderr)
	}
}
