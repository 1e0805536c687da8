//go:build !cgo

package app

import "context"

// openWindow prints the help: this build has no window.
func openWindow(ctx context.Context, _ windowFlags, _ loaded) int {
	return runCommand(ctx, []string{"--help"})
}
