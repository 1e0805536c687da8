//go:build cgo

package app

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/freeing"
)

// attempts frees ports for the window: it keeps the plans that are shown
// there, each with the processes it was made about, and carries them out. Its
// exported methods are the window's wishes and return at once.
type attempts struct {
	ctx    context.Context // ends with the program
	start  func(func())    // starts a goroutine
	plan   func(context.Context, free.Aim) (*free.Plan, error)
	ask    func(context.Context, elevate.Request) (elevate.Result, error)
	report func(freeing.Attempt)
	held   func([]freeing.Held) // what is held for the user now
	after  func()               // a run is over: the table is to show it

	mu      sync.Mutex
	open    map[freeing.ID]*attempt
	holding []holding
}

// attempt is one of them. Its plan is used by one goroutine at a time: while
// busy, by that.
type attempt struct {
	freeing.Attempt // as told last
	plan            *free.Plan
	busy            bool
	unwanted        bool // to be discarded when it is no longer busy
	cancel          context.CancelFunc
	force           bool // the grace time was ended by force
	sent            bool // a run that was taken back has asked somebody to end
	cantAsk         bool // the system has no way to ask for more rights
}

// holding is a port that is held for the user.
type holding struct {
	freeing.Held
	port io.Closer
}

// Free begins an attempt.
func (t *attempts) Free(id freeing.ID, aim free.Aim, seen []process.Identity, ask bool) {
	a := &attempt{Attempt: freeing.Attempt{ID: id, Aim: aim, Phase: freeing.Planning}, busy: true}
	t.mu.Lock()
	if t.open == nil {
		t.open = make(map[freeing.ID]*attempt)
	}
	t.open[id] = a
	t.mu.Unlock()
	t.start(func() { t.begin(a, seen, ask) })
}

func (t *attempts) begin(a *attempt, seen []process.Identity, ask bool) {
	plan, err := t.plan(t.ctx, a.Aim)
	if err != nil {
		t.end(a, func() { a.Phase, a.Err = freeing.Done, err })
		return
	}
	a.plan = plan
	shown := &free.Plan{Aim: plan.Aim, Made: plan.Made, Targets: plan.Targets, Choices: slices.Clone(plan.Choices)}
	t.mu.Lock()
	a.Plan, a.Elevatable = shown, elevatable(a)
	at := a.unwanted
	t.mu.Unlock()
	if !ask && !at && plan.Choices[0].Safe() && endsOnly(&plan.Choices[0], seen) {
		t.carryOut(a, free.Order{})
		return
	}
	t.end(a, func() { a.Phase = freeing.Waiting })
}

// endsOnly reports whether all holders that the choice ends have been seen: who
// took the port since is not ended unasked.
func endsOnly(c *free.Choice, seen []process.Identity) bool {
	return !slices.ContainsFunc(c.Victims, func(v free.Victim) bool { return v.Holds && !slices.Contains(seen, v.Identity) })
}

// Run carries out a choice of a plan that waits.
func (t *attempts) Run(id freeing.ID, o free.Order) {
	if a := t.take(id); a != nil {
		t.start(func() { t.carryOut(a, o) })
	}
}

// take makes an attempt busy, nil if it is or isn't there.
func (t *attempts) take(id freeing.ID) *attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.open[id]
	if a == nil || a.busy || a.plan == nil {
		return nil
	}
	a.busy, a.force = true, false
	return a
}

// carryOut runs a plan's choice, once more if the user wants it forced before
// the grace time is over.
func (t *attempts) carryOut(a *attempt, o free.Order) {
	if o.Grace == 0 {
		o.Grace = freeing.GraceTime
	}
	var before, final free.Final
	var err error
	began := time.Now()
	for first := true; ; first = false {
		ctx, cancel := context.WithCancel(t.ctx)
		t.mu.Lock()
		a.cancel, a.Phase, a.Choice, a.Final, a.Err, a.Again = cancel, freeing.Running, o.Choice, nil, nil, false
		a.Step = free.Step{Stage: free.StageChecking}
		t.mu.Unlock()
		final, err = a.plan.Run(ctx, o, func(s free.Step) { t.tell(a, func() { a.Step = s }) })
		cancel()
		t.mu.Lock()
		stopped := final.Ending == free.EndTakenBack || final.Ending == "" && errors.Is(err, context.Canceled)
		again := a.force && stopped && t.ctx.Err() == nil
		a.cancel, a.force = nil, false
		t.mu.Unlock()
		switch {
		case final.Ending == free.EndNotHeld && a.sent:
			// Who was asked to end in an earlier run has done so in between.
			final, err = a.plan.Prove(context.WithoutCancel(t.ctx), o, began, func(s free.Step) { t.tell(a, func() { a.Step = s }) })
		case final.Ending == "" && stopped && before.Ending != "":
			final, err = before, nil
		case final.Ending == free.EndTakenBack, final.Ending == free.EndRunning:
			a.sent, before = true, final
		}
		if !first {
			final.Elapsed = time.Since(began)
		}
		if !again {
			break
		}
		o.Force = true
	}
	t.finish(a, final, err)
}

