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
	r, ok := request(a, a.Choice)
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

// request is what the elevated program is asked to do for a choice: one process,
// at one endpoint. A unit's or container's stop is no such thing, and no other
// choice stands in for it.
func request(a *attempt, choice int) (elevate.Request, bool) {
	if a.plan == nil || choice < 0 || choice >= len(a.plan.Choices) {
		return elevate.Request{}, false
	}
	r, ok := elevation(a.plan, &a.plan.Choices[choice])
	r.Grace = freeing.GraceTime
	return r, ok
}

// elevatable are the choices that can be asked rights for.
func elevatable(a *attempt) (indices []int) {
	for i := range a.plan.Choices {
		if _, ok := request(a, i); ok && a.plan.Choices[i].Elevate {
			indices = append(indices, i)
		}
	}
	return indices
}

// AskPermission has the system ask for an administrator's rights, to carry out
// that choice.
func (t *attempts) AskPermission(id freeing.ID, choice int) {
	a := t.take(id)
	if a == nil {
		return
	}
	t.start(func() {
		t.mu.Lock()
		a.Choice = min(max(choice, 0), len(a.plan.Choices)-1)
		t.mu.Unlock()
		r, ok := request(a, choice)
		if !ok {
			t.finish(a, free.Final{Ending: free.EndDenied}, nil)
			return
		}
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		t.tell(a, func() {
			a.Phase, a.Asking, a.CanStop = freeing.Running, true, elevate.CanStop
			a.Final, a.Err, a.Step, a.cancel = nil, nil, free.Step{}, cancel
		})
		res, err := t.ask(ctx, r)
		t.mu.Lock()
		a.cancel, a.force = nil, false
		a.cantAsk = errors.Is(err, elevate.ErrUnavailable) || errors.Is(err, elevate.ErrUnsafe)
		t.mu.Unlock()
		switch {
		case err == nil:
			final, err := outcome(res)
			t.finish(a, final, err)
		case ctx.Err() != nil: // before it was granted, or else nobody can stop it
			t.finish(a, free.Final{}, err)
		default: // dismissed, not granted, or there is no way to ask
			t.finish(a, free.Final{Ending: free.EndDenied, Err: err}, nil)
		}
	})
}
