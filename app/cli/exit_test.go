package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

func TestExitCodes(t *testing.T) {
	broken := &engine{err: errors.New("netlink: operation\nnot permitted")}
	empty := &engine{snapshot: &monitor.Snapshot{Taken: noon}}
	for _, c := range []struct {
		is   string
		e    *engine
		args string
		code int
	}{
		{"no command is help", nil, "", 0},
		{"help", nil, "--help", 0},
		{"a command's help", nil, "help list", 0},
		{"a command's help by flag", nil, "watch -h", 0},
		{"the version", nil, "version", 0},
		{"the version by flag", nil, "--version", 0},
		{"a completion script", nil, "completion bash", 0},
		{"a table", nil, "list", 0},
		{"a filter that matches", nil, "list 3000", 0},
		{"JSON", nil, "list --json 3000", 0},
		{"CSV", nil, "list --csv 3000", 0},
		{"who holds a port", nil, "who 3000", 0},
		{"who, as JSON", nil, "who --json 3000", 0},
		{"a port that only a connection uses", nil, "who 41000", 0},
		{"a filter that matches nothing", nil, "list 9", 2},
		{"the same as JSON", nil, "list --json 9", 2},
		{"the same as CSV", nil, "list --csv 9", 2},
		{"a machine without ports", empty, "list", 2},
		{"a free port", nil, "who 9", 2},
		{"a free port, as JSON", nil, "who 9 --json", 2},
		{"a port with closed connections only", nil, "who 3999", 2},
		{"an unknown command", nil, "lsit", 1},
		{"a port for a command", nil, "3000", 1},
		{"help for an unknown command", nil, "help nonsense", 1},
		{"an unknown flag", nil, "list --nonsense", 1},
		{"an unknown short flag", nil, "list -a", 1},
		{"an unknown flag of the program", nil, "--nonsense", 1},
		{"a flag without its value", nil, "list --sort", 1},
		{"a bad duration", nil, "watch --interval soon", 1},
		{"an interval of zero", nil, "watch --interval 0", 1},
		{"a bad boolean", nil, "list --json=maybe", 1},
		{"an unknown column", nil, "list --sort colour", 1},
		{"two formats", nil, "list --json --csv", 1},
		{"port 0 in a filter", nil, "list 0", 1},
		{"port 70000 in a filter", nil, "watch 70000", 1},
		{"a bad filter", nil, "list proto:sctp", 1},
		{"a lone minus", nil, "list -", 1},
		{"no port", nil, "who", 1},
		{"port 0", nil, "who 0", 1},
		{"port 70000", nil, "who 70000", 1},
		{"port abc", nil, "who abc", 1},
		{"two ports", nil, "who 1 2", 1},
		{"an argument too many", nil, "version 1", 1},
		{"a system that refuses", broken, "list", 1},
		{"a system that refuses who", broken, "who 80", 1},
		{"a system that refuses watch", broken, "watch", 1},
	} {
		for name, locale := range languages {
			t.Run(c.is+" "+name, func(t *testing.T) {
				speak(t, locale)
				e := c.e
				if e == nil {
					e = machine()
				}
				r := run(t, e, 0, strings.Fields(c.args)...)
				if r.code != c.code {
					t.Fatalf("portlight %s: exit %d, want %d\n%s%s", c.args, r.code, c.code, r.stdout, r.stderr)
				}
				lines := strings.Count(r.stderr, "\n")
				switch {
				case c.code == ExitDone && (r.stderr != "" || r.stdout == ""):
					t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
				case c.code == ExitError && (lines != 1 || !strings.HasPrefix(r.stderr, "portlight: ") || r.stdout != ""):
					t.Errorf("want one clear line on stderr and nothing else: %q %q", r.stdout, r.stderr)
				case strings.Contains(r.stderr, "goroutine") || strings.Contains(r.stdout, "Error:"):
					t.Errorf("a stack trace or a library's words: %q %q", r.stdout, r.stderr)
				}
				if strings.Contains(c.args, "--json") && c.code != ExitError && !json.Valid([]byte(r.stdout)) {
					t.Errorf("no JSON: %q", r.stdout)
				}
			})
		}
	}
}

// closed is an output whose reader has left.
type closed struct{ err error }

func (c closed) Write([]byte) (int, error) { return 0, c.err }

func TestRun_aReaderThatLeavesEarlyIsNoError(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, args := range []string{"list", "list --json", "list --csv", "who 3000", "who 3000 --json", "version", "watch", "watch --json"} {
		for _, c := range []struct {
			err  error
			code int
		}{{syscall.EPIPE, 0}, {io.ErrClosedPipe, 0}, {syscall.ENOSPC, 1}} {
			e := machine()
			e.updates = changes(e)
			var errs strings.Builder
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // a watch that missed it would wait
			code := Run(ctx, strings.Fields(args), Env{Stdout: closed{c.err}, Stderr: &errs, Engine: e,
				Getenv: func(string) string { return "" }, Width: func() int { return 0 }, Now: func() time.Time { return noon }})
			if ctx.Err() != nil {
				t.Errorf("%s: waits on after %v", args, c.err)
			}
			cancel()
			if code != c.code || (code == 0) != (errs.Len() == 0) {
				t.Errorf("%s after %v: exit %d, %q", args, c.err, code, errs.String())
			}
		}
	}
}
