//go:build !windows

package app

import (
	"context"
	"os"
	"os/exec"
	"runtime"

	"github.com/portlight-app/portlight/app/cli"
)

// browse hands an address to the desktop.
func browse(ctx context.Context, url string) error {
	program := "xdg-open"
	if runtime.GOOS == "darwin" {
		program = "open"
	} else if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return cli.ErrNoDesktop // xdg-open would take a browser of the terminal, and the terminal with it
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return cli.ErrNoDesktop
	}
	return exec.CommandContext(ctx, path, url).Run()
}
