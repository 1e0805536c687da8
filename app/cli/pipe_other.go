//go:build !windows

package cli

// isBrokenPipe: elsewhere EPIPE is all there is.
func isBrokenPipe(error) bool { return false }
