package free

import (
	"context"
	"errors"
	"time"

	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/units"
)

// manage has the service manager or the container engine stop what holds the
// port. They know a polite way, their own time for it, and force.
func (r *run) manage(ctx context.Context) (Ending, error) {
	stopCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.stop(stopCtx) }()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	hurry, enough := r.hurry(), r.enough()
	for {
		r.say(StageAsking)
		select {
		case err := <-done:
			return r.managed(ctx, err)
		case <-hurry:
			hurry = nil
			r.forced = true
			// The manager is stopping it already, its answer comes by done.
			if err := r.plan.machine.Units.Kill(stopCtx, r.choice.Unit); err != nil {
				cancel()
				<-done
				return r.managed(ctx, err)
			}
		case <-enough:
			// It may end yet: what its manager was told can't be taken back.
			cancel()
			<-done
			return EndRunning, nil
		case <-ticks.C:
		}
	}
}

func (r *run) stop(ctx context.Context) error {
	if r.choice.Kind == KindUnit {
		return r.plan.machine.Units.Stop(ctx, r.choice.Unit)
	}
	grace := r.order.Grace
	switch {
	case r.order.Force:
		grace = 0
	case r.order.NeverForce:
		grace = 24 * time.Hour // the engine knows no "never"
	}
	return r.plan.machine.Containers.Stop(ctx, r.choice.Container.ID, grace)
}

// hurry says when a unit is to be forced: a manager's own time may be minutes.
// Nobody is hurried who was only to be asked; an engine knows the grace.
func (r *run) hurry() <-chan time.Time {
	switch {
	case r.choice.Kind != KindUnit || r.order.NeverForce:
		return nil
	case r.order.Force:
		return time.After(headStart) // the stop first, or the unit would start again
	}
	return time.After(r.order.Grace)
}

// enough says when to wait no longer for who is only to be asked.
func (r *run) enough() <-chan time.Time {
	if !r.order.NeverForce {
		return nil
	}
	return time.After(r.order.Grace)
}

func (r *run) managed(ctx context.Context, err error) (Ending, error) {
	switch {
	case err == nil, errors.Is(err, containers.ErrNotFound):
		return "", nil
	case ctx.Err() != nil:
		return EndTakenBack, nil
	case errors.Is(err, units.ErrDenied), errors.Is(err, containers.ErrDenied):
		return EndDenied, err
	}
	return EndRunning, err
}
