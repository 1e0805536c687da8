package process

import (
	"errors"
	"os"
	"slices"
	"testing"
)

func TestGuard(t *testing.T) {
	self, shell, terminal := Identity{PID: 900, Start: 90}, Identity{PID: 800, Start: 80}, Identity{PID: 700, Start: 70}
	g := guard{
		lineage:  []Identity{self, shell, terminal},
		kernel:   func(id Identity) bool { return id.PID == 33 },
		critical: func(p *Process) bool { return p.Name == "csrss.exe" },
	}
	tests := []struct {
		name string
		p    Process
		want Protection
	}{
		{"nobody's PID 0 is the system's", Process{}, ProtectedSystem},
		{"a negative PID would be a process group", Process{Identity: Identity{PID: -900, Start: 90}}, ProtectedSystem},
		{"init is the system's", Process{Identity: Identity{PID: 1, Start: 1}, Name: "systemd"}, ProtectedSystem},
		{"PID 4 may be a server in a container", Process{Identity: Identity{PID: 4, Start: 7}, Name: "node"}, ""},
		{"a kernel thread is the system's", Process{Identity: Identity{PID: 33, Start: 1}, Name: "nfsd"}, ProtectedSystem},
		{"we never signal ourselves", Process{Identity: self}, ProtectedSelf},
		{"nor the shell we run in", Process{Identity: shell}, ProtectedAncestor},
		{"nor its terminal", Process{Identity: terminal}, ProtectedAncestor},
		{"an ancestor's PID given to another process is fair game", Process{Identity: Identity{PID: 700, Start: 71}}, ""},
		{"what the system calls critical is", Process{Identity: Identity{PID: 500, Start: 5}, Name: "csrss.exe"}, ProtectedCritical},
		{"a dev server is fair game", Process{Identity: Identity{PID: 4242, Start: 99}, Name: "node"}, ""},
	}
	for _, tt := range tests {
		if got := g.of(&tt.p); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestIsCriticalName(t *testing.T) {
	const system32 = `C:\Windows\System32`
	tests := []struct {
		sentence, name, exe, systemDir string
		want                           bool
	}{
		{"the one in System32", "lsass.exe", `C:\Windows\System32\lsass.exe`, system32, true},
		{"case doesn't matter on Windows", "LSASS.EXE", `c:\windows\SYSTEM32\Lsass.exe`, system32, true},
		{"without a readable path the name decides", "services.exe", "", system32, true},
		{"without a known system folder the name decides", "services.exe", `D:\dev\services.exe`, "", true},
		{"somebody's own program of that name is not", "services.exe", `D:\dev\services.exe`, system32, false},
		{"a folder that only begins alike is another", "services.exe", `C:\Windows\System32x\services.exe`, system32, false},
		{"svchost may be ended, its services are the service manager's", "svchost.exe", `C:\Windows\System32\svchost.exe`, system32, false},
		{"a longer name is another", "lsass2.exe", "", system32, false},
	}
	for _, tt := range tests {
		if got := isCriticalName(tt.name, tt.exe, tt.systemDir); got != tt.want {
			t.Errorf("%s: isCriticalName(%q, %q, %q) = %v", tt.sentence, tt.name, tt.exe, tt.systemDir, got)
		}
	}
}

func TestOwnLineage(t *testing.T) {
	line := ownLineage()
	if len(line) == 0 || line[0].PID != int32(os.Getpid()) || line[0].Start == 0 {
		t.Fatalf("our lineage %v doesn't begin with ourselves (PID %d)", line, os.Getpid())
	}
	if !slices.IsSortedFunc(line, func(a, b Identity) int {
		if a.Start < b.Start {
			return 1
		}
		return 0
	}) {
		t.Errorf("lineage %v: an ancestor is younger than its child", line)
	}
	if p := Protected(&Process{Identity: line[0]}); p != ProtectedSelf {
		t.Errorf("Protected(ourselves) = %q", p)
	}
}

// Whoever calls, Portlight must not end itself.
func TestHandleRefusesOurselves(t *testing.T) {
	self, err := identify(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	h, err := Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Stop(); !errors.Is(err, ErrProtected) {
		t.Errorf("Stop: %v, want ErrProtected", err)
	}
	if err := h.Kill(); !errors.Is(err, ErrProtected) {
		t.Errorf("Kill: %v, want ErrProtected", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	self, err := identify(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	successor := self
	successor.Start++
	tests := []struct {
		name string
		id   Identity
		want error
	}{
		{"a PID that is another process by now", successor, ErrGone},
		{"a start that couldn't be read", Identity{PID: self.PID}, ErrDenied},
		{"PID 0", Identity{Start: 1}, ErrProtected},
		{"a process group", Identity{PID: -1, Start: 1}, ErrProtected},
	}
	for _, tt := range tests {
		if h, err := Open(tt.id); !errors.Is(err, tt.want) {
			t.Errorf("%s: Open(%v) = %v, %v; want %v", tt.name, tt.id, h, err, tt.want)
		}
	}
}
