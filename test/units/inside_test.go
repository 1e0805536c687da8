//go:build units && linux

package units

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// serve is what the machine's services are: they accept at the address they
// are given, or at the sockets that systemd passes (sd_listen_fds(3)).
func serve() {
	addr := os.Getenv("PORTLIGHT_UNITS_SERVE")
	if addr == "" {
		return
	}
	if os.Getenv("PORTLIGHT_UNITS_DEAF") != "" {
		signal.Ignore(syscall.SIGTERM)
	}
	var listeners []net.Listener
	if addr == "passed" {
		for fd := uintptr(3); fd < 5; fd++ {
			if ln, err := net.FileListener(os.NewFile(fd, "passed")); err == nil {
				listeners = append(listeners, ln)
			}
		}
	} else if ln, err := net.Listen("tcp", addr); err == nil {
		listeners = append(listeners, ln)
	}
	if len(listeners) == 0 {
		fmt.Fprintln(os.Stderr, "nothing to accept at", addr)
		os.Exit(1)
	}
	for _, ln := range listeners {
		go func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					os.Exit(1)
				}
				c.Close()
			}
		}()
	}
	select {}
}

func inside(t *testing.T) (*units.Manager, context.Context) {
	t.Helper()
	if os.Getenv(insideVariable) == "" {
		t.Skip("runs on the machine that TestASystemThatBoots boots")
	}
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	t.Cleanup(cancel)
	m, err := units.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return m, ctx
}

// holder waits until somebody but the service managers holds the address.
func holder(t *testing.T, addr string) *process.Process {
	t.Helper()
	var found *process.Process
	stage.Eventually(t, stage.Patience, "somebody holds "+addr, func() (bool, string) {
		s, err := monitor.Once(t.Context(), monitor.Options{}, false)
		if err != nil {
			return false, err.Error()
		}
		e, ok := s.Endpoint(monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)})
		if !ok {
			return false, "no such endpoint"
		}
		for _, h := range e.Holders {
			if h.Name != "systemd" {
				found = h.Process
			}
		}
		return found != nil, fmt.Sprintf("%+v", e)
	})
	return found
}

// mustBeFree proves it as servers do.
func mustBeFree(t *testing.T, addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Errorf("%s isn't free: %v", addr, err)
		return
	}
	ln.Close()
}

// state is the unit's, in systemctl's word.
func state(unit string, more ...string) string {
	out, _ := exec.Command("systemctl", append(append([]string{"is-active"}, more...), unit)...).Output()
	return strings.TrimSpace(string(out))
}

func mustBeInactive(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if s := state(name); s != "inactive" && s != "failed" {
			t.Errorf("%s is %s", name, s)
		}
	}
}

func TestInside_AServiceThatIsStartedAgain(t *testing.T) {
	m, ctx := inside(t)
	const addr = "127.0.0.1:4100"
	first := holder(t, addr)
	u, err := m.Of(ctx, first.PID)
	if err != nil {
		t.Fatal(err)
	}
	if u.Name != "tireless.service" || !u.Restarts || u.User || !u.CanStop || !slices.Equal(u.PIDs, []int32{first.PID}) {
		t.Errorf("its unit is %+v", u)
	}
	// Ended by its process it comes back: that is why the unit is stopped.
	if err := syscall.Kill(int(first.PID), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var again *process.Process
	stage.Eventually(t, stage.Patience, "systemd starts it again", func() (bool, string) {
		again = holder(t, addr)
		return again.PID != first.PID, fmt.Sprint(again.PID)
	})
	began := time.Now()
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("measured: stopped in %v", time.Since(began).Round(time.Millisecond))
	mustBeFree(t, addr)
	mustBeInactive(t, "tireless.service")
	time.Sleep(500 * time.Millisecond) // five times its RestartSec
	mustBeFree(t, addr)
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Errorf("a stop of what is stopped: %v", err)
	}
}

