//go:build cgo && !linux

package app

// displayProblem returns nil: every session has a display, or Fyne says so.
func displayProblem() error { return nil }
