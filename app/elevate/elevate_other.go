//go:build !linux && !windows

package elevate

import (
	"context"
	"fmt"
)

// CanStop tells whether an elevated program sees that Run's context ended.
const CanStop = false

// run asks nobody: macOS' way for programs without an installed helper shows
// a script's name instead of ours.
func run(context.Context, Request, bool) (Result, error) {
	return Result{}, fmt.Errorf("%w on this system", ErrUnavailable)
}
