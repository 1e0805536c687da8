package cli

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

func newWait(env *Env) *cobra.Command {
	var w waiting
	var proto string
	cmd := &cobra.Command{
		Use:   "wait PORT --free|--listening [--timeout 30s] [--proto tcp|udp]",
		Short: lang.X("cli.wait.short", "Wait until a port is free, or something listens on it"),
		Long: lang.X("cli.wait.long", "Wait until a port can be bound (--free), or until something waits on it for peers (--listening).") +
			"\n\n" + lang.X("cli.wait.exit", "Exit codes: 0 it is so, 2 it wasn't within the time, 1 error, 130 interrupted."),
		Example:               "  portlight wait 3000 --free && npm start\n  npm start & portlight wait 3000 --listening && npm test",
		ValidArgsFunction:     completePort(env),
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if w.port, err = onePort(args); err != nil {
				return err
			}
			if w.proto, err = parseProto(proto); err != nil {
				return err
			}
			if w.free == w.listening {
				return errors.New(lang.X("cli.error.wait_for", "for what? Give either --free or --listening"))
			}
			if w.timeout <= 0 {
				return errors.New(lang.X("cli.error.timeout", "--timeout must be more than nothing: give a time such as 30s"))
			}
			return w.run(cmd.Context(), env)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&w.free, "free", false, lang.X("cli.flag.wait_free", "until a program can bind it as servers do"))
	f.BoolVar(&w.listening, "listening", false, lang.X("cli.flag.wait_listening", "until something listens on it"))
	f.DurationVar(&w.timeout, "timeout", 30*time.Second, lang.X("cli.flag.timeout", "how long at most: `TIME`"))
	f.StringVar(&proto, "proto", "tcp", lang.X("cli.flag.proto", "the protocol: `tcp|udp`"))
	f.SortFlags = false
	_ = cmd.RegisterFlagCompletionFunc("proto", protos)
	return cmd
}

// waiting are the flags of `wait`.
type waiting struct {
	port            uint16
	proto           sockets.Proto
	free, listening bool
	timeout         time.Duration
}

// step is the time between two looks: short against what people notice, long
// against what a look costs.
const step = 150 * time.Millisecond

func (w *waiting) run(ctx context.Context, env *Env) error {
	limit, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	why := ""
	for {
		now, because, err := w.look(limit, env)
		switch {
		case now:
			return nil
		case ctx.Err() != nil:
			return exit(ExitInterrupted)
		case err != nil && limit.Err() == nil:
			return err
		case because != "":
			why = because
		}
		select {
		case <-limit.Done():
			if ctx.Err() != nil {
				return exit(ExitInterrupted)
			}
			d := map[string]any{"Port": view.PortName(w.proto, w.port), "Time": view.Seconds(w.timeout), "Why": why}
			switch {
			case w.listening:
				env.say(lang.X("cli.wait.silent", "nothing listens on {{.Port}} after {{.Time}}", d))
			case why == "":
				env.say(lang.X("cli.wait.held", "{{.Port}} isn't free after {{.Time}}", d))
			default:
				env.say(lang.X("cli.wait.held_why", "{{.Port}} isn't free after {{.Time}}: {{.Why}}", d))
			}
			return errNothing
		case <-time.After(step):
		}
	}
}

// look reports whether it is so now, and if not why, where that is known.
func (w *waiting) look(ctx context.Context, env *Env) (now bool, why string, err error) {
	if w.listening {
		s, err := env.Engine.Once(ctx, false)
		if err != nil {
			return false, "", readError(err)
		}
		return len(endpointsOn(s, w.proto, w.port)) > 0, "", nil
	}
	// A try takes the port for an instant, and could be in the way of just the
	// program that is waited for: it is made only when nobody is seen there.
	q := doctor.Question{Port: w.port, Proto: w.proto}
	s, err := env.Engine.Once(ctx, false)
	if err != nil {
		return false, "", readError(err)
	}
	if es := endpointsOn(s, w.proto, w.port); len(es) > 0 {
		f := doctor.Finding{Cause: doctor.HeldHidden}
		for _, e := range es {
			f.Endpoints = append(f.Endpoints, *e)
			if len(e.Holders) > 0 {
				f.Cause = doctor.Held
			}
		}
		return false, view.Finding(&f, q), nil
	}
	d, err := env.Engine.Examine(ctx, q)
	if err != nil {
		return false, "", err
	}
	return d.Verdict == doctor.CanHave, view.Cause(d), nil
}
