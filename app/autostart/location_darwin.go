package autostart

import (
	"os"
	"path/filepath"
)

// location is where launchd looks for this user's agents at login.
func location() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", agentLabel+".plist"), err
}

func content(e Entry) []byte { return agentFile(e) }
func inForce([]byte) bool    { return true }
