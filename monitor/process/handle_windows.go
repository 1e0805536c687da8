package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
)

// osHandle is a process handle. While it is open Windows gives the PID to
// nobody else, so it can't come to mean another process.
type osHandle struct {
	id     Identity
	h      windows.Handle
	denied bool // looking is allowed, ending is not
}

func openHandle(id Identity) (osHandle, error) {
	const look = windows.SYNCHRONIZE | windows.PROCESS_QUERY_LIMITED_INFORMATION
	h, err := openProcess(look|windows.PROCESS_TERMINATE, id.PID)
	denied := errors.Is(err, ErrDenied)
	if denied {
		h, err = openProcess(look, id.PID)
	}
	if err != nil {
		return osHandle{}, err
	}
	now, err := identityOf(h, id.PID)
	if err == nil && now != id {
		err = ErrGone
	}
	if err != nil {
		windows.CloseHandle(h)
		return osHandle{}, err
	}
	return osHandle{id, h, denied}, nil
}

// ended reports whether the process has: a handle is signalled from then on.
func (h osHandle) ended() bool {
	event, err := windows.WaitForSingleObject(h.h, 0)
	return err == nil && event == windows.WAIT_OBJECT_0
}

func (h osHandle) stop() error {
	if h.ended() {
		return ErrGone
	}
	way, shown := wayTo(h.id)
	switch way {
	case WayWindow:
		return closeWindows(shown)
	case WayConsole:
		err := h.breakConsole()
		if errors.Is(err, ErrNoPoliteStop) && len(shown) > 0 {
			return closeWindows(shown)
		}
		return err
	}
	return ErrNoPoliteStop
}

func (h osHandle) kill() error {
	if h.ended() {
		return ErrGone
	}
	if h.denied {
		return ErrDenied
	}
	// Not 0: some watchers take that for a wished end (winlogon with the
	// shell, for one).
	const exitCode = 1
	err := windows.TerminateProcess(h.h, exitCode)
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		// Also the answer when the process has ended just now.
		if h.ended() {
			return ErrGone
		}
		return ErrDenied
	}
	return err
}

// wait returns at the process's end at once. A wait for an object can't see a
// context, so it is taken up anew ten times a second.
func (h osHandle) wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		step := 100 * time.Millisecond
		if deadline, ok := ctx.Deadline(); ok {
			step = max(min(step, time.Until(deadline)), time.Millisecond)
		}
		event, err := windows.WaitForSingleObject(h.h, uint32(step.Milliseconds()))
		switch {
		case err != nil:
			return fmt.Errorf("wait for process %d: %w", h.id.PID, err)
		case event == windows.WAIT_OBJECT_0:
			return nil
		}
	}
}

func (h osHandle) close() error { return windows.CloseHandle(h.h) }
