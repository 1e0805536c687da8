// Package cli is Portlight's command line: what shows ports (list, who, watch)
// and what frees them (doctor, kill, free, wait, open, orphans, disconnect). It
// parses, asks the engine, prints, and says by its exit code how it went.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	_ "github.com/portlight-app/portlight/app/quiet" // before Fyne's lang
	"github.com/portlight-app/portlight/monitor"
)

// The exit codes.
const (
	ExitDone    = 0
	ExitError   = 1 // a wrong flag, port or filter, or the system refused
	ExitNothing = 2 // nothing found: no row, nobody holds the port
)

// Engine is what the commands ask of package monitor.
type Engine interface {
	// Once reads the machine's ports a single time.
	Once(ctx context.Context, connections bool) (*monitor.Snapshot, error)
	// Who tells the stories of a port, from a snapshot with connections.
	Who(s *monitor.Snapshot, port uint16) []monitor.Story
	// Watch polls and hands every update to each, until that fails or ctx
	// ends, and returns each's error or the engine's.
	Watch(ctx context.Context, interval time.Duration, each func(monitor.Update) error) error
	Freer
}

// Env is the world around a command.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Width is the width of the terminal that Stdout is, in columns; 0 if it
	// is none.
	Width func() int
	// StderrTerminal tells whether remarks beside the result reach a person.
	StderrTerminal bool
	// StdinTerminal tells whether a question can be answered.
	StdinTerminal bool
	// Root tells whether the user may read every process there is.
	Root bool
	// Program is how a shell, also root's, finds this program; "" means
	// portlight. Windows tells that this is Windows.
	Program string
	Windows bool
	// Window tells whether this build opens a window without a command.
	Window bool
	Now    func() time.Time
	Engine Engine
}

// Run runs one command – args don't hold the program's name – and returns its
// exit code.
func Run(ctx context.Context, args []string, env Env) int {
	args, err := separateTerms(args)
	if err == nil {
		root := newRoot(&env)
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil, readerGone(err):
		return ExitDone
	case errors.Is(err, errNothing):
		return ExitNothing
	}
	if code := exit(0); errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintf(env.Stderr, "portlight: %s\n", strings.Join(strings.Fields(escape(err.Error())), " "))
	return ExitError
}

// errNothing ends a command that found nothing, after it said so.
var errNothing = errors.New("nothing found")

// readerGone reports whether the output's reader left, as head(1) does: it has
// what it wanted.
func readerGone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || isBrokenPipe(err)
}

func newRoot(env *Env) *cobra.Command {
	cobra.MousetrapHelpText = "" // started from Windows' Explorer, the window opens
	root := &cobra.Command{
		Use:           "portlight",
		Short:         lang.X("cli.short", "See every port and who holds it"),
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(env.Stdout) // before completion is added, which keeps it
	root.SetErr(env.Stderr)
	root.DisableFlagsInUseLine = true
	if env.Window { // whose flags package app reads; here they are explained
		root.Long = lang.X("cli.long", "See every port and who holds it. Without a command, the window opens.")
		root.Flags().Bool("minimised", false, lang.X("cli.flag.minimised", "open the window in the tray only"))
		root.Flags().String("config", "", lang.X("cli.flag.config", "read the settings from `FILE`"))
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(help)
	root.SetHelpCommand(&cobra.Command{Use: "help [COMMAND]", Short: lang.X("cli.help.short", "Explain a command"),
		RunE: func(cmd *cobra.Command, args []string) error {
			target, _, err := cmd.Root().Find(args)
			if err != nil || target == cmd.Root() && len(args) > 0 {
				return unknownCommand(cmd.Root(), args[0])
			}
			return target.Help()
		}})
	root.AddCommand(newList(env), newWho(env), newWatch(env), newDoctor(env), newKill(env), newFree(env), newWait(env),
		newOpen(env), newOrphans(env), newDisconnect(env), newVersion(env))
	root.InitDefaultHelpCmd()
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Short = lang.X("cli.completion.short", "Print the completion script for a shell")
		}
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = lang.X("cli.flag.help", "explain this command")
	}
	root.Flags().Lookup("help").Usage = lang.X("cli.flag.help", "explain this command")
	root.Flags().Lookup("version").Usage = lang.X("cli.flag.version", "print the version")
	return root
}

func newVersion(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             lang.X("cli.version.short", "Print the version"),
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.Stdout, "portlight", version())
			return err
		},
	}
}
