// Package app is the composition root: it builds the engine and picks a face,
// the window or the command line. It is the only package that knows them all.
package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Name and ID are the program's, as FyneApp.toml has them; the version is
// the command line's (cli.Version), set when the program is linked.
const (
	Name = "Portlight"
	ID   = "app.portlight.Portlight"
)

// Exit codes.
const (
	exitDone  = 0
	exitError = 1
)

// Run runs Portlight with the arguments after the program's name and returns
// the exit code. Without a command it opens the window.
func Run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl+C ends the program at once.
	defer context.AfterFunc(ctx, stop)()

	f, rest, err := parseFlags(args)
	if err != nil {
		return complain(os.Stderr, err)
	}
	settings := loadSettings(f.config)
	if err := loadTranslations(settings.now.Language); err != nil {
		complain(os.Stderr, err) // the English of the code is there still
	}
	if len(rest) > 0 {
		return runCommand(ctx, rest)
	}
	return openWindow(ctx, f, settings)
}

// complain says what went wrong in one line.
func complain(w io.Writer, err error) int {
	fmt.Fprintln(w, "portlight:", err)
	return exitError
}
