// Package free makes a port free again: it ends the process that holds it,
// and says so only after a new reading has shown it.
package free

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Request is what to end, and how.
type Request struct {
	// Target is the process the user saw, Key the endpoint it was seen to
	// hold: if either is no longer so, nothing is signalled.
	Target process.Identity
	Key    monitor.Key
	// Force ends the process instead of asking it to end.
	Force bool
	// Grace is the time it is given; 0 means DefaultGrace, or ForceGrace
	// with Force.
	Grace time.Duration
}

// The times a process is given. One that is killed ends at once, unless it
// waits inside the kernel.
const (
	DefaultGrace = 5 * time.Second
	ForceGrace   = 2 * time.Second
)

// Progress is told while a process is being waited for.
type Progress struct{ Elapsed, Grace time.Duration }

// Outcome is how a kill ended.
type Outcome uint8

// The outcomes.
const (
	// StillRunning: the grace is over and the process lives.
	StillRunning Outcome = iota + 1
	// Freed: the process ended, and a reading after that shows nobody at the
	// endpoint.
	Freed
	// StillHeld: the process ended, but the endpoint is held, by Holders as
	// far as they may be read: a child that inherited it, another of its
	// group, or a supervisor's new one.
	StillHeld
)

// Result is what a new reading showed.
type Result struct {
	Outcome Outcome
	Holders []monitor.Holder // of StillHeld
	Elapsed time.Duration    // since the signal
}

// ErrNotHolding: the process no longer holds the endpoint, nothing was
// signalled.
var ErrNotHolding = errors.New("process no longer holds the port")

// ProtectedError says why a process is never signalled. It wraps
// process.ErrProtected.
type ProtectedError struct{ Reason process.Protection }

func (e *ProtectedError) Error() string {
	return fmt.Sprintf("%v (%s)", process.ErrProtected, e.Reason)
}

// Unwrap returns process.ErrProtected.
func (e *ProtectedError) Unwrap() error { return process.ErrProtected }

// Kill ends the process that holds the endpoint. It calls progress, which may
// be nil, a few times a second while it waits. Errors before the signal wrap
// process.ErrGone, process.ErrDenied, process.ErrProtected or ErrNotHolding
// where it is one of those; if ctx ends after the signal, the signal stays
// sent.
func Kill(ctx context.Context, r Request, progress func(Progress)) (Result, error) {
	look := func(ctx context.Context) (*monitor.Snapshot, error) {
		return monitor.Once(ctx, monitor.Options{}, false)
	}
	return kill(ctx, r, look, progress)
}

// look reads the machine anew.
type look func(context.Context) (*monitor.Snapshot, error)

func kill(ctx context.Context, r Request, look look, progress func(Progress)) (Result, error) {
	if r.Grace <= 0 {
		r.Grace = DefaultGrace
		if r.Force {
			r.Grace = ForceGrace
		}
	}
	// The handle comes first: whatever is read from here on is about the
	// process that the signal will reach, or that process is gone.
	h, err := process.Open(r.Target)
	if err != nil {
		return Result{}, fmt.Errorf("process %d: %w", r.Target.PID, err)
	}
	defer h.Close()
	if err := check(ctx, r, look); err != nil {
		return Result{}, fmt.Errorf("process %d: %w", r.Target.PID, err)
	}
	send := h.Stop
	if r.Force {
		send = h.Kill
	}
	began := time.Now()
	if err := send(); err != nil {
		return Result{}, fmt.Errorf("signal process %d: %w", r.Target.PID, err)
	}
	ended, err := await(ctx, h, r.Grace, began, progress)
	if err != nil {
		return Result{Elapsed: time.Since(began)}, err
	}
	if !ended {
		return Result{Outcome: StillRunning, Elapsed: time.Since(began)}, nil
	}
	res, err := prove(ctx, r, look)
	res.Elapsed = time.Since(began)
	return res, err
}

// check looks once more at what the user saw.
func check(ctx context.Context, r Request, look look) error {
	s, err := look(ctx)
	if err != nil {
		return fmt.Errorf("read the ports: %w", err)
	}
	e, ok := s.Endpoint(r.Key)
	if !ok {
		return ErrNotHolding
	}
	for _, h := range e.Holders {
		if h.Identity != r.Target {
			continue
		}
		if why := process.Protected(h.Process); why != "" {
			return &ProtectedError{why}
		}
		return nil
	}
	return ErrNotHolding
}

// await reports whether the process ended within the grace.
func await(ctx context.Context, h *process.Handle, grace time.Duration, began time.Time, progress func(Progress)) (bool, error) {
	const step = 200 * time.Millisecond
	for {
		elapsed := time.Since(began)
		if progress != nil {
			progress(Progress{Elapsed: min(elapsed, grace), Grace: grace})
		}
		if elapsed >= grace {
			return false, nil
		}
		stepCtx, cancel := context.WithTimeout(ctx, min(step, grace-elapsed))
		err := h.Wait(stepCtx)
		cancel()
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case !errors.Is(err, context.DeadlineExceeded):
			return false, fmt.Errorf("wait for its end: %w", err)
		}
	}
}

// prove reads anew until the process is no holder any longer: the kernel
// closes its sockets while it ends, not before.
func prove(ctx context.Context, r Request, look look) (Result, error) {
	const attempts = 10
	for i := range attempts {
		s, err := look(ctx)
		if err != nil {
			return Result{}, fmt.Errorf("read the ports after the end of process %d: %w", r.Target.PID, err)
		}
		e, ok := s.Endpoint(r.Key)
		switch {
		case !ok:
			return Result{Outcome: Freed}, nil
		case !e.HeldBy(r.Target):
			return Result{Outcome: StillHeld, Holders: e.Holders}, nil
		}
		select {
		case <-ctx.Done():
			return Result{}, ctx.Err()
		case <-time.After(time.Duration(i+1) * 10 * time.Millisecond):
		}
	}
	return Result{}, fmt.Errorf("process %d has ended and is still listed as the holder", r.Target.PID)
}
