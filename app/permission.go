//go:build cgo

package app

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/freeing"
)

// elevation says whether more rights would help an attempt, and what an
// administrator can type. It is called with mu held.
func (t *attempts) elevation(a *attempt) (helps bool, command string) {
	if process.Privileged() {
		return false, ""
	}
	r, ok := request(a)
	if !ok {
		return false, ""
	}
	exe, err := os.Executable()
	if err != nil || runtime.GOOS == "windows" {
		return !a.cantAsk, ""
	}
	return !a.cantAsk, process.JoinArgs(elevate.Sudo(exe, r))
}

// request is what the elevated program is asked to do: one process, at one
// endpoint. A unit's or container's stop is no such thing.
func request(a *attempt) (elevate.Request, bool) {
	if a.plan == nil || len(a.plan.Targets) == 0 {
		return elevate.Request{}, false
	}
	target := &a.plan.Targets[0]
	r := elevate.Request{Proto: target.Proto.String(), Addr: target.Addr, Grace: freeing.GraceTime}
	for i := range a.plan.Choices {
		c := &a.plan.Choices[i]
		if c.Kind != free.KindProcess || len(c.Victims) != 1 {
			continue
		}
		v := c.Victims[0].Identity
		r.PID, r.Start, r.Boot = v.PID, v.Start, v.Boot
		return r, true
	}
	if len(target.Holders) == 0 && len(target.Sockets) == 1 && target.Sockets[0].Handle != 0 {
		r.Socket = target.Sockets[0].Handle
		return r, true
	}
	return r, false
}

// AskPermission has the system ask for an administrator's rights.
func (t *attempts) AskPermission(id freeing.ID) {
	a := t.take(id)
	if a == nil {
		return
	}
	t.start(func() {
		r, ok := request(a)
		if !ok {
			t.finish(a, free.Final{Ending: free.EndDenied}, nil)
			return
		}
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		t.tell(a, func() { a.Phase, a.Asking = freeing.Running, true })
		res, err := t.ask(ctx, r)
		t.mu.Lock()
		a.cantAsk = errors.Is(err, elevate.ErrUnavailable) || errors.Is(err, elevate.ErrUnsafe)
		t.mu.Unlock()
		switch {
		case err == nil && res.Blocked != "":
			t.finish(a, free.Final{}, &free.BlockedError{Why: free.Blocked(res.Blocked), Protection: process.Protection(res.Protection)})
		case err == nil && res.Ending == "":
			t.finish(a, free.Final{}, errors.New(res.Error))
		case err == nil:
			t.finish(a, outcome(res), nil)
		case ctx.Err() != nil:
			t.finish(a, free.Final{Ending: free.EndTakenBack}, nil)
		default: // dismissed, not granted, or there is no way to ask
			t.finish(a, free.Final{Ending: free.EndDenied, Err: err}, nil)
		}
	})
}

// outcome is what the elevated program told.
func outcome(r elevate.Result) free.Final {
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
	return f
}
