package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// attempt deals with one port, or all that one process holds, and notes in a
// what came of it.
func (k *killing) attempt(ctx context.Context, a *export.Attempt) {
	plan, err := k.env.Engine.Plan(ctx, a.Aim)
	switch {
	case errors.Is(err, free.ErrNobody):
		k.env.say(nobodyHolds(a.Aim))
		if k.hold && !k.dryRun && a.Aim.Process.PID == 0 {
			k.keepFree(a)
			return
		}
		a.Exit = ExitNothing
		return
	case errors.Is(err, process.ErrGone):
		a.Exit = ExitNothing
		k.env.say(lang.X("cli.kill.no_process", "there is no process {{.PID}}", map[string]any{"PID": a.Aim.Process.PID}))
		return
	case err != nil:
		k.fail(a, err)
		return
	}
	defer k.env.Engine.Discard(plan)
	a.Plan, a.Chosen = plan, k.recommended(plan)
	if k.dryRun {
		k.show(plan, a.Chosen, true)
		return
	}
	c := &plan.Choices[a.Chosen]
	open := slices.ContainsFunc(plan.Choices, func(c free.Choice) bool { return c.Blocked == "" })
	agreed := k.yes || c.Safe() || k.tree && c.Blocked == "" && onlySeveral(c.Risks)
	k.show(plan, a.Chosen, !agreed || c.Blocked != "")
	switch {
	case c.Blocked != "" && (k.yes || k.json || !open || !k.env.mayAsk()):
		if !k.rise(ctx, plan, a, agreed) {
			k.refuse(a, c)
		}
		return
	case !agreed && (k.json || !k.env.mayAsk()):
		k.fail(a, noTerminal(c))
		return
	case !agreed:
		chosen, err := k.ask(ctx, plan, a.Chosen)
		if err != nil {
			k.fail(a, err)
			return
		}
		a.Chosen = chosen
	}
	k.carryOut(ctx, plan, a)
}

func noTerminal(c *free.Choice) error {
	return errors.New(lang.X("cli.kill.no_terminal", "nothing was done: this needs an answer and there is no terminal to ask; add --yes to agree to {{.What}}",
		map[string]any{"What": view.ChoiceTitle(c)}))
}

// recommended is the choice that the flags ask for.
func (k *killing) recommended(p *free.Plan) int {
	if k.tree {
		if i := slices.IndexFunc(p.Choices, func(c free.Choice) bool { return c.Kind == free.KindTree }); i >= 0 {
			return i
		}
		if i := slices.IndexFunc(p.Choices, func(c free.Choice) bool { return c.Kind == free.KindProcess }); i >= 0 {
			return i // it has started nothing
		}
	}
	return 0
}

// onlySeveral reports whether all there is to mind is what --tree asks for.
func onlySeveral(risks []free.Risk) bool {
	return !slices.ContainsFunc(risks, func(r free.Risk) bool { return r != free.RiskSeveral })
}

// carryOut runs the choice and says how it ended.
func (k *killing) carryOut(ctx context.Context, plan *free.Plan, a *export.Attempt) {
	line := progress{env: k.env, quiet: k.json, title: plan.Choices[a.Chosen].Name}
	final, err := k.env.Engine.Run(ctx, plan, free.Order{Choice: a.Chosen, Force: k.force, Grace: k.grace, Hold: k.hold}, line.step)
	line.clear()
	if final.Held != nil {
		k.held.add(final.Held, portName(plan))
	}
	if err != nil && final.Ending == "" {
		switch {
		case errors.Is(err, process.ErrDenied):
			final = free.Final{Ending: free.EndDenied}
		case errors.Is(err, process.ErrGone):
			final = free.Final{Ending: free.EndNotHeld}
		case errors.Is(err, process.ErrProtected):
			a.Err, a.Exit = err, ExitBlocked
			k.env.complain(err)
			return
		case ctx.Err() != nil:
			final = free.Final{Ending: free.EndTakenBack}
		default:
			k.fail(a, err)
			return
		}
	}
	a.Final = &final
	if final.Ending == free.EndDenied && k.rise(ctx, plan, a, true) {
		return
	}
	k.conclude(plan, a, final)
}

// conclude says how it ended, and what helps if that isn't well.
func (k *killing) conclude(plan *free.Plan, a *export.Attempt, final free.Final) {
	a.Final, a.Exit = &final, exitOf(&final)
	if k.json {
		return
	}
	p := k.env.page()
	st := green
	if a.Exit != ExitDone && a.Exit != ExitLingering && a.Exit != ExitReserved {
		st = yellow
	}
	p.text("", st, view.Ending(&final, portName(plan)))
	switch final.Ending {
	case free.EndTakenAgain:
		if final.By != nil && final.By.PID > 1 {
			p.text("  ", "", lang.X("cli.kill.stop_that", "to stop that: {{.Command}}", map[string]any{"Command": "portlight kill " + strings.Join(ports(plan), " ") + " --restarter " + strconv.Itoa(int(final.By.PID))}))
		} else {
			p.text("  ", "", lang.X("cli.kill.try_hold", "to keep it out: {{.Command}}", map[string]any{"Command": "portlight kill " + strings.Join(ports(plan), " ") + " --hold"}))
		}
	case free.EndStillHeld:
		p.text("  ", "", lang.X("cli.kill.those_too", "to end those too: {{.Command}}", map[string]any{"Command": "portlight kill " + strings.Join(ports(plan), " ")}))
	case free.EndRunning:
		if !final.Forced {
			p.text("  ", "", lang.X("cli.kill.force_it", "to force it: {{.Command}}", map[string]any{"Command": "portlight kill " + strings.Join(ports(plan), " ") + " --force"}))
		}
	case free.EndDenied:
		if !k.env.Root {
			p.text("  ", "", k.env.elevated(k.again(a, plan)...))
		}
	}
	if err := p.print(k.env.Stdout); err != nil {
		k.fail(a, err)
	}
}

