package free

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// collect takes the victims for subjects: of KindProcess those who still hold
// a target, of a tree all, and who joined it since.
func (r *run) collect(s *monitor.Snapshot) {
	for _, v := range r.choice.Victims {
		h := r.plan.held[v.Identity]
		if h == nil || h.Ended() {
			continue
		}
		if r.choice.Kind == KindProcess && !slices.ContainsFunc(r.before, func(e monitor.Endpoint) bool {
			return e.HeldBy(v.Identity) || e.Owner == monitor.OwnerExited
		}) {
			continue
		}
		below := slices.ContainsFunc(v.Parents, func(a process.Ancestor) bool { return r.choice.ends(a.Identity) })
		r.all = append(r.all, &subject{Identity: v.Identity, h: h, top: !below})
	}
	r.joined()
}

// joined adds the descendants that living subjects of a tree have got since
// the last look, and reports whether there were any.
func (r *run) joined() bool {
	if r.choice.Kind == KindProcess {
		return false
	}
	all, err := process.Census()
	if err != nil {
		return false // those of the plan end all the same
	}
	found := false
	for _, id := range process.Descendants(all, r.alive()...) {
		if slices.ContainsFunc(r.all, func(s *subject) bool { return s.Identity == id }) {
			continue
		}
		h, err := process.Open(id)
		if err != nil {
			continue
		}
		r.own = append(r.own, h)
		r.all = append(r.all, &subject{Identity: id, h: h})
		found = true
	}
	return found
}

// climb goes up the ladder. It returns "" once it is time for the proof, or
// else how it ended.
func (r *run) climb(ctx context.Context) (Ending, error) {
	r.began = time.Now()
	if !r.order.Force {
		if ending, err := r.ask(ctx); ending != "" || r.ended() {
			return ending, err
		}
		// A server may have let the port go and finish what it has to do:
		// there is no reason to force it then. A watcher would start it anew.
		if (r.choice.Kind == KindProcess || r.order.NeverForce) && r.letGo(ctx) {
			return "", nil
		}
		if r.order.NeverForce {
			return EndRunning, r.trouble()
		}
	}
	return r.force(ctx)
}

// ask sends the polite request and waits for the grace time.
func (r *run) ask(ctx context.Context) (Ending, error) {
	request := func(top bool) error {
		for _, s := range r.all {
			if s.top != top || s.asked || s.h.Ended() {
				continue
			}
			s.asked, s.err = true, s.h.Stop()
			switch {
			case errors.Is(s.err, process.ErrProtected):
				return s.err
			case errors.Is(s.err, process.ErrGone):
				s.err = nil
			case s.err == nil && !r.sent:
				r.began, r.sent = time.Now(), true
			}
		}
		return nil
	}
	if err := request(true); err != nil {
		return r.refused(err)
	}
	if slices.ContainsFunc(r.all, func(s *subject) bool { return !s.top }) {
		above := func(s *subject) bool { return s.top && s.err == nil }
		if !r.await(ctx, StageAsking, min(headStart, r.order.Grace/2), above) && ctx.Err() != nil {
			return EndTakenBack, nil
		}
		if err := request(false); err != nil {
			return r.refused(err)
		}
	}
	r.await(ctx, StageAsking, r.order.Grace-time.Since(r.began), func(s *subject) bool { return s.err == nil })
	switch {
	case r.ended():
		return "", nil
	case ctx.Err() != nil:
		return EndTakenBack, nil
	case r.allDenied():
		return EndDenied, process.ErrDenied
	}
	return "", nil
}

// force ends whoever still runs, the top first, until nobody new is found.
func (r *run) force(ctx context.Context) (Ending, error) {
	const rounds = 5 // a tree that grows faster than it is cut down
	for range rounds {
		if ctx.Err() != nil {
			if !r.sent {
				return "", ctx.Err()
			}
			return EndTakenBack, nil
		}
		r.joined()
		for _, s := range r.all {
			if s.h.Ended() {
				continue
			}
			s.err = s.h.Kill()
			switch {
			case errors.Is(s.err, process.ErrProtected):
				return r.refused(s.err)
			case errors.Is(s.err, process.ErrGone):
				s.err = nil
			case s.err == nil:
				if !r.sent {
					r.began, r.sent = time.Now(), true
				}
				r.forced = true
			}
		}
		// Not ctx: it ends at once, and who is killed is not taken back.
		r.await(context.WithoutCancel(ctx), StageForcing, ForceGrace, func(s *subject) bool { return s.err == nil })
		if !r.joined() {
			break
		}
	}
	switch {
	case r.ended():
		return "", nil
	case r.letGo(context.WithoutCancel(ctx)):
		return "", nil
	case slices.ContainsFunc(r.all, func(s *subject) bool { return errors.Is(s.err, process.ErrDenied) && !s.h.Ended() }):
		return EndDenied, process.ErrDenied
	}
	return EndRunning, r.trouble()
}

func (r *run) refused(err error) (Ending, error) {
	if r.sent {
		return EndRunning, err
	}
	return "", &BlockedError{BlockedProtected, process.ProtectedAncestor}
}

// await waits until all subjects that count have ended, and reports whether
// they did in time.
func (r *run) await(ctx context.Context, stage Stage, atMost time.Duration, counts func(*subject) bool) bool {
	deadline := time.Now().Add(atMost)
	for {
		r.say(stage)
		i := slices.IndexFunc(r.all, func(s *subject) bool { return counts(s) && !s.h.Ended() })
		left := time.Until(deadline)
		switch {
		case i < 0:
			return true
		case left <= 0 || ctx.Err() != nil:
			return false
		}
		for until := time.Now().Add(min(tick, left)); i >= 0 && time.Now().Before(until); {
			part, cancel := context.WithDeadline(ctx, until)
			err := r.all[i].h.Wait(part)
			cancel()
			if err != nil {
				break
			}
			i = slices.IndexFunc(r.all, func(s *subject) bool { return counts(s) && !s.h.Ended() })
		}
	}
}

func (r *run) ended() bool { return len(r.alive()) == 0 }

func (r *run) allDenied() bool {
	return !slices.ContainsFunc(r.all, func(s *subject) bool { return !errors.Is(s.err, process.ErrDenied) && !s.h.Ended() })
}

// trouble is what stood in the way of a polite stop, or of force.
func (r *run) trouble() error {
	for _, s := range r.all {
		if s.err != nil && !s.h.Ended() {
			return s.err
		}
	}
	return nil
}

// letGo reports whether the subjects that live hold no target any more.
func (r *run) letGo(ctx context.Context) bool {
	s, err := r.plan.machine.Look(ctx, false)
	if err != nil {
		return false
	}
	for i := range r.plan.Targets {
		e, ok := s.Endpoint(r.plan.Targets[i].Key)
		if ok && (len(e.Holders) == 0 || slices.ContainsFunc(r.all, func(s *subject) bool { return e.HeldBy(s.Identity) })) {
			return false
		}
	}
	return true
}
