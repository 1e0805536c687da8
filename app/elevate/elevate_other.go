//go:build !linux && !windows

package elevate

import (
	"context"
	"fmt"
)

// run asks nobody: macOS' way for programs without an installed helper shows
// a script's name instead of ours.
func run(context.Context, Request, bool) (Result, error) {
	return Result{}, fmt.Errorf("%w on this system", ErrUnavailable)
}
