//go:build linux

package truth

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// orphan is one of `orphans --json`, as far as these tests ask.
type orphan struct {
	PID       int
	Endpoints []struct{ Port int }
	Gone      string

	project, dir string // the group's
}

// orphans finds a process among them; the machine may have others.
func orphans(t *testing.T, p stage.Portlight, pid int) (found orphan, ok bool) {
	t.Helper()
	r := p.Run(t, []string{"orphans", "--json"})
	var d struct {
		Groups []struct {
			Project, Dir string
			Orphans      []orphan
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &d); err != nil {
		t.Fatalf("%v in %q, stderr %q", err, r.Stdout, r.Stderr)
	}
	if want := map[bool]int{true: 0, false: 2}[len(d.Groups) > 0]; r.Code != want {
		t.Errorf("exit %d with %d groups", r.Code, len(d.Groups))
	}
	for _, g := range d.Groups {
		for _, o := range g.Orphans {
			if o.PID == pid {
				o.project, o.dir = g.Project, g.Dir
				return o, true
			}
		}
	}
	return orphan{}, false
}

// parentOf reads who a process's parent is now.
func parentOf(t *testing.T, pid int) (ppid int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), ") ")
	if _, err := fmt.Sscanf(after[2:], "%d", &ppid); err != nil {
		t.Fatal(err)
	}
	return ppid
}

// A user's service manager adopts whoever is left behind below it. Here that is
// a process of its name, so that it works for everybody and on every machine.
func TestOrphansAreFoundOnceNobodyWaitsForThem(t *testing.T) {
	p := stage.Build(t)
	dir := stage.OpenDir(t)
	shop := filepath.Join(dir, "shop")
	if err := os.Mkdir(shop, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(shop, "package.json"), []byte(`{"name": "shop"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	program := func(name string) string {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			stage.CopySelf(t, path)
		}
		return path
	}
	manager := []stage.Option{stage.Executable(program("systemd")), stage.In(shop)}
	left := []string{program("bash"), "bash", "leave", program("node"), "node server.js", "listen", "tcp4", "127.0.0.1:0"}

	for _, c := range []struct {
		name  string
		chain []string // below the manager
		inner bool     // its parent, which adopted it, has to be ended first
	}{
		{"its shell has ended", left, false},
		{"and who adopted it then, too", append([]string{program("supervisor"), "supervisor", "reap"}, left...), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			scene := stage.Start(t, "reap", c.chain, manager...)
			server := scene.PIDs[0]
			if rows := p.List(t, []string{port(scene)}).On(scene.Port); len(rows) != 1 || len(rows[0].Holders) != 1 {
				t.Fatalf("staged %+v", rows)
			} else if unit := rows[0].Holders[0].Unit; unit != "" && !strings.HasSuffix(unit, ".scope") {
				t.Skipf("all that runs here belongs to the service %s, whose processes are nobody's orphans", unit)
			}
			if c.inner {
				stage.Eventually(t, stage.Patience, "the supervisor adopts it", func() (bool, string) {
					parent := parentOf(t, server)
					name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", parent))
					return strings.TrimSpace(string(name)) == "supervisor", fmt.Sprintf("%d %s", parent, name)
				})
				if o, ok := orphans(t, p, server); ok {
					t.Errorf("a supervisor has it, and yet it is an orphan: %+v", o)
				}
				if err := syscall.Kill(parentOf(t, server), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			stage.Eventually(t, stage.Patience, "the manager adopts it", func() (bool, string) {
				parent := parentOf(t, server)
				return parent == scene.PID, fmt.Sprint(parent)
			})
			o, ok := orphans(t, p, server)
			if !ok || o.Gone != "orphan" || o.project != "shop" || o.dir != shop || len(o.Endpoints) != 1 || o.Endpoints[0].Port != int(scene.Port) {
				t.Fatalf("found %v: %+v", ok, o)
			}
			// Whom it would end is shown and left alone; others may be among them.
			if r := p.Run(t, []string{"orphans", "--clean", "--dry-run"}); r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprintf("127.0.0.1:%d", scene.Port)) {
				t.Errorf("a dry run: exit %d, %s%s", r.Code, r.Stdout, r.Stderr)
			}
			if r := p.Run(t, []string{"kill", "--pid", fmt.Sprint(server)}); r.Code != 0 {
				t.Errorf("kill: exit %d, %s%s", r.Code, r.Stdout, r.Stderr)
			}
			if err := bindable(scene.Port); err != nil {
				t.Error(err)
			}
			if _, ok := orphans(t, p, server); ok {
				t.Error("it has ended and is found")
			}
			if scene.Ended() {
				t.Error("the manager was ended")
			}
		})
	}
}
