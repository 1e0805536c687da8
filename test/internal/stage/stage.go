//go:build linux

// Package stage sets a scene for end-to-end tests: real processes that hold
// real sockets, and the built Portlight that has to see them.
//
// A staged child is the test binary itself, started again in a role (Start).
// It says what it holds once it holds it, and ends with its parent at the
// latest, so that no test waits by sleeping and none leaves a process behind.
package stage

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a test waits for something that takes a moment on an
// idle machine: generous, since it is only ever used up by a failure.
const Patience = 30 * time.Second

const (
	roleVariable = "PORTLIGHT_STAGE_ROLE"
	argsVariable = "PORTLIGHT_STAGE_ARGS"
)

// Main runs the process's role if it is a staged child and doesn't return
// then. Call it first in TestMain.
func Main() {
	name := os.Getenv(roleVariable)
	if name == "" {
		return
	}
	args := os.Args[1:]
	if real, ok := os.LookupEnv(argsVariable); ok {
		args = strings.Split(real, "\x1f")
	}
	os.Unsetenv(roleVariable)
	os.Unsetenv(argsVariable)
	role, ok := roles[name]
	if !ok {
		fmt.Fprintln(os.Stderr, "stage: no role", name)
		os.Exit(1)
	}
	held, err := role(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "stage: %s: %v\n", name, err)
		os.Exit(1)
	}
	if held != nil {
		json.NewEncoder(os.Stdout).Encode(held)
	}
	io.Copy(io.Discard, os.Stdin) // until the parent closes it or ends
	os.Exit(0)
}

// Held is what a staged child says it holds.
type Held struct {
	Port uint16
	// PIDs are all processes that hold the port's sockets.
	PIDs []int
	UID  int
}

// An Option changes how a child is started.
type Option func(*exec.Cmd)

// As starts the child as another user; only root can.
func As(uid, gid int) Option {
	return func(c *exec.Cmd) {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
		c.Dir = "/"
	}
}

// Executable starts the child from a copy of this binary at the path.
func Executable(path string) Option {
	return func(c *exec.Cmd) { c.Path = path; c.Args[0] = path }
}

// Looking makes the child's command line look like that one.
func Looking(args ...string) Option {
	return func(c *exec.Cmd) {
		c.Env = append(c.Env, argsVariable+"="+strings.Join(c.Args[1:], "\x1f"))
		c.Args = args
	}
}

// In starts the child in that working directory.
func In(dir string) Option { return func(c *exec.Cmd) { c.Dir = dir } }

// Env adds variables to the child's environment.
func Env(kv ...string) Option { return func(c *exec.Cmd) { c.Env = append(c.Env, kv...) } }

// Child is a staged process.
type Child struct {
	Held
	PID  int
	done chan struct{}
	cmd  *exec.Cmd
}

// Start starts a child in a role, waits until it holds what it is to hold, and
// ends it with the test.
func Start(t testing.TB, role string, args []string, options ...Option) *Child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	for _, o := range options {
		o(cmd)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", role, err)
	}
	c := &Child{PID: cmd.Process.Pid, cmd: cmd, done: make(chan struct{})}

	line := make(chan string, 1)
	go func() {
		s, _ := bufio.NewReader(stdout).ReadString('\n')
		line <- s
		io.Copy(io.Discard, stdout)
		cmd.Wait()
		close(c.done)
	}()
	t.Cleanup(func() {
		stdin.Close()
		select {
		case <-c.done:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-c.done
		}
	})
	select {
	case s := <-line:
		if err := json.Unmarshal([]byte(s), &c.Held); err != nil {
			<-c.done
			t.Fatalf("child %s said %q: %s", role, s, complaint.String())
		}
	case <-time.After(Patience):
		t.Fatalf("child %s said nothing for %v", role, Patience)
	}
	return c
}

// Kill ends the child at once and waits until it is gone.
func (c *Child) Kill() { c.cmd.Process.Kill(); <-c.done }

// Ended reports whether the child has ended.
func (c *Child) Ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Eventually polls until the condition holds. What it returns beside false is
// shown if the time runs out.
func Eventually(t testing.TB, within time.Duration, what string, condition func() (bool, string)) time.Duration {
	t.Helper()
	start := time.Now()
	for {
		ok, state := condition()
		if ok {
			return time.Since(start)
		}
		if time.Since(start) > within {
			t.Fatalf("not within %v: %s\nlast seen: %s", within, what, state)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// CopySelf copies this test binary to the path, executable by everybody.
func CopySelf(t testing.TB, path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	CopyFile(t, self, path, 0o755)
}

// CopyFile copies a file.
func CopyFile(t testing.TB, from, to string, mode os.FileMode) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, mode); err != nil { // whatever the umask says
		t.Fatal(err)
	}
}

// OpenDir makes a temporary folder that every user may enter and read, which
// t.TempDir isn't.
func OpenDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "portlight-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
