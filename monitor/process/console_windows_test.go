package process

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// startObedient starts a console program that ends when it is asked to.
func startObedient(t *testing.T, flags uint32) (*exec.Cmd, Identity) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), obedient+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: flags, HideWindow: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("it said %q: %v", line, err)
	}
	id, err := identify(int32(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return cmd, id
}

func TestStopThroughAConsole(t *testing.T) {
	cmd, id := startObedient(t, windows.CREATE_NEW_CONSOLE)
	h, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if way := h.PoliteWay(); way != WayConsole {
		t.Fatalf("the polite way is %d, want the console", way)
	}
	if others, known := h.Companions(); known && len(others) > 0 {
		t.Errorf("in a console of its own with %v", others)
	}
	err = h.Stop()
	if wine := windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil; wine &&
		err != nil && strings.Contains(err.Error(), "send CTRL_BREAK") {
		// Its server knows CTRL_C only. Our copy was started, found the
		// process, attached to its console and shielded itself.
		t.Skip("Wine can't send a CTRL_BREAK; all up to there was done:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != obedientCode {
		t.Errorf("exit code %d, want %d: it was to end by itself", code, obedientCode)
	}
	if err := h.Stop(); !errors.Is(err, ErrGone) {
		t.Errorf("a second Stop: %v, want ErrGone", err)
	}
}

func TestNoPoliteWayWithoutAConsole(t *testing.T) {
	_, id := startObedient(t, windows.DETACHED_PROCESS)
	h, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if way := h.PoliteWay(); way != WayNone {
		t.Errorf("the polite way is %d, want none", way)
	}
	if err := h.Stop(); !errors.Is(err, ErrNoPoliteStop) {
		t.Errorf("Stop: %v, want ErrNoPoliteStop", err)
	}
}

func TestConsoleBreakKnowsWhomItIsFor(t *testing.T) {
	cmd, id := startObedient(t, windows.CREATE_NEW_CONSOLE)
	ask := func(args ...string) int {
		t.Helper()
		helper := exec.Command(os.Args[0], append([]string{ConsoleBreakVerb}, args...)...)
		helper.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS}
		helper.Run()
		return helper.ProcessState.ExitCode()
	}
	pid := strconv.Itoa(int(id.PID))
	if code := ask(pid, strconv.FormatUint(id.Start+1, 10)); code != consoleBreakGone {
		t.Errorf("for another process of that PID: exit code %d, want %d", code, consoleBreakGone)
	}
	for _, args := range [][]string{nil, {pid}, {pid, "0"}, {pid, "x"}, {"4", "1"}, {"-1", "1"}} {
		if code := ask(args...); code == consoleBreakSent {
			t.Errorf("%q was taken", args)
		}
	}
	if cmd.ProcessState != nil {
		t.Error("the process ended")
	}
	if _, err := identify(id.PID); err != nil {
		t.Errorf("the process ought to live: %v", err)
	}
}