// finish tells how a run ended.
func (t *attempts) finish(a *attempt, final free.Final, err error) {
	if final.Held != nil {
		t.hold(a, final.Held)
		final.Held = nil
	}
	if err != nil && final.Ending == "" {
		switch {
		case errors.Is(err, process.ErrDenied):
			final = free.Final{Ending: free.EndDenied}
		case errors.Is(err, process.ErrGone):
			final = free.Final{Ending: free.EndNotHeld}
		case errors.Is(err, elevate.ErrOnItsOwn):
		case errors.Is(err, context.Canceled) && a.sent:
			final = free.Final{Ending: free.EndTakenBack}
		case errors.Is(err, context.Canceled):
			err = freeing.ErrGivenUp
		}
	}
	t.end(a, func() {
		a.Phase, a.Choice = freeing.Done, min(a.Choice, len(a.plan.Choices)-1)
		if final.Ending == "" {
			a.Err = err
			return
		}
		a.Final = &final
		a.Again = len(final.Alive) > 0 && !final.Forced && (final.Ending == free.EndRunning || final.Ending == free.EndTakenBack)
		if final.Ending == free.EndDenied {
			a.Elevate, a.Command = t.elevation(a)
		}
	})
	t.after()
}

// DontForce ends the grace time, or the attempt if nobody was asked to end yet.
func (t *attempts) DontForce(id freeing.ID) { t.stop(id, false) }

// ForceNow ends the grace time by force.
func (t *attempts) ForceNow(id freeing.ID) { t.stop(id, true) }

func (t *attempts) stop(id freeing.ID, force bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.open[id]
	switch {
	case a == nil || a.cancel == nil, a.Asking && (force || !a.CanStop):
	case a.Asking, a.Step.Stage == free.StageChecking, a.Step.Stage == free.StageAsking:
		a.force = force
		a.cancel()
	}
}

// Discard lets go of an attempt.
func (t *attempts) Discard(id freeing.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.open[id]
	switch {
	case a == nil:
	case a.busy:
		a.unwanted = true
	default:
		t.close(a)
	}
}

// tell changes what is known of an attempt, and reports it.
func (t *attempts) tell(a *attempt, change func()) {
	t.mu.Lock()
	change()
	now := a.Attempt
	t.mu.Unlock()
	t.report(now)
}

// end is tell by who was busy with the attempt and is no longer. A plan that
// can't be run any more is closed.
func (t *attempts) end(a *attempt, change func()) {
	t.tell(a, func() {
		change()
		a.busy, a.Asking, a.CanStop = false, false, false
		if useful := a.Phase == freeing.Waiting || a.Again || a.Elevate; a.unwanted || !useful {
			t.close(a)
		}
	})
}

// close is called with mu held.
func (t *attempts) close(a *attempt) {
	if a.plan != nil {
		a.plan.Close()
	}
	delete(t.open, a.ID)
}

// hold keeps a port until it is released.
func (t *attempts) hold(a *attempt, port io.Closer) {
	t.mu.Lock()
	t.holding = append(t.holding, holding{freeing.Held{ID: a.ID, Port: a.plan.Targets[0].Addr.Port()}, port})
	now := t.holds()
	t.mu.Unlock()
	t.held(now)
}

// holds is called with mu held.
func (t *attempts) holds() []freeing.Held {
	out := make([]freeing.Held, 0, len(t.holding))
	for _, h := range t.holding {
		out = append(out, h.Held)
	}
	return out
}

// Release lets go of a port.
func (t *attempts) Release(id freeing.ID) {
	t.start(func() {
		t.mu.Lock()
		t.holding = slices.DeleteFunc(t.holding, func(h holding) bool {
			if h.ID == id {
				_ = h.port.Close() // a socket that is closed can't fail at it
			}
			return h.ID == id
		})
		now := t.holds()
		t.mu.Unlock()
		t.held(now)
		t.after()
	})
}

// quit lets go of everything, once no goroutine is busy any more.
func (t *attempts) quit() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.holding {
		_ = h.port.Close()
	}
	t.holding = nil
	for _, a := range t.open {
		t.close(a)
	}
}
