package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

func TestReadFactsOfOurselves(t *testing.T) {
	id, err := identify(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := readFacts(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *p)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.EqualFold(p.Exe, exe) || p.Name != filepath.Base(exe) {
		t.Errorf("executable %q named %q, want %q", p.Exe, p.Name, exe)
	}
	if !slices.Equal(p.Args, os.Args) {
		t.Errorf("arguments %q, want %q", p.Args, os.Args)
	}
	if !strings.EqualFold(p.Cwd, cwd) {
		t.Errorf("working directory %q, want %q", p.Cwd, cwd)
	}
	if p.User == "" {
		t.Error("no user")
	}
	if age := time.Since(p.Started); age < 0 || age > time.Hour {
		t.Errorf("started %v, %v ago", p.Started, age)
	}
}

func TestReadFactsOfAChild(t *testing.T) {
	dir := os.TempDir()
	cmd := exec.Command(os.Args[0], "two words", `a"quote`, "größe", "")
	cmd.Env = append(os.Environ(), sleeper+"=1")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	id, err := identify(int32(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	p, err := readFacts(id)
	// Its parameters are written into a process after it was made.
	for deadline := time.Now().Add(30 * time.Second); err == nil && len(p.Args) == 0 && time.Now().Before(deadline); {
		p, err = readFacts(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Args, cmd.Args) {
		t.Errorf("arguments %q, want %q", p.Args, cmd.Args)
	}
	if !strings.EqualFold(p.Cwd, strings.TrimSuffix(dir, `\`)) {
		t.Errorf("working directory %q, want %q", p.Cwd, dir)
	}
	if parent, err := parentOf(id); err != nil || parent != int32(os.Getpid()) {
		t.Errorf("parent %d, %v; want %d", parent, err, os.Getpid())
	}
	successor := id
	successor.Start--
	if _, err := readFacts(successor); !errors.Is(err, ErrGone) {
		t.Errorf("facts of an earlier process of that PID: %v, want ErrGone", err)
	}

	// A held handle keeps the ended process openable; it is gone all the same.
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(id.PID))
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(h)
	cmd.Wait()
	if _, err := identify(id.PID); !errors.Is(err, ErrGone) {
		t.Errorf("identify an ended process: %v, want ErrGone", err)
	}
}

// What can't be opened is known from the list of all processes: the two have
// to agree to the last digit, or one process would be two.
func TestListAgreesWithHandles(t *testing.T) {
	self := int32(os.Getpid())
	id, err := identify(self)
	if err != nil {
		t.Fatal(err)
	}
	var list processList
	if err := list.read(); err != nil {
		t.Fatal(err)
	}
	e, ok := list.find(self)
	if !ok {
		t.Fatalf("PID %d isn't in the list", self)
	}
	if e.start != id.Start {
		t.Errorf("the list says start %d, the handle %d", e.start, id.Start)
	}
	if parent, err := parentOf(id); err != nil || e.parent != parent {
		t.Errorf("the list says parent %d, the handle %d (%v)", e.parent, parent, err)
	}
	if want := filepath.Base(os.Args[0]); !strings.EqualFold(e.name, want) {
		t.Errorf("the list says name %q, want %q", e.name, want)
	}
	p, err := listedFacts(id)
	if err != nil {
		t.Fatal(err)
	}
	if exe, _ := os.Executable(); p.Exe != "" && !strings.EqualFold(p.Exe, exe) {
		t.Errorf("the list's executable is %q, want %q", p.Exe, exe)
	}
	if _, ok := list.find(-8); ok {
		t.Error("found a process that can't be")
	}
}

func TestIdentifyNobody(t *testing.T) {
	for _, pid := range []int32{0, 0x7ffffffc} {
		if id, err := identify(pid); !errors.Is(err, ErrGone) {
			t.Errorf("identify(%d) = %v, %v; want ErrGone", pid, id, err)
		}
	}
}

func TestStopWithoutAWindow(t *testing.T) {
	_, id := startSleeper(t)
	h, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Stop(); !errors.Is(err, ErrNoPoliteStop) {
		t.Errorf("Stop: %v, want ErrNoPoliteStop", err)
	}
	if _, err := identify(id.PID); err != nil {
		t.Errorf("the process should have been left alone: %v", err)
	}
}

func TestShortAccount(t *testing.T) {
	tests := []struct {
		sentence, account, domain string
		wellKnown                 bool
		want                      string
	}{
		{"the machine's own account stands alone", "ann", "DESK-7", false, "ann"},
		{"whatever the case", "ann", "desk-7", false, "ann"},
		{"a domain account keeps its domain", "ann", "CORP", false, `CORP\ann`},
		{"SYSTEM stands alone in any language", "SYSTEM", "NT-AUTORITÄT", true, "SYSTEM"},
	}
	for _, tt := range tests {
		if got := shortAccount(tt.account, tt.domain, tt.wellKnown, "DESK-7"); got != tt.want {
			t.Errorf("%s: %q", tt.sentence, got)
		}
	}
}

func TestTrimFolder(t *testing.T) {
	for path, want := range map[string]string{`C:\work\`: `C:\work`, `C:\`: `C:\`, `C:\work`: `C:\work`, "": "", `\\host\share\`: `\\host\share`} {
		if got := trimFolder(path); got != want {
			t.Errorf("trimFolder(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestServices(t *testing.T) {
	var list processList
	if err := list.read(); err != nil {
		t.Fatal(err)
	}
	if names := servicesOf(int32(os.Getpid()), "svchost.exe"); len(names) != 0 {
		t.Errorf("this test runs the services %q", names)
	}
	if name := ServiceByTag(int32(os.Getpid()), 0); name != "" {
		t.Errorf("tag 0 is %q, want none", name)
	}
}

func BenchmarkIdentify(b *testing.B) {
	pid := int32(os.Getpid())
	for b.Loop() {
		if _, err := identify(pid); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProcessList(b *testing.B) {
	var list processList
	for b.Loop() {
		if err := list.read(); err != nil {
			b.Fatal(err)
		}
	}
}

// winver is the smallest program with a window that every Windows has, and
// Wine too.
func TestStopClosesAWindow(t *testing.T) {
	cmd := exec.Command("winver.exe")
	if err := cmd.Start(); err != nil {
		t.Skipf("no program with a window to close: %v", err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	id, err := identify(int32(cmd.Process.Pid))
	if err != nil {
		t.Skipf("winver ended at once, there is no desktop: %v", err)
	}
	h, err := Open(id)
	if errors.Is(err, ErrGone) {
		t.Skip("winver ended at once, there is no desktop")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		err := h.Stop()
		if err == nil {
			break
		}
		if errors.Is(err, ErrGone) {
			t.Skip("winver ended before it had a window, there is no desktop")
		}
		if !errors.Is(err, ErrNoPoliteStop) {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
			t.Fatal("winver never showed a window")
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := h.Wait(ctx); err != nil {
		t.Errorf("winver was asked to close and didn't end: %v", err)
	}
}
