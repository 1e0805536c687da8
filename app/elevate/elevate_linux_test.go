package elevate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script writes a program of a few lines of shell.
func script(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// agreeing is a pkexec whose user agrees: it starts what follows its option.
const agreeing = `[ "$1" = --disable-internal-agent ] || exit 9; shift; exec "$@"`

func TestRun_ThroughPkexec(t *testing.T) {
	noted := filepath.Join(t.TempDir(), "noted")
	freed := fmt.Sprintf(`printf '%%s\n' "$@" >%s; echo '{"ending":"freed","elapsed_ns":400000000}'; exit 20`, noted)
	tests := []struct {
		name, pkexec, self string
		want               Result
		err                error
		says               string
	}{
		{"it agrees and it is done", agreeing, freed, Result{Ending: "freed", Elapsed: 400 * time.Millisecond}, nil, ""},
		{"it is blocked", agreeing, `echo '{"ending":"","blocked":"protected","protection":"critical"}'; exit 29`, Result{Blocked: "protected", Protection: "critical"}, nil, ""},
		{"the user closes the question", "exit 126", "", Result{}, ErrDismissed, ""},
		{"nobody is there to ask", "echo 'No authentication agent found.' >&2; exit 127", "", Result{}, ErrDenied, "agent"},
		{"it says something else", agreeing, "echo hello; echo broken >&2; exit 1", Result{}, nil, "broken"},
		{"it says nothing", agreeing, "exit 0", Result{}, nil, "answered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := polkit{script(t, "portlight", tt.self), []string{"/nonexistent/pkexec", script(t, "pkexec", tt.pkexec)}, safe, false}
			got, err := p.run(t.Context(), request())
			if tt.err == nil && tt.says == "" {
				if err != nil || got.Ending != tt.want.Ending || got.Blocked != tt.want.Blocked || got.Elapsed != tt.want.Elapsed {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err == nil || tt.err != nil && !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %+v, %v; want %v about %q", got, err, tt.err, tt.says)
			}
		})
	}
	args, err := os.ReadFile(noted)
	if err != nil {
		t.Fatal(err)
	}
	got, watch, err := Parse(strings.Split(strings.TrimSpace(string(args)), "\n")[1:])
	if err != nil || !watch || got != request() {
		t.Errorf("the elevated program was started with %q: %+v, %v", args, got, err)
	}
}

func TestRun_PkexecMayAskInATerminalOnly(t *testing.T) {
	self := script(t, "portlight", `echo '{"ending":"freed"}'; exit 20`)
	asking := script(t, "pkexec", `[ "$1" = --disable-internal-agent ] && exit 127; exec "$@"`)
	for terminal, want := range map[bool]string{true: "freed", false: ""} {
		got, err := polkit{self, []string{asking}, safe, terminal}.run(t.Context(), request())
		if got.Ending != want || errors.Is(err, ErrDenied) == terminal {
			t.Errorf("terminal %v: got %+v, %v", terminal, got, err)
		}
	}
}

func TestRun_WithoutPkexec(t *testing.T) {
	p := polkit{script(t, "portlight", ""), []string{"/nonexistent/pkexec"}, safe, false}
	if _, err := p.run(t.Context(), request()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestRun_TellsTheProgramToStop(t *testing.T) {
	self := script(t, "portlight", `cat >/dev/null; echo '{"ending":"taken_back","elapsed_ns":1}'; exit 25`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	got, err := polkit{self, []string{script(t, "pkexec", agreeing)}, safe, false}.run(ctx, request())
	if err != nil || got.Ending != "taken_back" {
		t.Errorf("got %+v, %v; want taken_back", got, err)
	}
	if took := time.Since(began); took > tidy {
		t.Errorf("it took %v", took)
	}
}

func TestRun_RefusesARequestBeforeAsking(t *testing.T) {
	r := request()
	r.PID = 1
	if _, err := Run(t.Context(), r); err == nil {
		t.Error("the first process may be named")
	}
}

func TestChangeable(t *testing.T) {
	const dir = os.ModeDir
	tests := []struct {
		name         string
		mode         os.FileMode
		owner, group int
		safe         bool
	}{
		{"root's", 0o755, 0, 0, true},
		{"the user's", 0o755, 1000, 1000, true},
		{"another user's", 0o755, 1001, 1000, false},
		{"everybody may write", 0o777, 0, 0, false},
		{"a folder where nobody replaces what isn't theirs", dir | os.ModeSticky | 0o777, 0, 0, true},
		{"another user's such folder", dir | os.ModeSticky | 0o777, 1001, 0, false},
		{"a sticky file is no such folder", os.ModeSticky | 0o777, 0, 0, false},
		{"the user's own group may write", 0o775, 1000, 1000, true},
		{"another group may write", 0o775, 1000, 50, false},
		{"root's group may write", 0o775, 0, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if why := changeable(tt.mode, tt.owner, tt.group, 1000, 1000); (why == "") != tt.safe {
				t.Errorf("it %q", why)
			}
			if why := changeable(tt.mode, tt.owner, tt.group, 1000, 0); (why == "") != (tt.safe && (tt.group != 1000 || tt.mode&0o020 == 0)) {
				t.Errorf("where users share a group: it %q", why)
			}
		})
	}
}

func TestPrivateGroup(t *testing.T) {
	const alice, bob = "alice:x:1000:1000:Alice:/home/alice:/bin/sh\n", "bob:x:1001:1001::/home/bob:/bin/sh\n"
	for _, tt := range []struct {
		name, passwd, group string
		private             bool
	}{
		{"of the user's name, and empty", alice + bob, "alice:x:1000:\nbob:x:1001:\n", true},
		{"the user is named in it", alice, "alice:x:1000:alice", true},
		{"somebody else is", alice, "alice:x:1000:alice,bob\n", false},
		{"it has another name", alice, "users:x:1000:\n", false},
		{"it is somebody else's first group too", alice + "bob:x:1001:1000::/home/bob:/bin/sh\n", "alice:x:1000:\n", false},
		{"nobody knows it", alice, "bob:x:1001:\n", false},
		{"the user isn't listed", bob, "alice:x:1000:\n", false},
		{"nothing can be read", "", "", false},
		{"lines that are none", ":::\n\nalice\n", "1000\n::1000:\n", false},
	} {
		got := privateIn(tt.passwd, tt.group, 1000, 1000)
		if want := map[bool]int{true: 1000}[tt.private]; got != want {
			t.Errorf("%s: %d, want %d", tt.name, got, want)
		}
	}
}

func TestSafe(t *testing.T) {
	if err := safe("portlight"); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a relative path: %v", err)
	}
	if err := safe(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a program that was removed: %v", err)
	}
	path := script(t, "portlight", "")
	if err := safe(path); err != nil {
		t.Errorf("a program of ours: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link} {
		if err := safe(p); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%s is writable by everybody, and yet: %v", p, err)
		}
	}
}
