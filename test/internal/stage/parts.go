//go:build linux

package stage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Parts are folders with unpacked Debian packages (scripts/unpack.sh),
// PORTLIGHT_PARTS lists them. What is in none is looked for on the machine.
type Parts []string

// UnpackedParts returns the folders PORTLIGHT_PARTS lists.
func UnpackedParts() Parts { return filepath.SplitList(os.Getenv("PORTLIGHT_PARTS")) }

var binFolders = []string{"usr/sbin", "usr/bin", "sbin", "bin", "usr/lib/postgresql/*/bin"}

// Find returns the path of a program, or skips the test saying what is missing.
func (p Parts) Find(t testing.TB, name string) string {
	t.Helper()
	for _, root := range append(append(Parts{}, p...), "/") {
		for _, folder := range binFolders {
			found, _ := filepath.Glob(filepath.Join(root, folder, name))
			if len(found) > 0 {
				return found[len(found)-1] // the newest version
			}
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	t.Skipf("no %s in %v nor on this machine: make test unpacks it", name, p)
	return ""
}

// link puts the parts' libraries beside the system's for the loader (ld.so(8)),
// in our own mounts only: some programs start others without any environment.
func (p Parts) link() error {
	folders := p.libraries()
	if len(folders) == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "portlight-parts-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // the mount keeps the file
	conf, cache := filepath.Join(dir, "conf"), filepath.Join(dir, "cache")
	text := "include /etc/ld.so.conf\n" + strings.Join(folders, "\n") + "\n"
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("/sbin/ldconfig", "-X", "-f", conf, "-C", cache).CombinedOutput(); err != nil {
		return fmt.Errorf("ldconfig: %w: %s", err, out)
	}
	return errors.Join(unix.Mount(cache, "/etc/ld.so.cache", "", unix.MS_BIND, ""), p.linkShare())
}

// linkShare lays the parts' /usr/share over the system's: Debian's node looks
// for its own modules at that path and no other.
func (p Parts) linkShare() error {
	var layers []string
	for _, root := range p {
		if share := filepath.Join(root, "usr/share/nodejs"); exists(share) && !exists("/usr/share/nodejs") {
			layers = append(layers, filepath.Dir(share))
		}
	}
	if len(layers) == 0 {
		return nil
	}
	layers = append(layers, "/usr/share")
	return unix.Mount("overlay", "/usr/share", "overlay", unix.MS_RDONLY, "lowerdir="+strings.Join(layers, ":"))
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// libraries lists the folders of the parts' libraries.
func (p Parts) libraries() []string {
	var folders []string
	for _, root := range p {
		for _, pattern := range []string{"usr/lib/*-linux-gnu", "lib/*-linux-gnu"} {
			found, _ := filepath.Glob(filepath.Join(root, pattern))
			folders = append(folders, found...)
		}
	}
	return folders
}

// Env returns the variables with which programs find each other and their
// libraries.
func (p Parts) Env() []string {
	path := []string{}
	for _, root := range p {
		for _, folder := range binFolders {
			found, _ := filepath.Glob(filepath.Join(root, folder))
			path = append(path, found...)
		}
	}
	libraries := p.libraries()
	env := []string{"PATH=" + strings.Join(append(path, os.Getenv("PATH"), "/usr/sbin", "/sbin"), ":")}
	if len(libraries) > 0 {
		env = append(env, "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	}
	return env
}
