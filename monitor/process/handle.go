package process

import (
	"context"
	"errors"
	"fmt"
)

// Handle holds on to one process so that a signal can't reach another that
// was given its PID: a pidfd on Linux, a process handle on Windows, elsewhere
// the identity, compared once more right before each signal. It is not safe
// for concurrent use.
type Handle struct {
	id Identity
	os osHandle
}

// Errors a Handle's methods return; test with errors.Is.
var (
	// ErrGone: the process has ended, or its PID belongs to another now.
	ErrGone = errors.New("process has ended")
	// ErrDenied: the system doesn't let this user do that.
	ErrDenied = errors.New("permission denied")
	// ErrProtected: Portlight never signals this process (Protected says why).
	ErrProtected = errors.New("process is protected")
	// ErrNoPoliteStop: the process has neither a window that could be asked to
	// close nor a console of its own, so there is no polite way on Windows.
	// Only Kill ends it.
	ErrNoPoliteStop = errors.New("process has no window to close and no console to ask it through")
)

// Open takes hold of the identity, failing with ErrGone if it has ended. An
// identity whose start could not be read can't be told from its successor and
// is refused with ErrDenied.
func Open(id Identity) (*Handle, error) {
	if id.PID <= 0 {
		return nil, fmt.Errorf("process %d: %w", id.PID, ErrProtected)
	}
	if id.Start == 0 {
		return nil, fmt.Errorf("process %d: its start can't be read: %w", id.PID, ErrDenied)
	}
	os, err := openHandle(id)
	if err != nil {
		return nil, err
	}
	return &Handle{id: id, os: os}, nil
}

// Stop asks the process to end: SIGTERM; on Windows WM_CLOSE to its windows, or
// CTRL_BREAK through its console, or ErrNoPoliteStop (PoliteWay tells which
// beforehand). A process that is protected whatever it is
// called (see Protected) is refused with ErrProtected.
func (h *Handle) Stop() error { return h.signal(h.os.stop) }

// Kill ends the process: SIGKILL; TerminateProcess with exit code 1 on
// Windows. It refuses what Stop refuses.
func (h *Handle) Kill() error { return h.signal(h.os.kill) }

func (h *Handle) signal(send func() error) error {
	// The caller has asked Protected, which knows names as well. This is the
	// last line: whatever the caller does, Portlight doesn't cut its own branch.
	if why := newGuard().byIdentity(h.id); why != "" {
		return fmt.Errorf("process %d (%s): %w", h.id.PID, why, ErrProtected)
	}
	return send()
}

// Wait returns nil once the process has ended, or ctx's error.
func (h *Handle) Wait(ctx context.Context) error { return h.os.wait(ctx) }

// Close lets go.
func (h *Handle) Close() error { return h.os.close() }
