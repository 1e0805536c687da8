package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/term"

	"github.com/portlight-app/portlight/app/cli"
	"github.com/portlight-app/portlight/app/control"
	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor/process"
)

// version is the program's, as the command line prints it.
func version() string { return cli.Version }

// runCommand hands a command to the terminal's face.
func runCommand(ctx context.Context, args []string) int {
	if slices.Equal(args, []string{"debug", "state"}) {
		return debugState(ctx)
	}
	if args[0] == elevate.Verb {
		return elevatedKill(ctx, args[1:], os.Stdin, os.Stdout, os.Stderr)
	}
	if args[0] == process.ConsoleBreakVerb {
		return process.ConsoleBreak(args[1:])
	}
	return cli.Run(ctx, args, cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Width:          terminalWidth,
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		Root:           os.Geteuid() == 0,
		Program:        programName(),
		Windows:        runtime.GOOS == "windows",
		Window:         hasWindow,
		Now:            time.Now,
		Engine:         engine{},
	})
}

func terminalWidth() int {
	out := int(os.Stdout.Fd())
	if !term.IsTerminal(out) {
		return 0
	}
	width, _, err := term.GetSize(out)
	return columns(width, err)
}

// columns is a terminal's width. A serial line, or one made without a size,
// doesn't know its own (TIOCGWINSZ says 0): 80 is what all have.
func columns(width int, err error) int {
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// debugState prints what the running window shows, as JSON. It is meant for
// tests and bug reports, and in no help text.
func debugState(ctx context.Context) int {
	c, err := control.Find()
	if err != nil {
		return complain(os.Stderr, err)
	}
	state, err := c.Do(ctx, control.State)
	if err != nil {
		complain(os.Stderr, err)
		if errors.Is(err, control.ErrNotRunning) {
			return cli.ExitNothing
		}
		return exitError
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, state, "", "  "); err != nil {
		return complain(os.Stderr, err)
	}
	if _, err := fmt.Println(indented.String()); err != nil {
		return exitError
	}
	return exitDone
}
