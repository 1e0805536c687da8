//go:build unix && !darwin

package autostart

import (
	"os"
	"path/filepath"
)

// location follows the Desktop Application Autostart Specification:
// autostart in XDG_CONFIG_HOME.
func location() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "autostart", "app.portlight.Portlight.desktop"), err
}

func content(e Entry) []byte      { return desktopFile(e) }
func inForce(content []byte) bool { return desktopEnabled(content) }