func TestInside_ASocketThatSystemdHolds(t *testing.T) {
	m, ctx := inside(t)
	begin := func(t *testing.T) {
		t.Helper()
		if out, err := exec.Command("systemctl", "start", "lazy.socket").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	wake := func(t *testing.T) *process.Process {
		t.Helper()
		c, err := net.Dial("tcp", "127.0.0.1:4200")
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		return holder(t, "127.0.0.1:4200")
	}
	find := func(t *testing.T, proto sockets.Proto, addr string) *units.Unit {
		t.Helper()
		u, err := m.SocketFor(ctx, proto, netip.MustParseAddrPort(addr))
		if err != nil || u.Name != "lazy.socket" || !u.Listens {
			t.Fatalf("%s: got %+v, %v", addr, u, err)
		}
		return u
	}
	t.Run("is found by each of its addresses", func(t *testing.T) {
		begin(t)
		find(t, sockets.TCP, "127.0.0.1:4200")
		find(t, sockets.TCP, "[::]:4201")
		find(t, sockets.UDP, "127.0.0.1:4202")
		if u, err := m.SocketFor(ctx, sockets.UDP, netip.MustParseAddrPort("127.0.0.1:4200")); !errors.Is(err, units.ErrNoUnit) {
			t.Errorf("UDP 4200 is %+v, %v", u, err)
		}
	})
	t.Run("is stopped without a service", func(t *testing.T) {
		begin(t)
		if err := m.Stop(ctx, find(t, sockets.TCP, "127.0.0.1:4200"), nil); err != nil {
			t.Fatal(err)
		}
		mustBeInactive(t, "lazy.socket", "lazy.service")
		mustBeFree(t, "127.0.0.1:4200")
		mustBeFree(t, "[::]:4201")
	})
	t.Run("is stopped with the service it woke", func(t *testing.T) {
		begin(t)
		p := wake(t)
		u := find(t, sockets.TCP, "127.0.0.1:4200")
		if !slices.Contains(u.PIDs, p.PID) {
			t.Errorf("its processes are %v, not %d", u.PIDs, p.PID)
		}
		if err := m.Stop(ctx, u, nil); err != nil {
			t.Fatal(err)
		}
		mustBeInactive(t, "lazy.socket", "lazy.service")
		mustBeFree(t, "127.0.0.1:4200")
	})
	t.Run("is stopped with its service, which it would wake again", func(t *testing.T) {
		begin(t)
		u, err := m.Of(ctx, wake(t).PID)
		if err != nil || u.Name != "lazy.service" || !slices.Equal(u.Sockets, []string{"lazy.socket"}) {
			t.Fatalf("got %+v, %v", u, err)
		}
		if err := m.Stop(ctx, u, nil); err != nil {
			t.Fatal(err)
		}
		mustBeInactive(t, "lazy.socket", "lazy.service")
		mustBeFree(t, "127.0.0.1:4200")
	})
}

func TestInside_AServiceThatDoesNotEnd(t *testing.T) {
	m, ctx := inside(t)
	u, err := m.Of(ctx, holder(t, "127.0.0.1:4300").PID)
	if err != nil {
		t.Fatal(err)
	}
	grace, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	if err := m.Stop(grace, u, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want the end of the grace time", err)
	}
	if s := state(u.Name); s != "deactivating" {
		t.Errorf("it is %s", s)
	}
	if err := m.Kill(ctx, u); err != nil {
		t.Fatal(err)
	}
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Error(err)
	}
	mustBeInactive(t, u.Name)
	mustBeFree(t, "127.0.0.1:4300")
}

func TestInside_AServiceThatIsNotStoppedOnRequest(t *testing.T) {
	m, ctx := inside(t)
	u, err := m.Of(ctx, holder(t, "127.0.0.1:4400").PID)
	if err != nil || u.CanStop {
		t.Fatalf("got %+v, %v", u, err)
	}
	if err := m.Stop(ctx, u, nil); !errors.Is(err, units.ErrRefused) {
		t.Errorf("got %v, want ErrRefused", err)
	}
}

