package config

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inMounts says in the environment of a child that it may mount things: it
// has a mount namespace of its own.
const inMounts = "PORTLIGHT_TEST_MOUNTS"

// withMounts runs the test again in a child with a mount namespace, because a
// full disk and a read-only one can't be had for root by permissions alone.
// It reports whether this is that child.
func withMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inMounts) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inMounts+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = idMap(os.Getuid())
		cmd.SysProcAttr.GidMappings = idMap(os.Getgid())
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skip("this system grants no mount namespace:", err)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skip(string(out))
	}
	return false
}

func mount(t *testing.T, dir, options string) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skip("can't make mounts private:", err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("can't mount a tmpfs:", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}

func TestUpdate_OnAFullDiskKeepsTheOldFileWhole(t *testing.T) {
	if !withMounts(t) {
		return
	}
	dir := t.TempDir()
	mount(t, dir, "size=64k")
	path := filepath.Join(dir, "portlight.yaml")
	f := Open(path)
	if _, err := f.Update(t.Context(), func(s *Settings) { s.Theme = ThemeDark }); err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	fill(t, filepath.Join(dir, "filler"))
	_, err := f.Update(t.Context(), func(s *Settings) { s.Theme = ThemeLight })
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Update: %v, want no space left and the place", err)
	}
	if got := read(t, path); got != before {
		t.Errorf("the file is now %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
}

func TestUpdate_InAReadOnlyFolderSaysSo(t *testing.T) {
	if !withMounts(t) {
		return
	}
	dir := t.TempDir()
	mount(t, dir, "size=64k")
	path := filepath.Join(dir, "portlight.yaml")
	if err := os.WriteFile(path, []byte("theme: dark\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skip("can't remount read-only:", err)
	}
	f := Open(path)
	if _, err := f.Update(t.Context(), func(s *Settings) { s.Theme = ThemeLight }); !errors.Is(err, unix.EROFS) {
		t.Errorf("Update: %v, want a read-only file system", err)
	}
	if s, err := f.Load(); err != nil || s.Theme != ThemeDark {
		t.Errorf("Load: %+v, %v; want what the file says", s, err)
	}
}

func idMap(id int) []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
}
