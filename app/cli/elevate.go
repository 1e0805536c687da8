package cli

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
)

// Why Freer.Elevate came to nothing; test with errors.Is.
var (
	ErrNoElevation = errors.New("more rights can't be asked for here")
	ErrDismissed   = errors.New("the question for more rights was closed")
	ErrNotGranted  = errors.New("more rights were not granted")
	// ErrOnItsOwn: who does it with more rights can't be told to stop.
	ErrOnItsOwn = errors.New("it goes on and may still force it")
)

// elevatable reports whether an administrator's rights would help, and are for
// no more than what was shown: one process, or whoever holds one socket.
func (k *killing) elevatable(c *free.Choice) bool {
	return c.Elevate && c.Kind == free.KindProcess && len(c.Victims) <= 1 && !k.env.Root
}

// rise does the choice with an administrator's rights, if the user wants to
// have them asked for. It reports false where that wasn't tried.
func (k *killing) rise(ctx context.Context, plan *free.Plan, a *export.Attempt, agreed bool) bool {
	c := &plan.Choices[a.Chosen]
	switch {
	case !k.elevatable(c):
		return false
	case k.elevate:
	case k.yes || k.json || !k.env.mayAsk():
		return false
	default:
		answer, err := k.answer(ctx, lang.X("cli.ask.elevate", "Ask for an administrator's rights to end this one? y/N"))
		if err != nil || !yes(answer) {
			return false
		}
	}
	if !agreed && !k.yes {
		if err := k.agreeByName(ctx, c); err != nil {
			k.fail(a, err)
			return true
		}
	}
	if !k.json {
		k.env.remark(lang.X("cli.kill.elevating", "the system asks whether that may be …"))
	}
	final, err := k.env.Engine.Elevate(ctx, plan, free.Order{Choice: a.Chosen, Force: k.force, Grace: k.grace})
	switch {
	case err == nil:
		k.conclude(plan, a, final)
		k.keepTargets(plan, a)
	case errors.Is(err, process.ErrProtected):
		a.Err, a.Exit = err, ExitBlocked
		k.env.complain(err)
	case errors.Is(err, ErrOnItsOwn):
		k.fail(a, errors.New(lang.X("cli.elevate.on_its_own", "it can't be taken back any more: it was begun with an administrator's rights, and may still be forced")))
	case ctx.Err() != nil:
		k.conclude(plan, a, free.Final{Ending: free.EndTakenBack})
	default:
		k.notElevated(plan, a, err)
	}
	return true
}

// notElevated says why there were no more rights, and what else helps.
func (k *killing) notElevated(plan *free.Plan, a *export.Attempt, err error) {
	var why string
	switch {
	case errors.Is(err, ErrNoElevation):
		why = lang.X("cli.elevate.none", "an administrator's rights can't be asked for here")
	case errors.Is(err, ErrDismissed):
		why = lang.X("cli.elevate.dismissed", "the question for an administrator's rights was closed")
	case errors.Is(err, ErrNotGranted):
		why = lang.X("cli.elevate.not_granted", "an administrator's rights were not granted")
	default:
		k.env.complain(err)
		why = lang.X("cli.elevate.failed", "it failed with an administrator's rights as well")
	}
	a.Err, a.Exit = err, ExitDenied
	if !errors.Is(err, ErrDismissed) {
		why += "; " + k.env.elevated(k.again(a, plan)...)
	}
	k.env.say(lang.X("cli.kill.refused", "nothing was done: {{.Why}}", map[string]any{"Why": why}))
}

// agreeByName has a grave choice's name typed, where it can be.
func (k *killing) agreeByName(ctx context.Context, c *free.Choice) error {
	if needsName(c) && (k.json || !k.env.mayAsk()) {
		return noTerminal(c)
	}
	return k.byName(ctx, c, errors.New(lang.X("cli.ask.no", "nothing was done")))
}
