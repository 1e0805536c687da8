//go:build unix && !darwin

package app

import (
	"fmt"
	"os"
	"path/filepath"
)

// stateDir follows the XDG Base Directory Specification.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "portlight"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for a crash file: %w", err)
	}
	return filepath.Join(home, ".local", "state", "portlight"), nil
}
