package free

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Request is one process to end, and how.
type Request struct {
	// Target is the process the user saw, Key the endpoint it was seen to
	// hold: if either is no longer so, nothing is signalled.
	Target process.Identity
	Key    monitor.Key
	// Force ends the process instead of asking it to end.
	Force bool
	// Grace is the time it is given; 0 means DefaultGrace.
	Grace time.Duration
}

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

// Kill ends one process that holds an endpoint and nobody else: a plan of one
// choice, never going further than it was told. Errors before the signal wrap
// process.ErrGone, process.ErrDenied, process.ErrProtected or ErrNotHolding
// where it is one of those; if ctx ends after the signal, the signal stays
// sent.
func Kill(ctx context.Context, r Request, progress func(Progress)) (Result, error) {
	return kill(ctx, r, Machine{}, progress)
}

func kill(ctx context.Context, r Request, m Machine, progress func(Progress)) (Result, error) {
	fail := func(err error) (Result, error) {
		return Result{}, fmt.Errorf("process %d: %w", r.Target.PID, err)
	}
	// The handle comes first: whatever is read from here on is about the
	// process that the signal will reach, or that process is gone.
	h, err := process.Open(r.Target)
	if err != nil {
		return fail(err)
	}
	defer h.Close()
	p, err := Make(ctx, Aim{Port: r.Key.Addr.Port(), Proto: r.Key.Proto, Addr: r.Key.Addr.Addr(), Process: r.Target}, m)
	if errors.Is(err, ErrNobody) {
		return fail(ErrNotHolding)
	}
	if err != nil {
		return fail(err)
	}
	defer p.Close()
	o := Order{Force: r.Force, NeverForce: !r.Force, Grace: r.Grace, Choice: -1}
	for i := range p.Choices {
		if p.Choices[i].Kind == KindProcess {
			o.Choice = i
		}
	}
	f, err := p.Run(ctx, o, func(s Step) {
		if progress != nil && (s.Stage == StageAsking || s.Stage == StageForcing) {
			progress(Progress{min(s.Elapsed, s.Grace), s.Grace})
		}
	})
	if err != nil {
		return fail(err)
	}
	res := Result{Elapsed: f.Elapsed, Holders: f.Holders}
	switch f.Ending {
	case EndFreed, EndLingering:
		res.Outcome = Freed
	case EndStillHeld, EndTakenAgain:
		res.Outcome = StillHeld
	case EndRunning:
		res.Outcome = StillRunning
		if errors.Is(f.Err, process.ErrNoPoliteStop) {
			return fail(f.Err)
		}
	case EndTakenBack:
		return res, ctx.Err()
	case EndNotHeld:
		return fail(ErrNotHolding)
	default:
		return fail(f.Err)
	}
	return res, nil
}
