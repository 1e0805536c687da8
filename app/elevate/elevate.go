// Package elevate does one thing with the rights of an administrator: it frees
// one endpoint from one process, by starting this program anew with a fixed
// verb and the target's identity. The system asks its user first (polkit, UAC).
//
// The started program trusts nothing but its arguments' form: it makes every
// check again. No window ever runs elevated.
package elevate

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Verb is the hidden command that the elevated program is started with.
const Verb = "elevated-kill"

// Request names the target as the user saw it. It crosses a border of rights
// as command line arguments and so holds nothing but numbers.
type Request struct {
	// PID, Start and Boot are the process's identity. PID is 0 where an ordinary
	// user can't see who holds the socket.
	PID   int32
	Start uint64
	Boot  [16]byte
	// Socket is the kernel's number of the socket, needed with PID 0: whoever
	// holds that one is meant.
	Socket uint64

	Proto string // "tcp" or "udp"
	Addr  netip.AddrPort

	// Force leaves the polite request out.
	Force bool
	// Grace is the time between the polite request and force.
	Grace time.Duration
}

// MaxGrace bounds how long an elevated program stays.
const MaxGrace = time.Minute

// Result is what the elevated program found out. The words are those of the
// engine's Ending and Blocked.
type Result struct {
	// Ending is how the run ended, "" if it never began.
	Ending string `json:"ending"`
	// Blocked says why it was refused, Protection more of it.
	Blocked    string        `json:"blocked,omitempty"`
	Protection string        `json:"protection,omitempty"`
	Elapsed    time.Duration `json:"elapsed_ns"`
	// Wait is how long programs without SO_REUSEADDR have to wait still.
	Wait    time.Duration `json:"wait_ns,omitempty"`
	Forced  bool          `json:"forced,omitempty"`
	Holders []Process     `json:"holders,omitempty"`
	By      *Process      `json:"by,omitempty"`
	Alive   []int32       `json:"alive,omitempty"`
	Error   string        `json:"error,omitempty"`
}

// Process is a process in a Result.
type Process struct {
	PID   int32  `json:"pid"`
	Start uint64 `json:"start"`
	Name  string `json:"name"`
}

// Errors of Run; test with errors.Is.
var (
	// ErrUnavailable: this system has no way to ask for more rights, or
	// Portlight doesn't use it. Sudo says what the user may run instead.
	ErrUnavailable = errors.New("more rights can't be asked for here")
	// ErrDismissed: the user closed the question.
	ErrDismissed = errors.New("the user said no")
	// ErrDenied: the user may not have the rights, or nobody was there to ask.
	ErrDenied = errors.New("more rights were not granted")
	// ErrUnsafe: others can change our program's file, so it isn't started
	// with more rights than they have.
	ErrUnsafe = errors.New("our program's file can be changed by others")
	// ErrOnItsOwn: the context ended, but the elevated program can't be told
	// (CanStop) and does what it was asked to do.
	ErrOnItsOwn = errors.New("the elevated program goes on and may still force it")
)

// Run asks for the rights and carries the request out. If ctx ends, the
// elevated program is told to go no further: what was asked to end is not
// forced then, and the result's Ending is "taken_back". Before it was started
// ctx's error is returned. Without CanStop the error is ErrOnItsOwn.
func Run(ctx context.Context, r Request) (Result, error) { return ask(ctx, r, false) }

// RunInTerminal is Run for a program whose user sits at its terminal: where the
// desktop has nobody who asks (over SSH there is none), the question comes
// there.
func RunInTerminal(ctx context.Context, r Request) (Result, error) { return ask(ctx, r, true) }

func ask(ctx context.Context, r Request, terminal bool) (Result, error) {
	if err := r.check(); err != nil {
		return Result{}, err
	}
	return run(ctx, r, terminal)
}

func (r Request) check() error {
	switch {
	case r.PID < 0 || r.PID == 1:
		return fmt.Errorf("process %d is never ended", r.PID)
	case r.PID != 0 && r.Start == 0:
		return errors.New("a process without its start value could be another")
	case r.PID == 0 && r.Socket == 0:
		return errors.New("neither a process nor a socket is named")
	case r.Proto != "tcp" && r.Proto != "udp":
		return fmt.Errorf("protocol %q is neither tcp nor udp", r.Proto)
	case !r.Addr.IsValid() || r.Addr.Port() == 0:
		return fmt.Errorf("address %q has no port", r.Addr)
	case r.Grace <= 0 || r.Grace > MaxGrace:
		return fmt.Errorf("a grace time of %v is not between 0 and %v", r.Grace, MaxGrace)
	}
	return nil
}
