package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// Freer is what the commands that explain and free ports ask of the engine.
type Freer interface {
	// Examine finds out why a port can't be had.
	Examine(ctx context.Context, q doctor.Question) (*doctor.Diagnosis, error)
	// Plan makes a plan, which Discard lets go of. The error is free.ErrNobody
	// if nobody holds what is aimed at.
	Plan(ctx context.Context, a free.Aim) (*free.Plan, error)
	Discard(p *free.Plan)
	// Run carries a choice out. If ctx ends during the grace time, nothing is
	// forced.
	Run(ctx context.Context, p *free.Plan, o free.Order, each func(free.Step)) (free.Final, error)
	// Elevate does a choice that ends one process with an administrator's
	// rights, for which the system asks its user. The error is ErrNoElevation,
	// ErrDismissed or ErrNotGranted where it didn't come to that.
	Elevate(ctx context.Context, p *free.Plan, o free.Order) (free.Final, error)
	// Hold takes an address, until it is closed.
	Hold(proto sockets.Proto, addr netip.AddrPort) (io.Closer, error)
	// FreePorts finds count ports that can be bound now, near a port or within
	// a range, where one is given.
	FreePorts(near uint16, count int, within bind.Range, proto sockets.Proto) ([]uint16, error)
	// Orphans finds our own servers that have lost what they were started from.
	Orphans(ctx context.Context) ([]monitor.OrphanGroup, error)
	// Disconnect closes a connection of any process.
	Disconnect(s sockets.Socket) error
	// Browse opens an address in the user's browser; the error is ErrNoDesktop
	// where there is none.
	Browse(ctx context.Context, url string) error
}

// ErrNoDesktop says that nothing can be shown here.
var ErrNoDesktop = errors.New("no desktop")

// The exit codes of what frees ports, beside ExitDone, ExitError and
// ExitNothing. ExitNothing is also "not free" (doctor, wait).
const (
	ExitLingering   = 3 // freed, but programs without SO_REUSEADDR wait
	ExitTakenAgain  = 4
	ExitStillHeld   = 5 // the holder ended and the port is held nevertheless
	ExitRunning     = 6 // the holder didn't end
	ExitDenied      = 7
	ExitBlocked     = 8 // protected, or nothing that may be ended
	ExitTakenBack   = 9
	ExitReserved    = 10  // nobody holds it; only an administrator could prove it
	ExitInterrupted = 130 // as shells say it: 128 + SIGINT
)

// exit ends a command with that code, after it said why.
type exit int

func (e exit) Error() string { return "exit " + strconv.Itoa(int(e)) }

// exits turns a code into what a command returns.
func exits(code int) error {
	if code == ExitDone {
		return nil
	}
	return exit(code)
}

// onePort takes the one port that a command is about.
func onePort(args []string) (uint16, error) {
	if len(args) > 1 {
		return 0, errors.New(lang.X("cli.error.only_port", `one port at a time: leave out "{{.Arg}}"`, map[string]any{"Arg": args[1]}))
	}
	return view.ParsePort(append(args, "")[0])
}

// parseProto reads --proto.
func parseProto(s string) (sockets.Proto, error) {
	switch strings.ToLower(s) {
	case "tcp":
		return sockets.TCP, nil
	case "udp":
		return sockets.UDP, nil
	}
	return 0, errors.New(lang.X("cli.error.proto", `--proto can't be "{{.Value}}": use tcp or udp`, map[string]any{"Value": s}))
}

// parseAddress reads --address; "" is any.
func parseAddress(s string) (netip.Addr, error) {
	if s == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return a, errors.New(lang.X("cli.error.address", `--address can't be "{{.Value}}": give an IP address such as 127.0.0.1 or ::1`, map[string]any{"Value": s}))
	}
	return a, nil
}

// parseRange reads A-B, or one port as a range of one.
func parseRange(s string) (bind.Range, error) {
	from, to, both := strings.Cut(s, "-")
	a, err := view.ParsePort(from)
	if err != nil || !both {
		return bind.Range{From: a, To: a}, err
	}
	b, err := view.ParsePort(to)
	if err != nil {
		return bind.Range{}, err
	}
	if b < a {
		return bind.Range{}, &view.ParseError{Code: view.CodeBackwards, Term: s}
	}
	return bind.Range{From: a, To: b}, nil
}

// protos offers the values of --proto.
func protos(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"tcp", "udp"}, cobra.ShellCompDirectiveNoFileComp
}

// elevated is the command line that does the same with more rights.
func (e *Env) elevated(args ...string) string {
	program := e.Program
	if program == "" {
		program = "portlight"
	}
	line := program
	for _, a := range args {
		line += " " + a
	}
	if e.Windows {
		return lang.X("cli.elevate.windows", "in a terminal opened as administrator: {{.Command}}", map[string]any{"Command": line})
	}
	return lang.X("cli.elevate.unix", "run: {{.Command}}", map[string]any{"Command": "sudo " + line})
}

// complain says on stderr what went wrong with a part of the work.
func (e *Env) complain(err error) {
	fmt.Fprintf(e.Stderr, "portlight: %s\n", strings.Join(strings.Fields(escape(err.Error())), " "))
}
