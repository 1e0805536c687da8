package cli

import (
	"bufio"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/view"
)

// killing are the flags of `kill`, and what came of it.
type killing struct {
	pid, restarter                                int
	tree, force, dryRun, yes, elevate, hold, json bool
	grace                                         time.Duration

	env      *Env
	answers  *bufio.Reader // from the terminal
	attempts []export.Attempt
	held     holding
}

func newKill(env *Env) *cobra.Command {
	k := killing{env: env}
	cmd := &cobra.Command{
		Use:   "kill PORT…|--pid N [--restarter N] [--tree] [--force] [--grace 5s] [--dry-run] [--yes] [--elevate] [--hold] [--json]",
		Short: lang.X("cli.kill.short", "Free ports: end who holds them, and prove it"),
		Long: lang.X("cli.kill.long", "Free ports: show who would end and what goes with it, ask where anybody else is concerned,\nask the holder to end, force it after a while, and prove that the port can be bound.\nOnly what waits on the port is a target, never a client. Ctrl+C while it is given time to\nend takes it back: it is not forced. PORT can be a range such as 3000-3005.") +
			"\n\n" + lang.X("cli.kill.exit", "Exit codes:\n  0 freed        1 error, or nothing was done   2 nobody holds it\n  3 freed, but programs without SO_REUSEADDR have to wait\n  4 freed and taken again     5 its holder ended, and it is still held\n  6 its holder still runs     7 not permitted\n  8 never to be ended         9 taken back\n 10 freed as far as can be seen: only an administrator can bind it\nWith several ports: 1 if any could not be dealt with, otherwise the highest."),
		Example:               "  portlight kill 3000\n  portlight kill 3000 8080-8085 --dry-run\n  portlight kill 3000 --tree --yes\n  portlight kill --pid 4242\n  portlight kill 5000 --hold",
		ValidArgsFunction:     completePorts(env),
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE:                  func(cmd *cobra.Command, args []string) error { return k.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.IntVar(&k.pid, "pid", 0, lang.X("cli.flag.pid", "what the process `N` holds, at PORT or everywhere"))
	f.IntVar(&k.restarter, "restarter", 0, lang.X("cli.flag.restarter", "who starts the holder again, to be ended with it: the process `N`"))
	f.BoolVar(&k.tree, "tree", false, lang.X("cli.flag.tree", "the holder and everything it started"))
	f.BoolVar(&k.force, "force", false, lang.X("cli.flag.force", "don't ask it to end first: what it hasn't saved is lost"))
	f.DurationVar(&k.grace, "grace", free.DefaultGrace, lang.X("cli.flag.grace", "the `TIME` it is given to end before it is forced"))
	f.BoolVar(&k.dryRun, "dry-run", false, lang.X("cli.flag.dry_run", "show the plan and do nothing"))
	f.BoolVar(&k.yes, "yes", false, lang.X("cli.flag.yes", "ask nothing: do what the plan recommends"))
	f.BoolVar(&k.elevate, "elevate", false, lang.X("cli.flag.elevate", "where it takes an administrator's rights, have the system ask for them"))
	f.BoolVar(&k.hold, "hold", false, lang.X("cli.flag.hold", "then hold the port, so that nobody takes it again, until interrupted"))
	f.BoolVar(&k.json, "json", false, lang.X("cli.flag.json_ask", "print JSON (docs/json.md), and ask nothing"))
	f.SortFlags = false
	return cmd
}

// run frees what the arguments name. ctx ends with Ctrl+C: that takes back
// what isn't forced yet, and ends --hold.
func (k *killing) run(ctx context.Context, args []string) error {
	ranges, err := k.parse(args)
	if err != nil {
		return err
	}
	aims, err := k.aims(ctx, ranges)
	if err != nil {
		return err
	}
	defer k.held.release()
	for i, a := range aims {
		at := export.Attempt{Aim: a, Chosen: -1}
		k.attempt(ctx, &at)
		k.attempts = append(k.attempts, at)
		if ctx.Err() != nil && i < len(aims)-1 {
			k.env.say(lang.X("cli.kill.stopped", "the other ports are left alone"))
			break
		}
	}
	if k.json {
		if err := export.WriteKill(k.env.Stdout, k.env.Now(), k.attempts); err != nil {
			return err
		}
	}
	k.held.untilInterrupted(ctx, k.env)
	return exits(worst(k.attempts))
}

// parse checks everything that can be wrong before anything is read.
func (k *killing) parse(args []string) ([]bind.Range, error) {
	switch {
	case k.pid < 0 || k.pid == 0 && len(args) == 0:
		if k.pid < 0 {
			return nil, &view.ParseError{Code: view.CodePID, Term: strconv.Itoa(k.pid)}
		}
		return nil, errors.New(lang.X("cli.error.kill_what", "what is to be freed? Give a port, such as portlight kill 3000, or --pid"))
	case int64(k.pid) > 1<<31-1:
		return nil, &view.ParseError{Code: view.CodePID, Term: strconv.Itoa(k.pid)}
	case k.restarter < 0, int64(k.restarter) > 1<<31-1:
		return nil, &view.ParseError{Code: view.CodePID, Term: strconv.Itoa(k.restarter)}
	case k.grace <= 0:
		return nil, errors.New(lang.X("cli.error.grace", "--grace must be more than nothing: give a time such as 5s, or use --force"))
	}
	var ranges []bind.Range
	for _, a := range args {
		for part := range strings.SplitSeq(a, ",") {
			r, err := parseRange(part)
			if err != nil {
				return nil, err
			}
			ranges = append(ranges, r)
		}
	}
	return ranges, nil
}

// aims turns ports and ranges into aims. Of a range only the ports that
// something waits at count, unless there is none.
func (k *killing) aims(ctx context.Context, ranges []bind.Range) ([]free.Aim, error) {
	who := process.Identity{PID: int32(k.pid)}
	var again process.Identity
	if k.restarter != 0 {
		var err error
		if again, err = process.Identify(int32(k.restarter)); err != nil {
			return nil, errors.New(lang.X("cli.kill.no_process", "there is no process {{.PID}}", map[string]any{"PID": k.restarter}))
		}
	}
	if len(ranges) == 0 {
		return []free.Aim{{Process: who, Restarter: again}}, nil
	}
	var ports []uint16
	add := func(p uint16) {
		if !slices.Contains(ports, p) {
			ports = append(ports, p)
		}
	}
	for _, r := range ranges {
		if r.From == r.To {
			add(r.From)
			continue
		}
		s, err := k.env.Engine.Once(ctx, false)
		if err != nil {
			return nil, readError(err)
		}
		found := false
		for i := range s.Endpoints {
			if p := s.Endpoints[i].Addr.Port(); r.Contains(p) {
				add(p)
				found = true
			}
		}
		if !found {
			k.env.say(lang.X("cli.kill.nobody_in", "nobody holds a port from {{.From}} to {{.To}}", map[string]any{"From": r.From, "To": r.To}))
			k.attempts = append(k.attempts, export.Attempt{Aim: free.Aim{Port: r.From}, Chosen: -1, Exit: ExitNothing})
		}
	}
	aims := make([]free.Aim, len(ports))
	for i, p := range ports {
		aims[i] = free.Aim{Port: p, Process: who, Restarter: again}
	}
	return aims, nil
}

// worst is the exit code of all attempts.
func worst(as []export.Attempt) int {
	code := ExitDone
	for _, a := range as {
		switch {
		case a.Exit == ExitError:
			return ExitError
		case a.Exit > code:
			code = a.Exit
		}
	}
	return code
}
