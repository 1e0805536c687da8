//go:build linux

package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Portlight is a built program, copied to where every user can run it.
type Portlight struct{ Path string }

// Build returns the program under test: the one PORTLIGHT_BIN names, otherwise
// one built now without cgo.
func Build(t testing.TB) Portlight {
	t.Helper()
	dir := OpenDir(t)
	path := filepath.Join(dir, "portlight")
	if bin := os.Getenv("PORTLIGHT_BIN"); bin != "" {
		CopyFile(t, bin, path, 0o755)
		return Portlight{path}
	}
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil { // whatever the umask says
		t.Fatal(err)
	}
	return Portlight{path}
}

// build links the program, which takes seconds, once for all tests.
var build = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "portlight-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "portlight")
	cmd := exec.Command("go", "build", "-o", path, "github.com/portlight-app/portlight")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return os.ReadFile(path)
})

// Result is what a command left behind.
type Result struct {
	Stdout, Stderr string
	Code           int
	Took           time.Duration
}

// Command prepares a command whose settings can't meet those of the person
// who runs the test: home and configuration are a folder of their own.
func (p Portlight) Command(t testing.TB, args []string, options ...Option) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(p.Path, args...)
	home := OpenDir(t)
	cmd.Env = append(os.Environ(),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home,
		"XDG_STATE_HOME="+home, "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8", "LC_ALL=", "LANGUAGE=")
	cmd.Dir = home
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	for _, o := range options {
		o(cmd)
	}
	if c := cmd.SysProcAttr.Credential; c != nil {
		os.Chown(home, int(c.Uid), int(c.Gid))
	}
	return cmd
}

// Run runs a command to its end.
func (p Portlight) Run(t testing.TB, args []string, options ...Option) Result {
	t.Helper()
	cmd := p.Command(t, args, options...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	r := Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode(), Took: time.Since(start)}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() == context.DeadlineExceeded {
		t.Fatalf("portlight %q did not end within %v\n%s%s", args, Patience, r.Stdout, r.Stderr)
	}
	return r
}

// List runs `portlight list --json` with more arguments and decodes it
// strictly: a field that the format doesn't have is an error.
func (p Portlight) List(t testing.TB, args []string, options ...Option) Report {
	t.Helper()
	r := p.Run(t, append([]string{"list", "--json"}, args...), options...)
	if r.Code != 0 && r.Code != 2 {
		t.Fatalf("portlight list --json %q: exit %d\n%s%s", args, r.Code, r.Stdout, r.Stderr)
	}
	return Decode(t, r.Stdout)
}

// Decode reads one JSON document of `list --json`.
func Decode(t testing.TB, text string) Report {
	t.Helper()
	var report Report
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&report); err != nil {
		t.Fatalf("list --json: %v in\n%.2000s", err, text)
	}
	if report.Schema != 1 {
		t.Fatalf("list --json: schema %d, want 1", report.Schema)
	}
	return report
}

// Report is the JSON that `portlight list --json` prints: docs/json.md,
// written down a second time on purpose.
type Report struct {
	Schema    int       `json:"schema"`
	TakenAt   time.Time `json:"taken_at"`
	Endpoints []Row     `json:"endpoints"`
	Warnings  []struct {
		Code  string `json:"code"`
		Count int    `json:"count"`
		Error string `json:"error"`
	} `json:"warnings"`
}

// Row is one endpoint or connection of a Report.
type Row struct {
	Kind            string     `json:"kind"`
	Proto           string     `json:"proto"`
	Family          int        `json:"family"`
	Address         string     `json:"address"`
	Port            int        `json:"port"`
	Device          string     `json:"device"`
	RemoteAddress   string     `json:"remote_address"`
	RemotePort      int        `json:"remote_port"`
	State           string     `json:"state"`
	UID             *int       `json:"uid"`
	User            string     `json:"user"`
	Owner           string     `json:"owner"`
	HoldersComplete bool       `json:"holders_complete"`
	Holders         []Actor    `json:"holders"`
	Creators        []Creator  `json:"creators"`
	Container       *Container `json:"container"`
	Service         string     `json:"service"`
	Exposure        string     `json:"exposure"`
	DualStack       *bool      `json:"dual_stack"`
	FirstSeen       *time.Time `json:"first_seen"`
	CreatedAt       *time.Time `json:"created_at"`
}

// Actor is one holder of a Row.
type Actor struct {
	PID        int        `json:"pid"`
	Start      string     `json:"start"`
	Name       string     `json:"name"`
	Exe        string     `json:"exe"`
	ExeDeleted bool       `json:"exe_deleted"`
	Cmdline    string     `json:"cmdline"`
	Args       []string   `json:"args"`
	UID        *int       `json:"uid"`
	User       string     `json:"user"`
	Cwd        string     `json:"cwd"`
	Project    string     `json:"project"`
	ProjectDir string     `json:"project_dir"`
	Unit       string     `json:"unit"`
	Container  string     `json:"container"`
	StartedAt  *time.Time `json:"started_at"`
	VerifiedAt *time.Time `json:"verified_at"`
}

// Creator says under whom a socket without a readable holder was made.
type Creator struct {
	UID       *int   `json:"uid"`
	User      string `json:"user"`
	Unit      string `json:"unit"`
	Container string `json:"container"`
}

// Container is a container as its engine tells it.
type Container struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Image   string `json:"image"`
	Project string `json:"project"`
}

// On returns the rows at a port.
func (r Report) On(port uint16) []Row {
	var rows []Row
	for _, row := range r.Endpoints {
		if row.Port == int(port) {
			rows = append(rows, row)
		}
	}
	return rows
}
