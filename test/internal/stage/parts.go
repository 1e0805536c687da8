//go:build linux

package stage

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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

// Env returns the variables with which programs find each other and their
// libraries.
func (p Parts) Env() []string {
	path := []string{}
	libraries := []string{}
	for _, root := range p {
		for _, folder := range binFolders {
			found, _ := filepath.Glob(filepath.Join(root, folder))
			path = append(path, found...)
		}
		found, _ := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
		libraries = append(libraries, found...)
		found, _ = filepath.Glob(filepath.Join(root, "lib/*-linux-gnu"))
		libraries = append(libraries, found...)
	}
	env := []string{"PATH=" + strings.Join(append(path, os.Getenv("PATH"), "/usr/sbin", "/sbin"), ":")}
	if len(libraries) > 0 {
		env = append(env, "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	}
	return env
}
