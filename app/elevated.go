package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// elevatedKill serves elevate.Verb: it frees one endpoint from one process and
// prints an elevate.Result as one line. Its arguments come from a program with
// fewer rights, so it plans anew and does only what it was asked: end that
// one process. The exit code says the ending too.
func elevatedKill(ctx context.Context, args []string, in io.Reader, out, complaints io.Writer) int {
	r, watch, err := elevate.Parse(args)
	if err != nil {
		return complain(complaints, fmt.Errorf("%s: %w", elevate.Verb, err))
	}
	if watch {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		go func() {
			_, _ = io.Copy(io.Discard, in) // an error is an end as well
			cancel()
		}()
	}
	res := carryOut(ctx, r)
	if err := json.NewEncoder(out).Encode(res); err != nil {
		complain(complaints, err)
	}
	return res.Code()
}

// errNotOne: the plan has no choice that ends the named process and no other.
var errNotOne = errors.New("it isn't held by one process alone")

// carryOut plans and runs an elevated request.
func carryOut(ctx context.Context, r elevate.Request) elevate.Result {
	aim := free.Aim{
		Port: r.Addr.Port(), Addr: r.Addr.Addr(), Proto: map[string]sockets.Proto{"tcp": sockets.TCP, "udp": sockets.UDP}[r.Proto],
		Process: process.Identity{PID: r.PID, Start: r.Start, Boot: r.Boot},
	}
	plan, err := free.Make(ctx, aim, free.Machine{})
	switch {
	case errors.Is(err, free.ErrNobody), errors.Is(err, process.ErrGone):
		return elevate.Result{Ending: string(free.EndNotHeld)}
	case ctx.Err() != nil:
		return elevate.Result{Ending: string(free.EndTakenBack)} // before anybody was asked to end
	case err != nil:
		return elevate.Result{Error: err.Error()}
	}
	defer plan.Close()
	if r.PID == 0 && !slices.ContainsFunc(plan.Targets, func(e monitor.Endpoint) bool {
		return slices.ContainsFunc(e.Sockets, func(s sockets.Socket) bool { return s.Handle == r.Socket })
	}) {
		return elevate.Result{Ending: string(free.EndNotHeld)}
	}
	i := slices.IndexFunc(plan.Choices, func(c free.Choice) bool {
		return c.Kind == free.KindProcess && len(c.Victims) == 1 && (r.PID == 0 || c.Victims[0].Identity == aim.Process)
	})
	if i < 0 {
		return elevate.Result{Error: errNotOne.Error()}
	}
	final, err := plan.Run(ctx, free.Order{Choice: i, Force: r.Force, Grace: r.Grace}, nil)
	blocked := (*free.BlockedError)(nil)
	switch {
	case errors.As(err, &blocked):
		return elevate.Result{Blocked: string(blocked.Why), Protection: string(blocked.Protection), Error: err.Error()}
	case err != nil && ctx.Err() != nil: // an error is of what came before the first signal
		return elevate.Result{Ending: string(free.EndTakenBack)}
	}
	return resultOf(final, err)
}

// resultOf writes a run's end down for the program that asked.
func resultOf(f free.Final, err error) elevate.Result {
	res := elevate.Result{Ending: string(f.Ending), Elapsed: f.Elapsed, Wait: f.Wait, Forced: f.Forced}
	switch {
	case err != nil:
		res.Error = err.Error()
	case f.Err != nil:
		res.Error = f.Err.Error()
	}
	for _, h := range f.Holders {
		res.Holders = append(res.Holders, elevate.Process{PID: h.PID, Start: h.Start, Name: h.Name})
	}
	if f.By != nil {
		res.By = &elevate.Process{PID: f.By.PID, Start: f.By.Start, Name: f.By.Name}
	}
	for _, id := range f.Alive {
		res.Alive = append(res.Alive, id.PID)
	}
	return res
}
