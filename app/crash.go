package app

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

// keepCrashes makes the runtime write a crash to a file as well: a window's
// standard error is seen by nobody. The crash before is kept beside it.
func keepCrashes() error {
	dir, err := stateDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("crash file: %w", err)
	}
	path := filepath.Join(dir, "crash.log")
	if fi, err := os.Stat(path); err == nil && fi.Size() > 0 {
		if err := os.Rename(path, filepath.Join(dir, "crash-before.log")); err != nil {
			return fmt.Errorf("crash file: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("crash file: %w", err)
	}
	defer f.Close() // SetCrashOutput keeps a duplicate
	return debug.SetCrashOutput(f, debug.CrashOptions{})
}
