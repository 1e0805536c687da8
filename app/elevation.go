package app

import (
	"context"
	"errors"
	"io"
	"net/netip"

	"github.com/portlight-app/portlight/app/cli"
	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// elevation is what the elevated program is asked to do for a choice: to end
// one process, at an endpoint that it holds; or where it may not be seen, whoever
// holds one socket. What ends more is no such thing. Its grace is to be set.
func elevation(p *free.Plan, c *free.Choice) (r elevate.Request, ok bool) {
	if c.Kind != free.KindProcess || len(c.Victims) > 1 {
		return r, false
	}
	for i := range p.Targets {
		e := &p.Targets[i]
		r.Proto, r.Addr = e.Proto.String(), e.Addr
		switch {
		case len(c.Victims) == 1:
			v := c.Victims[0].Identity
			r.PID, r.Start, r.Boot = v.PID, v.Start, v.Boot
			if e.HeldBy(v) {
				return r, true
			}
		case len(e.Holders) == 0 && len(e.Sockets) == 1 && e.Sockets[0].Handle != 0:
			r.Socket = e.Sockets[0].Handle
			return r, true
		}
	}
	return r, r.PID != 0
}

// outcome is what the elevated program told: an end, or that it refused.
func outcome(r elevate.Result) (free.Final, error) {
	switch {
	case r.Blocked != "":
		return free.Final{}, &free.BlockedError{Why: free.Blocked(r.Blocked), Protection: process.Protection(r.Protection)}
	case r.Ending == "":
		return free.Final{}, errors.New(r.Error)
	}
	f := free.Final{Ending: free.Ending(r.Ending), Elapsed: r.Elapsed, Wait: r.Wait, Forced: r.Forced}
	if r.Error != "" {
		f.Err = errors.New(r.Error)
	}
	for _, p := range r.Holders {
		f.Holders = append(f.Holders, monitor.Holder{Process: &process.Process{Identity: process.Identity{PID: p.PID, Start: p.Start}, Name: p.Name}})
	}
	if r.By != nil {
		f.By = &process.Ancestor{Identity: process.Identity{PID: r.By.PID, Start: r.By.Start}, Name: r.By.Name}
	}
	for _, pid := range r.Alive {
		f.Alive = append(f.Alive, process.Identity{PID: pid})
	}
	return f, nil
}

// Elevate does a choice with an administrator's rights; the question for them
// may be asked in this terminal.
func (engine) Elevate(ctx context.Context, p *free.Plan, o free.Order) (free.Final, error) {
	return elevated(ctx, p, o, elevate.RunInTerminal)
}

func elevated(ctx context.Context, p *free.Plan, o free.Order, run func(context.Context, elevate.Request) (elevate.Result, error)) (free.Final, error) {
	r, ok := elevation(p, &p.Choices[o.Choice])
	if !ok {
		return free.Final{}, cli.ErrNoElevation
	}
	r.Force, r.Grace = o.Force, min(o.Grace, elevate.MaxGrace)
	res, err := run(ctx, r)
	for own, meaning := range map[error]error{
		elevate.ErrUnavailable: cli.ErrNoElevation, elevate.ErrUnsafe: cli.ErrNoElevation,
		elevate.ErrDismissed: cli.ErrDismissed, elevate.ErrDenied: cli.ErrNotGranted,
		elevate.ErrOnItsOwn: cli.ErrOnItsOwn,
	} {
		if errors.Is(err, own) {
			return free.Final{}, meaning
		}
	}
	if err != nil {
		return free.Final{}, err
	}
	return outcome(res)
}

// Hold takes an address until it is closed.
func (engine) Hold(proto sockets.Proto, addr netip.AddrPort) (io.Closer, error) {
	h, err := bind.Hold(proto, addr)
	if err != nil {
		return nil, err // not a *bind.Held of nil, which would be a Closer
	}
	return h, nil
}
