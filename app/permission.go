//go:build cgo

package app

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"

	"github.com/portlight-app/portlight/app/elevate"
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
	helps = ok && !a.cantAsk
	exe, err := os.Executable()
	switch {
	case err != nil || runtime.GOOS == "windows":
		return helps, ""
	case ok:
		return helps, process.JoinArgs(elevate.Sudo(exe, r))
	case a.Aim.Port != 0:
		// A unit, a container, several processes: the terminal shows the
		// plan again, to an administrator.
		return false, process.JoinArgs([]string{"sudo", exe, "kill", strconv.Itoa(int(a.Aim.Port))})
	}
	return false, ""
}

// request is what the elevated program is asked to do: one process, at one
// endpoint. A unit's or container's stop is no such thing.
func request(a *attempt) (elevate.Request, bool) {
	if a.plan == nil {
		return elevate.Request{}, false
	}
	for i := range a.plan.Choices {
		if r, ok := elevation(a.plan, &a.plan.Choices[i]); ok {
			r.Grace = freeing.GraceTime
			return r, true
		}
	}
	return elevate.Request{}, false
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
		case err == nil:
			final, err := outcome(res)
			t.finish(a, final, err)
		case ctx.Err() != nil:
			t.finish(a, free.Final{Ending: free.EndTakenBack}, nil)
		default: // dismissed, not granted, or there is no way to ask
			t.finish(a, free.Final{Ending: free.EndDenied, Err: err}, nil)
		}
	})
}
