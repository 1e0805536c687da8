package free

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// The times of a run.
const (
	// DefaultGrace is between the polite request and force.
	DefaultGrace = 5 * time.Second
	// ForceGrace is given to a process that was ended by force: it ends at
	// once, unless it waits inside the kernel.
	ForceGrace = 2 * time.Second
	// SettleTime is how long a port must stay free before it is called so:
	// who starts a program again takes a moment.
	SettleTime = 400 * time.Millisecond

	// headStart is what the top of a tree has before those below it are asked
	// too: it may want to end them itself, and must not start them again.
	headStart = 250 * time.Millisecond
	// tick is the time between two Steps.
	tick = 200 * time.Millisecond
)

// Run carries out a choice and proves what came of it. step, which may be nil,
// is called on this goroutine, a few times a second.
//
// Nothing is signalled unless a new look, right before, shows a victim still
// holding a target. Once a request is sent it can't be unsent: if ctx ends in
// the grace time, nobody is forced, and EndTakenBack says who still runs. A
// plan may be run again, to force after all.
//
// Errors are of what came before the first signal: a *BlockedError, a look
// that failed, the context's.
func (p *Plan) Run(ctx context.Context, o Order, step func(Step)) (Final, error) {
	if o.Choice < 0 || o.Choice >= len(p.Choices) || p.held == nil {
		return Final{}, fmt.Errorf("choice %d of %d: %w", o.Choice, len(p.Choices), errNoChoice)
	}
	c := &p.Choices[o.Choice]
	switch c.Blocked {
	case "":
	case BlockedRights:
		return Final{Ending: EndDenied, Err: process.ErrDenied}, nil
	default:
		return Final{}, &BlockedError{c.Blocked, c.Protection}
	}
	if o.Grace <= 0 {
		o.Grace = DefaultGrace
	}
	if step == nil {
		step = func(Step) {}
	}
	r := &run{plan: p, choice: c, order: o, tell: step, began: time.Now()}
	defer r.close()
	return r.run(ctx)
}

var errNoChoice = errors.New("no such choice")

// run is one run of a plan.
type run struct {
	plan   *Plan
	choice *Choice
	order  Order
	tell   func(Step)

	began  time.Time // the first signal; before it, the start
	sent   bool
	forced bool
	before []monitor.Endpoint // the targets right before the first signal
	all    []*subject         // whom it is about, the top of a tree first
	own    []*process.Handle  // opened since the plan was made
}

// subject is one process that is to end.
type subject struct {
	process.Identity
	h     *process.Handle
	top   bool // nobody above it is a subject
	asked bool
	err   error // why it couldn't be asked or forced
}

func (r *run) close() {
	for _, h := range r.own {
		h.Close()
	}
}

func (r *run) run(ctx context.Context) (Final, error) {
	r.say(StageChecking)
	s, err := r.plan.machine.Look(ctx, false)
	if err != nil {
		return Final{}, fmt.Errorf("read the ports: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return Final{}, err
	}
	if !r.stillHeld(s) {
		return Final{Ending: EndNotHeld}, nil
	}
	var ending Ending
	switch r.choice.Kind {
	case KindUnit, KindContainer:
		r.began, r.sent = time.Now(), true
		ending, err = r.manage(ctx)
	default:
		r.collect(s)
		ending, err = r.climb(ctx)
	}
	switch {
	case ending == "" && err != nil:
		return Final{}, err // nothing was done
	case ending != "":
		return r.final(Final{Ending: ending, Err: err}), nil
	}
	// What was begun is told to its end, even to somebody who looks away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), proofTimeout)
	defer cancel()
	return r.final(r.prove(ctx)), nil
}

// stillHeld keeps the targets as they are now and reports whether they are
// what the plan was made about: held by one of the same processes, or where
// the holder can't be seen, the same sockets.
func (r *run) stillHeld(s *monitor.Snapshot) bool {
	held := false
	for i := range r.plan.Targets {
		was := &r.plan.Targets[i]
		now, ok := s.Endpoint(was.Key)
		if !ok {
			continue
		}
		r.before = append(r.before, *now)
		switch r.choice.Kind {
		case KindUnit, KindContainer:
			held = held || sameSockets(was, now) || slices.ContainsFunc(was.Holders, func(h monitor.Holder) bool { return now.HeldBy(h.Identity) })
		default:
			held = held || slices.ContainsFunc(r.choice.Victims, func(v Victim) bool {
				return v.Holds && (now.HeldBy(v.Identity) || now.Owner == monitor.OwnerExited)
			})
		}
	}
	return held
}

// sameSockets reports whether one of the kernel's sockets is still there.
func sameSockets(was, now *monitor.Endpoint) bool {
	for i := range was.Sockets {
		for j := range now.Sockets {
			if a, b := &was.Sockets[i], &now.Sockets[j]; a.Handle == b.Handle && a.PID == b.PID && a.Created == b.Created && (a.Handle != 0 || a.Created != 0) {
				return true
			}
		}
	}
	return false
}

// say tells where the run is.
func (r *run) say(stage Stage) {
	st := Step{Stage: stage, Elapsed: time.Since(r.began), Alive: r.alive()}
	switch stage {
	case StageChecking:
		st.Elapsed = 0
	case StageAsking:
		st.Grace = r.order.Grace
	case StageForcing:
		st.Grace = ForceGrace
	}
	r.tell(st)
}

// alive are the subjects that have not ended; before they are collected, the
// victims.
func (r *run) alive() []process.Identity {
	var ids []process.Identity
	if r.all == nil {
		for _, v := range r.choice.Victims {
			if h := r.plan.held[v.Identity]; h != nil && !h.Ended() {
				ids = append(ids, v.Identity)
			}
		}
		return ids
	}
	for _, s := range r.all {
		if !s.h.Ended() {
			ids = append(ids, s.Identity)
		}
	}
	return ids
}

// final adds what every ending tells.
func (r *run) final(f Final) Final {
	if f.Elapsed == 0 {
		f.Elapsed = time.Since(r.began)
	}
	f.Forced, f.Alive = r.forced, r.alive()
	f.Managed = f.Ending == EndTakenBack && r.choice.Kind == KindUnit
	if f.Ending == EndDenied {
		r.choice.Elevate = !process.Privileged() // known only now
	}
	return f
}
