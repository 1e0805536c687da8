// Package autostart makes Portlight start when the user logs in: an XDG
// autostart entry on freedesktop systems, a value of the Run key on Windows, a
// launch agent on macOS. It changes this user's session only and never a
// system service.
package autostart

import "errors"

// ErrUnsupported: this system has no way to start programs at login that
// Portlight knows.
var ErrUnsupported = errors.New("starting at login is not supported on this system")

// Entry is what is started.
type Entry struct {
	// Program is the absolute path of the executable, Args what follows it.
	Program string
	Args    []string
}

// Supported reports whether start at login can be arranged here.
func Supported() bool { _, err := location(); return err == nil }

// Enabled reports whether Portlight starts at login, whatever the program's
// path in the entry: the system's own settings may have turned it off.
func Enabled() (bool, error) { return enabled() }

// Set arranges that the entry starts at login, replacing an earlier one.
func Set(e Entry) error { return set(e) }

// Remove undoes Set; it is no error if there is nothing to undo.
func Remove() error { return remove() }
