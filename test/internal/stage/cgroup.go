//go:build linux

package stage

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cgroup2 finds where cgroup v2 is mounted: /sys/fs/cgroup, or a folder of it
// where version 1 is still in charge.
func cgroup2() string {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		mount, rest, _ := strings.Cut(lines.Text(), " - ")
		if fields := strings.Fields(mount); strings.HasPrefix(rest, "cgroup2 ") && len(fields) > 4 {
			return fields[4]
		}
	}
	return ""
}

// Unit makes the cgroup of a systemd unit, in a slice of the tests' own, and
// returns an option that starts a program inside it: to the kernel, and so to
// Portlight, that program then is the unit's.
func Unit(t testing.TB, name string) Option {
	t.Helper()
	root := cgroup2()
	if root == "" {
		t.Skip("this machine mounts no cgroup v2")
	}
	dir := filepath.Join(root, "portlighttest.slice", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Skipf("no cgroups can be made here: %v", err)
	}
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		// A cgroup can be removed once its last process is reaped.
		for range 100 {
			if os.Remove(dir) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		os.Remove(filepath.Dir(dir))
	})
	return func(c *exec.Cmd) {
		c.SysProcAttr.UseCgroupFD = true
		c.SysProcAttr.CgroupFD = int(f.Fd())
	}
}
