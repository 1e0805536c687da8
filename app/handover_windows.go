//go:build cgo

package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// windowName is the window link target's file: the same program, which
// Windows gives no console.
const windowName = "portlightw.exe"

// windowProgram is the program to start for the window.
func windowProgram(self string) string {
	if w := filepath.Join(filepath.Dir(self), windowName); exists(w) {
		return w
	}
	return self
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// handOver lets portlightw.exe show the window, if we are its console twin
// and it lies beside us: the console is then free again.
func handOver(f windowFlags) bool {
	self, err := os.Executable()
	if err != nil || strings.EqualFold(filepath.Base(self), windowName) {
		return false
	}
	w := windowProgram(self)
	if w == self {
		return false
	}
	cmd := exec.Command(w, f.args()...)
	return cmd.Start() == nil && cmd.Process.Release() == nil
}
