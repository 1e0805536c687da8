//go:build !cgo

package app

import "context"

// hasWindow: without cgo there is only the command line.
const hasWindow = false

// openWindow prints the help: this build has no window.
func openWindow(ctx context.Context, _ windowFlags, _ loaded) int {
	return runCommand(ctx, []string{"--help"})
}