// exitOf is the exit code of an ending.
func exitOf(f *free.Final) int {
	switch f.Ending {
	case free.EndFreed:
		return ExitDone
	case free.EndLingering:
		return ExitLingering
	case free.EndReserved:
		return ExitReserved
	case free.EndTakenAgain:
		return ExitTakenAgain
	case free.EndStillHeld, free.EndUnproven:
		return ExitStillHeld
	case free.EndRunning:
		return ExitRunning
	case free.EndDenied:
		return ExitDenied
	case free.EndTakenBack:
		return ExitTakenBack
	case free.EndNotHeld:
		if len(f.Holders) == 0 {
			return ExitNothing // it ended by itself
		}
	}
	return ExitError
}

// refuse says why the choice can't be taken, and what would help.
func (k *killing) refuse(a *export.Attempt, c *free.Choice) {
	why := view.Blocked(c)
	a.Err, a.Exit = errors.New(why), ExitBlocked
	if c.Blocked == free.BlockedRights || c.Blocked == free.BlockedHidden {
		a.Exit = ExitDenied
		if !k.env.Root {
			why += "; " + k.env.elevated(k.again(a, a.Plan)...)
		}
	}
	k.env.say(lang.X("cli.kill.refused", "nothing was done: {{.Why}}", map[string]any{"Why": why}))
}

// again are the arguments that name the same aim: the process too, where it
// is known, so that nobody else is met who came in between.
func (k *killing) again(a *export.Attempt, p *free.Plan) []string {
	args := append([]string{"kill"}, ports(p)...)
	if a.Aim.Process.PID != 0 {
		args = append(args, "--pid", strconv.Itoa(int(a.Aim.Process.PID)))
	}
	if k.restarter != 0 {
		args = append(args, "--restarter", strconv.Itoa(k.restarter))
	}
	if k.force {
		args = append(args, "--force")
	}
	return args
}

func (k *killing) fail(a *export.Attempt, err error) {
	a.Err, a.Exit = err, ExitError
	k.env.complain(err)
}

// show prints the plan: all choices, or only the one that is taken.
func (k *killing) show(plan *free.Plan, chosen int, all bool) {
	if k.json {
		return
	}
	if err := k.env.plan(plan, chosen, all).print(k.env.Stdout); err != nil && !readerGone(err) {
		k.env.complain(err)
	}
}

// ports are the targets' ports, each once.
func ports(p *free.Plan) (names []string) {
	for i := range p.Targets {
		if n := strconv.Itoa(int(p.Targets[i].Addr.Port())); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// portName is what was to become free, in a sentence.
func portName(p *free.Plan) string {
	var names []string
	for i := range p.Targets {
		e := &p.Targets[i]
		if n := view.PortName(e.Proto, e.Addr.Port()); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

func nobodyHolds(a free.Aim) string {
	d := map[string]any{"PID": a.Process.PID, "Port": view.PortName(sockets.TCP, a.Port)}
	switch {
	case a.Port == 0:
		return lang.X("cli.kill.nothing_of", "the process {{.PID}} waits on no port", d)
	case a.Process.PID != 0:
		return lang.X("cli.kill.nobody_pid", "the process {{.PID}} doesn't hold {{.Port}}", d)
	}
	return lang.X("cli.kill.nobody", "nobody holds {{.Port}}", d)
}

// progress is a line on the terminal that is written over.
type progress struct {
	env   *Env
	quiet bool
	title string
	drawn int // columns
}

func (p *progress) step(s free.Step) {
	if p.quiet || !p.env.StderrTerminal {
		return
	}
	limit := p.env.Width()
	if limit <= 0 {
		limit = 80
	}
	text := view.Stage(s)
	if p.title != "" {
		text = p.title + ": " + text
	}
	if s.Stage == free.StageAsking {
		text += " " + lang.X("cli.kill.take_back", "(Ctrl+C: don't force it)")
	}
	text = fit(escape(text), limit-1)
	fmt.Fprint(p.env.Stderr, "\r"+text+strings.Repeat(" ", max(0, p.drawn-width(text))))
	p.drawn = width(text)
}

func (p *progress) clear() {
	if p.drawn > 0 {
		_, _ = io.WriteString(p.env.Stderr, "\r"+strings.Repeat(" ", p.drawn)+"\r")
	}
	p.drawn = 0
}