func TestInside_WhatIsNoService(t *testing.T) {
	m, ctx := inside(t)
	for _, pid := range []int32{1, 1 << 30} {
		if u, err := m.Of(ctx, pid); !errors.Is(err, units.ErrNoUnit) {
			t.Errorf("process %d: got %+v, %v", pid, u, err)
		}
	}
	for _, name := range []string{"user@1000.service", "absent.service", "multi-user.target"} {
		if u, err := m.ByName(ctx, name, false); !errors.Is(err, units.ErrNoUnit) {
			t.Errorf("%s: got %+v, %v", name, u, err)
		}
	}
}

// An ordinary user asks over the message bus.
func TestInside_AsAnOrdinaryUser(t *testing.T) {
	inside(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.v", "-test.run", "^TestUser")
	cmd.Env = append(os.Environ(), "PORTLIGHT_UNITS_USER=1", "XDG_RUNTIME_DIR=/run/user/1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("as an ordinary user: %v", err)
	}
}

func user(t *testing.T) (*units.Manager, context.Context) {
	t.Helper()
	if os.Getenv("PORTLIGHT_UNITS_USER") == "" {
		t.Skip("runs as the ordinary user of the booted machine")
	}
	return inside(t)
}

func TestUser_MayNotStopTheSystemsUnits(t *testing.T) {
	m, ctx := user(t)
	u, err := m.ByName(ctx, "refusing.service", false)
	if err != nil || len(u.PIDs) == 0 {
		t.Fatalf("got %+v, %v", u, err)
	}
	out, err := exec.Command("systemctl", "show", "-P", "MainPID", "tests.service").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pid int32
	fmt.Sscan(string(out), &pid)
	if u, err = m.Of(ctx, pid); err != nil || u.Name != "tests.service" {
		t.Fatalf("got %+v, %v", u, err)
	}
	if err := m.Stop(ctx, u, nil); !errors.Is(err, units.ErrDenied) {
		t.Errorf("stopped by an ordinary user: %v", err)
	}
	if err := m.Kill(ctx, u); !errors.Is(err, units.ErrDenied) {
		t.Errorf("killed by an ordinary user: %v", err)
	}
}

func TestUser_StopsUnitsOfTheirOwn(t *testing.T) {
	m, ctx := user(t)
	if u, err := m.SocketFor(ctx, sockets.TCP, netip.MustParseAddrPort("127.0.0.1:4501")); err != nil || u.Name != "notebook.socket" || !u.User {
		t.Errorf("their socket: got %+v, %v", u, err)
	}
	u, err := m.Of(ctx, holder(t, "127.0.0.1:4500").PID)
	if err != nil || u.Name != "notes.service" || !u.User || !u.Restarts || !slices.Equal(u.Sockets, []string{"notebook.socket"}) {
		t.Fatalf("got %+v, %v", u, err)
	}
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Fatal(err)
	}
	mustBeFree(t, "127.0.0.1:4500")
	mustBeFree(t, "127.0.0.1:4501")
	for _, name := range []string{"notes.service", "notebook.socket"} {
		if s := state(name, "--user"); s != "inactive" {
			t.Errorf("%s is %s", name, s)
		}
	}
}

// Root asks the managers of others. After the user's own test, as Z says.
func TestInside_ZRootStopsAUsersUnit(t *testing.T) {
	m, ctx := inside(t)
	cmd := exec.Command("systemctl", "--user", "start", "notes.service")
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR=/run/user/1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	u, err := m.Of(ctx, holder(t, "127.0.0.1:4500").PID)
	if err != nil || u.Name != "notes.service" || !u.User {
		t.Fatalf("got %+v, %v", u, err)
	}
	if err := m.Stop(ctx, u, nil); err != nil {
		t.Fatal(err)
	}
	mustBeFree(t, "127.0.0.1:4500")
}

