//go:build !windows

package cli

import "io"

// isBrokenPipe: elsewhere EPIPE is all there is.
func isBrokenPipe(error) bool { return false }

// obeysSequences: elsewhere a terminal is told by TERM.
func obeysSequences(io.Writer) bool { return true }
