//go:build wine && linux

package wine

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// Wine's tables name no owners, so nothing can be ended by its port there: how
// processes are asked and ended is tested in monitor/process (TestUnits).
func TestFreeing(t *testing.T) {
	portlight := exe(t, "PORTLIGHT_EXE")
	w := newWine(t)
	doctor := func(t *testing.T, args ...string) (cause string, code int) {
		t.Helper()
		r := w.run(t, append([]string{portlight, "doctor", "--json"}, args...)...)
		var d struct{ Cause string }
		if err := json.Unmarshal([]byte(r.Stdout), &d); err != nil {
			t.Fatalf("doctor %q: exit %d, %v\n%s%s", args, r.Code, err, r.Stdout, r.Stderr)
		}
		return d.Cause, r.Code
	}

	t.Run("doctor of a port that is held, then free", func(t *testing.T) {
		c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
		port := fmt.Sprint(c.Port)
		if cause, code := doctor(t, port); cause != "held_hidden" || code != 2 {
			t.Errorf("held: %s, exit %d; want held_hidden, 2", cause, code)
		}
		if cause, code := doctor(t, port, "--address", "203.0.113.77"); cause != "address_not_local" || code != 2 {
			t.Errorf("on another's address: %s, exit %d; want address_not_local, 2", cause, code)
		}
		c.Kill()
		if cause, code := doctor(t, port, "--address", "127.0.0.1"); cause != "free" || code != 0 {
			t.Errorf("free: %s, exit %d; want free, 0", cause, code)
		}
		if r := w.run(t, portlight, "kill", "--yes", port); r.Code != 2 {
			t.Errorf("kill of what nobody holds: exit %d, want 2\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
	t.Run("free prints a port that can be bound", func(t *testing.T) {
		r := w.run(t, portlight, "free", "--near", "28600")
		port := strings.TrimSpace(r.Stdout)
		l, err := net.Listen("tcp4", "127.0.0.1:"+port)
		if r.Code != 0 || err != nil {
			t.Fatalf("exit %d, %q can't be bound: %v\n%s", r.Code, port, err, r.Stderr)
		}
		l.Close()
	})
	t.Run("the console's helper sends nothing to a process that isn't there", func(t *testing.T) {
		for _, args := range [][]string{{"console-break"}, {"console-break", "4", "1"}, {"console-break", "99999996", "1"}} {
			if r := w.run(t, append([]string{portlight}, args...)...); r.Code < 11 || r.Code > 14 {
				t.Errorf("%q: exit %d\n%s", args, r.Code, r.Stderr)
			}
		}
	})
}
