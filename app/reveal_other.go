//go:build cgo && !linux && !windows

package app

import (
	"context"
	"fmt"
	"os/exec"
)

// reveal shows the file in the Finder (open(1)).
func reveal(ctx context.Context, path string) error {
	if err := exec.CommandContext(ctx, "open", "-R", path).Run(); err != nil {
		return fmt.Errorf("show %s: %w", path, err)
	}
	return nil
}
