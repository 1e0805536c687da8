//go:build linux

package desk

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// App is Portlight running in the session.
type App struct {
	d       *Desktop
	program stage.Portlight
	PID     int
	Window  Window
	Started time.Time
	log     *os.File
	done    chan struct{}
	cmd     *exec.Cmd
}

// Launch starts the program without waiting for its window.
func (d *Desktop) Launch(p stage.Portlight, args []string, options ...stage.Option) *App {
	d.t.Helper()
	cmd := d.Command(p.Path, args...)
	for _, o := range options {
		o(cmd)
	}
	a := &App{d: d, program: p, log: d.log("portlight"), done: make(chan struct{}), cmd: cmd}
	cmd.Stdout, cmd.Stderr = a.log, a.log
	a.Started = time.Now()
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	a.PID = cmd.Process.Pid
	go func() { cmd.Wait(); close(a.done) }()
	d.t.Cleanup(func() {
		if d.t.Failed() {
			name := strings.Map(func(r rune) rune {
				if r == '/' || r == ' ' {
					return '-'
				}
				return r
			}, d.t.Name())
			d.Screenshot("root", "failed-"+name)
		}
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-a.done:
		case <-time.After(5 * time.Second):
			cmd.Process.Signal(syscall.SIGQUIT) // Go tells what it waits for
			select {
			case <-a.done:
			case <-time.After(5 * time.Second):
				cmd.Process.Kill()
				<-a.done
			}
			d.t.Errorf("portlight did not end within 5 s of SIGTERM")
		}
		for _, bad := range []string{"Error in Fyne call thread", "panic:", "DATA RACE", "Translation failure"} {
			if said := a.Said(); strings.Contains(said, bad) {
				d.t.Errorf("portlight said:\n%s", said)
				break
			}
		}
	})
	return a
}

// Open starts the program and waits until its window is there.
func (d *Desktop) Open(p stage.Portlight, options ...stage.Option) *App {
	d.t.Helper()
	a := d.Launch(p, nil, options...)
	a.AwaitWindow()
	return a
}

// AwaitWindow waits for the window.
func (a *App) AwaitWindow() {
	a.d.t.Helper()
	stage.Eventually(a.d.t, stage.Patience, "Portlight shows its window", func() (bool, string) {
		if a.Ended() {
			a.d.t.Fatalf("portlight ended by itself: %s\n%s", a.cmd.ProcessState, a.Said())
		}
		ids := a.d.Windows(a.PID)
		if len(ids) > 0 {
			a.Window = ids[len(ids)-1]
		}
		return len(ids) > 0, "no window"
	})
}

// Ended reports whether the program has ended.
func (a *App) Ended() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// ExitCode returns the exit code once the program has ended.
func (a *App) ExitCode() int { return a.cmd.ProcessState.ExitCode() }

// Said returns what the program wrote to its terminal.
func (a *App) Said() string {
	text, _ := os.ReadFile(a.log.Name())
	return string(text)
}

// Visible reports whether the window is on the display.
func (a *App) Visible() bool { return len(a.d.Windows(a.PID)) > 0 }

// State asks the running program what its window shows. It is false as long
// as the program doesn't answer.
func (a *App) State() (State, bool) {
	var s State
	out, err := a.d.Command(a.program.Path, "debug", "state").Output()
	if err != nil || json.Unmarshal(out, &s) != nil {
		return s, false
	}
	return s, true
}

// Await waits until the state is as wanted.
func (a *App) Await(what string, is func(State) bool) State {
	a.d.t.Helper()
	var last State
	stage.Eventually(a.d.t, stage.Patience, what, func() (bool, string) {
		if a.Ended() {
			a.d.t.Fatalf("portlight ended by itself: %s\n%s", a.cmd.ProcessState, a.Said())
		}
		s, ok := a.State()
		last = s
		return ok && is(s), fmt.Sprintf("%+v", s.brief())
	})
	return last
}

// AwaitRow waits until the window has a row of that port.
func (a *App) AwaitRow(port uint16) {
	a.d.t.Helper()
	a.Await(fmt.Sprintf("a row of port %d", port), func(s State) bool { return s.HasPort(port) })
}
