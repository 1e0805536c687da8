package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"testing"
	"time"
)

// sleeper is the environment variable that makes the test program sleep
// until it is ended.
const sleeper = "PORTLIGHT_TEST_SLEEPER"

// obedient makes it end with obedientCode at the first interrupt.
const (
	obedient     = "PORTLIGHT_TEST_OBEDIENT"
	obedientCode = 7
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == ConsoleBreakVerb {
		os.Exit(ConsoleBreak(os.Args[2:]))
	}
	if os.Getenv(obedient) != "" {
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt) // also of CTRL_BREAK
		os.Stdout.WriteString("ready\n")
		select {
		case <-interrupts:
			os.Exit(obedientCode)
		case <-time.After(time.Minute):
			os.Exit(3)
		}
	}
	if os.Getenv(sleeper) != "" {
		time.Sleep(time.Minute) // a test that forgets it must not leave it for ever
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// startSleeper starts a process that only a signal ends.
func startSleeper(t *testing.T) (*exec.Cmd, Identity) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sleeper+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	id, err := identify(int32(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return cmd, id
}

func TestHandleKillsAndWaits(t *testing.T) {
	cmd, id := startSleeper(t)
	h, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()

	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := h.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Wait for a living process: %v, want the context's error", err)
	}
	if err := h.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	want := -1 // by a signal
	if runtime.GOOS == "windows" {
		want = 1
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Errorf("exit code %d, want %d", code, want)
	}
	if err := h.Kill(); !errors.Is(err, ErrGone) {
		t.Errorf("a second Kill: %v, want ErrGone", err)
	}
	if _, err := Open(id); !errors.Is(err, ErrGone) {
		t.Errorf("Open of an ended process: %v, want ErrGone", err)
	}
}

// BenchmarkProtected: asked for each row of a menu, so it must stay cheap.
func BenchmarkProtected(b *testing.B) {
	p := &Process{Identity: Identity{PID: 4242, Start: 1}}
	for b.Loop() {
		Protected(p)
	}
}
