package cli

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/ui/view"
)

func newOrphans(env *Env) *cobra.Command {
	k := killing{env: env}
	var clean bool
	cmd := &cobra.Command{
		Use:   "orphans [--clean] [--yes] [--dry-run] [--json]",
		Short: lang.X("cli.orphans.short", "Find servers whose terminal, editor or agent is gone"),
		Long: lang.X("cli.orphans.long", "Find your own servers that outlived what they were started from: a terminal that was closed,\nan editor, a coding agent. They are grouped by project. --clean shows what would end, asks,\nand frees their ports.") +
			"\n\n" + lang.X("cli.orphans.exit", "Exit codes: 0 done, 2 there are none, 1 error or nothing was done; with --clean also those of kill."),
		Example:               "  portlight orphans\n  portlight orphans --clean\n  portlight orphans --clean --dry-run",
		Args:                  noArgs,
		ValidArgsFunction:     cobra.NoFileCompletions,
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (k.yes || k.dryRun) && !clean {
				return errors.New(lang.X("cli.error.needs_clean", "--yes and --dry-run go with --clean"))
			}
			groups, err := env.Engine.Orphans(cmd.Context())
			switch {
			case err != nil:
				return readError(err)
			case clean && len(groups) > 0:
				return k.clean(cmd.Context(), groups)
			case k.json:
				err = export.WriteOrphans(env.Stdout, env.Now(), groups)
			default:
				err = env.orphans(groups).print(env.Stdout)
			}
			if err == nil && len(groups) == 0 {
				env.remark(lang.X("cli.orphans.none", "no server has lost what it was started from"))
				return errNothing
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&clean, "clean", false, lang.X("cli.flag.clean", "end them, after showing the plan"))
	f.BoolVar(&k.yes, "yes", false, lang.X("cli.flag.yes", "ask nothing: do what the plan recommends"))
	f.BoolVar(&k.dryRun, "dry-run", false, lang.X("cli.flag.dry_run", "show the plan and do nothing"))
	f.BoolVar(&k.json, "json", false, lang.X("cli.flag.json_ask", "print JSON (docs/json.md), and ask nothing"))
	f.SortFlags = false
	return cmd
}

// orphans lays them out by project.
func (e *Env) orphans(groups []monitor.OrphanGroup) *page {
	p := e.page()
	for i := range groups {
		g := &groups[i]
		name := view.GroupName(g)
		if g.Dir != "" && g.Dir != name {
			name += "  " + g.Dir
		}
		p.headline(name)
		for _, o := range g.Orphans {
			p.text("  ", "", view.ProcessLine(o.Holder.Process, e.Now()))
			p.text("      ", dim, view.KeyNames(o.Keys)+" · "+view.Gone(o.Gone))
		}
	}
	return p
}

// clean plans the end of all orphans, asks once, and carries it out. What
// concerns others than the user is left alone: kill asks for that.
func (k *killing) clean(ctx context.Context, groups []monitor.OrphanGroup) error {
	defer func() {
		for _, a := range k.attempts {
			if a.Plan != nil {
				k.env.Engine.Discard(a.Plan)
			}
		}
	}()
	ready := 0
	for _, g := range groups {
		for _, o := range g.Orphans {
			a := export.Attempt{Aim: free.Aim{Process: o.Holder.Identity}, Chosen: -1}
			ready += k.prepare(ctx, &a)
			k.attempts = append(k.attempts, a)
		}
	}
	if !k.dryRun && ready > 0 {
		if err := k.agree(ctx, ready); err != nil {
			if k.json {
				return errors.Join(export.WriteKill(k.env.Stdout, k.env.Now(), k.attempts), err)
			}
			return err
		}
		for i := range k.attempts {
			if a := &k.attempts[i]; a.Chosen >= 0 && ctx.Err() == nil {
				k.carryOut(ctx, a.Plan, a)
			}
		}
	}
	if k.json {
		if err := export.WriteKill(k.env.Stdout, k.env.Now(), k.attempts); err != nil {
			return err
		}
	}
	return exits(worst(k.attempts))
}

// prepare makes and shows one plan; it returns 1 if that can be carried out.
func (k *killing) prepare(ctx context.Context, a *export.Attempt) int {
	plan, err := k.env.Engine.Plan(ctx, a.Aim)
	switch {
	case errors.Is(err, free.ErrNobody):
		return 0 // it has ended meanwhile
	case err != nil:
		k.fail(a, err)
		return 0
	}
	a.Plan = plan
	c := &plan.Choices[0]
	k.show(plan, 0, false)
	switch {
	case c.Blocked != "":
		a.Chosen = 0
		k.refuse(a, c)
		a.Chosen = -1
		return 0
	case view.Grave(c) && !k.yes:
		k.fail(a, errors.New(lang.X("cli.orphans.grave", "left alone, because others are concerned: use portlight kill --pid {{.PID}}", map[string]any{"PID": a.Aim.Process.PID})))
		return 0
	}
	a.Chosen = 0
	return 1
}

// agree asks whether all that was shown may be ended.
func (k *killing) agree(ctx context.Context, n int) error {
	if k.yes {
		return nil
	}
	if k.json || !k.env.mayAsk() {
		return errors.New(lang.X("cli.orphans.no_terminal", "nothing was done: this needs an answer and there is no terminal to ask; add --yes"))
	}
	answer, err := k.answer(ctx, lang.XN("cli.orphans.ask", "End these {{.Count}}? y/N", n, map[string]any{"Count": n}))
	if err != nil || !yes(answer) {
		return errors.New(lang.X("cli.ask.no", "nothing was done"))
	}
	return nil
}
