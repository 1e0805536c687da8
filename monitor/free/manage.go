package free

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/units"
)

// managersTime bounds the wait for a manager after its processes were forced,
// or couldn't be: longer than systemd's own time for a stop (90 s unless set).
const managersTime = 2 * time.Minute

// manage has the service manager or the container engine stop what holds the
// port. The grace time is ours and begins when they have agreed: before that a
// user may have to be asked. A stop that they agreed to counts, whatever comes
// of forcing it.
func (r *run) manage(ctx context.Context) (Ending, error) {
	// Not ctx: what was forced is waited for even if that ends.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	agreed, done, forced := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() { done <- r.stop(work, sync.OnceFunc(func() { close(agreed) })) }()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()

	var over, enough <-chan time.Time
	var trouble error // of forcing
	forcing := false  // the answer is outstanding
	outcome := func(err error) {
		forcing, trouble = false, err
		r.forced = r.forced || err == nil
	}
	// leave ends the wait, and reports what the manager said meanwhile.
	leave := func() error {
		cancel()
		if forcing {
			outcome(<-forced)
		}
		return <-done
	}
	left := ctx.Done()
	step := Step{Stage: StageAsking}
	for {
		step.Elapsed, step.Alive = time.Since(r.began), r.alive()
		r.tell(step)
		select {
		case <-agreed:
			agreed = nil
			r.began, step.Grace = time.Now(), r.grace()
			if step.Grace > 0 {
				over = time.After(step.Grace)
			}
		case err := <-done:
			if forcing { // whose answer is under way, unless it waits for a user
				select {
				case err := <-forced:
					outcome(err)
				case <-time.After(headStart):
					cancel()
					outcome(<-forced)
				}
			}
			return r.managed(err)
		case <-over:
			if r.order.NeverForce {
				if leave() == nil {
					return "", nil
				}
				return EndRunning, nil
			}
			forcing, step.Grace = true, 0
			enough = time.After(managersTime)
			go func() { forced <- r.kill(work) }()
		case err := <-forced:
			if outcome(err); err == nil {
				step.Stage, step.Grace = StageForcing, ForceGrace
			}
		case <-left:
			left = nil
			if r.forced {
				enough = time.After(ForceGrace) // who is killed is not taken back
				continue
			}
			switch err := leave(); {
			case err == nil, r.forced:
				return "", nil
			}
			return EndTakenBack, nil
		case <-enough:
			if leave() == nil || r.forced {
				return "", nil // the proof tells
			}
			return EndRunning, trouble
		case <-ticks.C:
		}
	}
}

// grace is the time between the manager's consent and force, 0 where the stop
// itself is by force.
func (r *run) grace() time.Duration {
	switch {
	case !r.order.Force:
		return r.order.Grace
	case r.choice.Kind == KindContainer:
		return 0
	}
	return headStart // the stop first, or the unit would be started again
}

func (r *run) stop(ctx context.Context, agreed func()) error {
	if r.choice.Kind == KindUnit {
		return r.plan.machine.Units.Stop(ctx, r.choice.Unit, agreed)
	}
	// Nobody is asked by an engine. It isn't given the grace time: it would
	// force the container even if that was taken back.
	agreed()
	if r.order.Force {
		return r.kill(ctx)
	}
	return r.plan.machine.Containers.Stop(ctx, r.choice.Container.ID, -1)
}

func (r *run) kill(ctx context.Context) error {
	if r.choice.Kind == KindUnit {
		return r.plan.machine.Units.Kill(ctx, r.choice.Unit)
	}
	return r.plan.machine.Containers.Stop(ctx, r.choice.Container.ID, 0)
}

func (r *run) managed(err error) (Ending, error) {
	switch {
	case err == nil, errors.Is(err, containers.ErrNotFound):
		r.forced = r.forced || r.order.Force && r.choice.Kind == KindContainer
		return "", nil
	case errors.Is(err, units.ErrDenied), errors.Is(err, containers.ErrDenied):
		return EndDenied, err
	}
	return EndRunning, err
}