// A server that lost its shell, adopted by the real systemd.
func TestInside_AnOrphan(t *testing.T) {
	inside(t)
	dir := filepath.Join(t.TempDir(), "shop")
	write(t, filepath.Join(dir, "package.json"), `{"name": "shop"}`)
	start := func(addr, streams string) {
		t.Helper()
		// A scope, as terminals make one for each tab; the shell ends at once.
		cmd := exec.Command("systemd-run", "--scope", "--quiet", "/bin/sh", "-c",
			"cd "+dir+"; PORTLIGHT_UNITS_SERVE="+addr+" /portlight/units.test "+streams+" &")
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
	}
	start("127.0.0.1:4600", ">log 2>&1")
	start("127.0.0.1:4601", "</dev/null >/dev/null 2>&1")
	left, daemon := holder(t, "127.0.0.1:4600"), holder(t, "127.0.0.1:4601")
	t.Cleanup(func() {
		syscall.Kill(int(left.PID), syscall.SIGKILL)
		syscall.Kill(int(daemon.PID), syscall.SIGKILL)
	})
	s, err := monitor.Once(t.Context(), monitor.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	groups := monitor.Orphans(s, func(process.Identity) bool { return true })
	// Everything else here is a service's, the manager's, or in the background.
	if len(groups) != 1 || groups[0].Project != "shop" || len(groups[0].Orphans) != 1 || groups[0].Orphans[0].Holder.PID != left.PID {
		t.Errorf("orphans are %+v, want process %d alone", groups, left.PID)
	}
}

// portlight runs the program on the booted machine and returns its exit code.
func portlight(t *testing.T, uid uint32, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command("/portlight/portlight", args...)
	home := t.TempDir()
	if err := os.Chmod(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(home, int(uid), int(uid)); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME="+home, "LANG=en_US.UTF-8", fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", uid))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// What people type, and what the exit codes of `portlight kill` say then.
func TestInside_TheCommandLine(t *testing.T) {
	inside(t)
	const root, developer, freed, notPermitted = 0, 1000, 0, 7
	begin := func(t *testing.T, unit string) {
		t.Helper()
		if out, err := exec.Command("systemctl", "start", unit).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	kill := func(t *testing.T, uid uint32, port, unit string, want int) {
		t.Helper()
		code, said := portlight(t, uid, "kill", port, "--yes")
		t.Logf("kill %s, exit %d:\n%s", port, code, said)
		if code != want || !strings.Contains(said, unit) {
			t.Errorf("kill %s: exit %d, want %d and %s named", port, code, want, unit)
		}
	}
	for _, tt := range []struct{ name, unit, port, addr string }{
		{"a service that is started again", "tireless.service", "4100", "127.0.0.1:4100"},
		{"a socket that systemd holds", "lazy.socket", "4201", "[::]:4201"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin(t, tt.unit)
			if tt.unit != "lazy.socket" {
				holder(t, tt.addr)
			}
			kill(t, developer, tt.port, tt.unit, notPermitted)
			if s := state(tt.unit); s != "active" {
				t.Errorf("an ordinary user was not permitted, and yet it is %s", s)
			}
			kill(t, root, tt.port, tt.unit, freed)
			mustBeInactive(t, tt.unit)
			mustBeFree(t, tt.addr)
		})
	}
	t.Run("the doctor names the socket's unit", func(t *testing.T) {
		begin(t, "lazy.socket")
		for _, uid := range []uint32{root, developer} {
			code, said := portlight(t, uid, "doctor", "4200", "--json")
			if code != 2 || !strings.Contains(said, `"systemd_socket"`) || !strings.Contains(said, "lazy.socket") {
				t.Errorf("user %d: exit %d\n%s", uid, code, said)
			}
		}
	})
}
