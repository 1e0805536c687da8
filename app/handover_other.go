//go:build cgo && !windows

package app

// windowProgram is the program to start for the window.
func windowProgram(self string) string { return self }

// handOver has nobody to hand over to: one program has both faces.
func handOver(windowFlags) bool { return false }
