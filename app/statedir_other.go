//go:build !unix || darwin

package app

import (
	"fmt"
	"os"
	"path/filepath"
)

// stateDir is in the user's cache, which is local on Windows (%LocalAppData%)
// and cleaned by the user on macOS.
func stateDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for a crash file: %w", err)
	}
	return filepath.Join(dir, "portlight"), nil
}
