//go:build units && linux

// Package units asks real service managers and container engines to stop
// things: systemd as the init of a container that boots from a root file
// system of its own, and a container engine of the test's own.
package units

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestMain(m *testing.M) {
	serve()
	stage.Main()
	if os.Getenv(insideVariable) == "" {
		stage.OwnNetwork()
		flag.Parse()
		// Those are for the booted machine, which TestASystemThatBoots runs.
		flag.Set("test.skip", "^Test(Inside|User)")
	}
	os.Exit(m.Run())
}

// insideVariable is set for the tests that run on the booted machine.
const insideVariable = "PORTLIGHT_UNITS_INSIDE"

// unitFiles are the machine's own, by path below /usr/local/lib/systemd.
var unitFiles = map[string]string{
	// The tests themselves; the machine is turned off when they are done.
	"system/tests.service": `
[Service]
Type=exec
Environment=PORTLIGHT_UNITS_INSIDE=1
ExecStart=/portlight/units.test -test.v -test.run ^TestInside -test.timeout 100s
StandardOutput=file:/portlight/out/log
StandardError=inherit
ExecStopPost=/bin/sh -c 'echo "$EXIT_CODE $EXIT_STATUS" >/portlight/out/status; systemctl --no-block poweroff'
`,
	// What a service manager starts again whatever ends it.
	"system/tireless.service": `
[Service]
Environment=PORTLIGHT_UNITS_SERVE=127.0.0.1:4100
ExecStart=/portlight/units.test
Restart=always
RestartSec=100ms
`,
	// PID 1 listens, and starts it at the first connection.
	"system/lazy.socket": `
[Socket]
ListenStream=127.0.0.1:4200
ListenStream=4201
ListenDatagram=127.0.0.1:4202
ListenStream=/run/lazy
`,
	"system/lazy.service": `
[Service]
Environment=PORTLIGHT_UNITS_SERVE=passed
ExecStart=/portlight/units.test
`,
	// Doesn't end when it is asked to.
	"system/deaf.service": `
[Service]
Environment=PORTLIGHT_UNITS_SERVE=127.0.0.1:4300 PORTLIGHT_UNITS_DEAF=1
ExecStart=/portlight/units.test
Restart=always
TimeoutStopSec=80
`,
	"system/refusing.service": `
[Unit]
RefuseManualStop=yes
[Service]
Environment=PORTLIGHT_UNITS_SERVE=127.0.0.1:4400
ExecStart=/portlight/units.test
`,
	"user/notes.service": `
[Service]
Environment=PORTLIGHT_UNITS_SERVE=127.0.0.1:4500
ExecStart=/portlight/units.test
Restart=on-failure
`,
	"user/notebook.socket": "[Socket]\nListenStream=127.0.0.1:4501\nService=notes.service\n",
}

// started are wanted by the machine's, and the user's, own target.
var started = map[string][]string{
	"system/multi-user.target.wants": {"tests.service", "tireless.service", "lazy.socket", "deaf.service", "refusing.service", "user@1000.service"},
	"user/default.target.wants":      {"notes.service", "notebook.socket"},
}

// TestASystemThatBoots boots systemd and runs the tests called TestInside there.
func TestASystemThatBoots(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("booting a container takes root: sudo make test")
	}
	root := os.Getenv("PORTLIGHT_ROOT")
	if root == "" {
		t.Skip("PORTLIGHT_ROOT names no root file system with systemd (scripts/root.sh makes one)")
	}
	parts := stage.UnpackedParts()
	nspawn := parts.Find(t, "systemd-nspawn")
	p := stage.Build(t)

	dir := stage.OpenDir(t)
	stage.CopySelf(t, filepath.Join(dir, "units.test"))
	stage.CopyFile(t, p.Path, filepath.Join(dir, "portlight"), 0o755)
	out := filepath.Join(dir, "out")
	units := filepath.Join(dir, "units")
	for name, text := range unitFiles {
		write(t, filepath.Join(units, name), text)
	}
	for folder, names := range started {
		for _, name := range names {
			path := filepath.Join(units, folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../"+name, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}

	cmd := exec.Command(nspawn, "--directory", root, "--boot", "--register=no", "--keep-unit", "--private-network",
		"--volatile=overlay", "--console=pipe", "--machine=portlight-test",
		"--link-journal=no", // linking asks for this machine's id, which a fresh one hasn't
		"--bind", dir+":/portlight", "--bind-ro", units+":/usr/local/lib/systemd")
	cmd.Env = append(append(os.Environ(), parts.Env()...), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	// Its own library isn't where the loader looks.
	var own []string
	for _, p := range parts {
		found, _ := filepath.Glob(filepath.Join(p, "usr/lib/*-linux-gnu/systemd"))
		own = append(own, found...)
	}
	for i, kv := range cmd.Env {
		if strings.HasPrefix(kv, "LD_LIBRARY_PATH=") {
			cmd.Env[i] += ":" + strings.Join(own, ":")
		}
	}
	console, err := os.Create(filepath.Join(dir, "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	cmd.Stdout, cmd.Stderr = console, console
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	began := time.Now()
	select {
	case err = <-done:
	case <-time.After(2 * time.Minute):
		cmd.Process.Kill() // and with it all inside
		<-done
		t.Error("the machine wasn't done within two minutes")
	}
	log, _ := os.ReadFile(filepath.Join(out, "log"))
	status, _ := os.ReadFile(filepath.Join(out, "status"))
	said, _ := os.ReadFile(console.Name())
	if len(log) == 0 && len(status) == 0 {
		if why := cannotBoot(string(said)); why != "" {
			t.Skipf("no container boots here: %s", why)
		}
		t.Fatalf("the machine didn't boot: %v\n%s", err, tail(said, 4000))
	}
	t.Logf("on the machine, which was up for %v:\n%s", time.Since(began).Round(100*time.Millisecond), log)
	if strings.TrimSpace(string(status)) != "exited 0" || !strings.Contains(string(log), "\n--- PASS") && !strings.HasPrefix(string(log), "--- PASS") {
		t.Errorf("the tests there ended with %q", strings.TrimSpace(string(status)))
	}
}

// cannotBoot finds the reason in what nspawn said where this machine doesn't
// allow containers at all: one without the rights, or without the mounts.
func cannotBoot(said string) string {
	for line := range strings.Lines(said) {
		for _, why := range []string{"Operation not permitted", "Permission denied", "Read-only file system", "No such device"} {
			if strings.Contains(line, why) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}
