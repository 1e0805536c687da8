//go:build cgo

package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// reveal opens a folder window with the file selected. Explorer reads its
// command line in its own way (/select, and a quoted path, no space between),
// so that is written here; no shell takes part, and a path on Windows can't
// hold the quote that would end it early.
func reveal(_ context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if strings.Contains(path, `"`) {
		return fmt.Errorf("show %q: not a path", path)
	}
	explorer := filepath.Join(os.Getenv("SystemRoot"), "explorer.exe")
	cmd := exec.Command(explorer)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `"` + explorer + `" /select,"` + filepath.Clean(path) + `"`}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("show %s: %w", path, err)
	}
	return cmd.Process.Release() // it ends with code 1 even if all went well
}
