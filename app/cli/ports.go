package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

func newFree(env *Env) *cobra.Command {
	var near, within string
	var count int
	var udp, asJSON bool
	cmd := &cobra.Command{
		Use:   "free [--near PORT] [--count N] [--range A-B] [--udp] [--json]",
		Short: lang.X("cli.free.short", "Find ports that are free"),
		Long: lang.X("cli.free.long", "Print ports that a program can bind now, one a line: each was tried on every address, and\nlies outside what the system gives to outgoing connections or has set aside.") +
			"\n\n" + lang.X("cli.free.exit", "Exit codes: 0 as many as asked for, 2 fewer, 1 error."),
		Example:               "  portlight free\n  portlight free --near 8080 --count 3\n  PORT=$(portlight free --range 3000-3999) npm start",
		Args:                  noArgs,
		ValidArgsFunction:     cobra.NoFileCompletions,
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var from uint16
			var r bind.Range
			var err error
			if near != "" {
				if from, err = view.ParsePort(near); err != nil {
					return err
				}
			}
			if within != "" {
				if r, err = parseRange(within); err != nil {
					return err
				}
			}
			if count < 1 || count > 65535 {
				return errors.New(lang.X("cli.error.count", "--count can't be {{.Value}}: give a number from 1 to 65535", map[string]any{"Value": count}))
			}
			proto := sockets.TCP
			if udp {
				proto = sockets.UDP
			}
			return printFree(env, from, count, r, proto, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&near, "near", "", lang.X("cli.flag.near", "begin at `PORT` and look upwards"))
	f.IntVar(&count, "count", 1, lang.X("cli.flag.count", "how many: `N`"))
	f.StringVar(&within, "range", "", lang.X("cli.flag.range", "only ports from `A-B`"))
	f.BoolVar(&udp, "udp", false, lang.X("cli.flag.udp", "for UDP instead of TCP"))
	f.BoolVar(&asJSON, "json", false, lang.X("cli.flag.json", "print JSON (docs/json.md)"))
	f.SortFlags = false
	return cmd
}

func printFree(env *Env, near uint16, count int, within bind.Range, proto sockets.Proto, asJSON bool) error {
	ports, err := env.Engine.FreePorts(near, count, within, proto)
	if err != nil {
		return err
	}
	if asJSON {
		err = export.WritePorts(env.Stdout, env.Now(), proto, ports)
	} else {
		var b []byte
		for _, p := range ports {
			b = append(strconv.AppendUint(b, uint64(p), 10), '\n')
		}
		_, err = env.Stdout.Write(b)
	}
	if err == nil && len(ports) < count {
		d := map[string]any{"Count": len(ports)}
		if len(ports) == 0 {
			env.say(lang.X("cli.free.none", "no free port was found"))
		} else {
			env.say(lang.XN("cli.free.fewer", "only {{.Count}} free ports were found", len(ports), d))
		}
		return errNothing
	}
	return err
}

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

// endpointsOn finds what waits at a port.
func endpointsOn(s *monitor.Snapshot, proto sockets.Proto, port uint16) (es []*monitor.Endpoint) {
	for i := range s.Endpoints {
		if e := &s.Endpoints[i]; e.Proto == proto && e.Addr.Port() == port {
			es = append(es, e)
		}
	}
	return es
}

func newOpen(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "open PORT",
		Short: lang.X("cli.open.short", "Open what listens on a port in the browser"),
		Long: lang.X("cli.open.long", "Open what listens on a port in the browser. Without a desktop the address is printed instead.") +
			"\n\n" + lang.X("cli.open.exit", "Exit codes: 0 done, 2 nothing listens there, 1 error."),
		Example:               "  portlight open 3000",
		ValidArgsFunction:     completePort(env),
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			port, err := onePort(args)
			if err != nil {
				return err
			}
			s, err := env.Engine.Once(cmd.Context(), false)
			if err != nil {
				return readError(err)
			}
			es := endpointsOn(s, sockets.TCP, port)
			if len(es) == 0 {
				env.say(lang.X("cli.open.nobody", "nothing listens on {{.Port}}", map[string]any{"Port": view.PortName(sockets.TCP, port)}))
				return errNothing
			}
			url := addressOf(es)
			err = env.Engine.Browse(cmd.Context(), url)
			if errors.Is(err, ErrNoDesktop) {
				env.say(lang.X("cli.open.no_desktop", "there is no desktop here to open a browser on"))
				err = nil
			} else if err != nil {
				return err
			}
			_, err = fmt.Fprintln(env.Stdout, url)
			return err
		},
	}
}

// addressOf is where a browser reaches a port of this machine: by name, unless
// different programs have it, or it is bound to another network's address.
func addressOf(es []*monitor.Endpoint) string {
	first := es[0]
	host := "localhost"
	switch a := first.Addr.Addr().Unmap(); {
	case first.Exposure == monitor.ExposureNetwork:
		host = a.WithZone("").String()
	case len(es) > 1 && !sameHolders(es):
		host = a.String()
		if a.IsUnspecified() {
			host = map[bool]string{true: "127.0.0.1", false: "::1"}[a.Is4()]
		}
	}
	scheme, port := "http", first.Addr.Port()
	switch port {
	case 443, 4443, 8443, 9443, 10443:
		scheme = "https"
	}
	if scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
			host = "[" + host + "]"
		}
		return scheme + "://" + host + "/"
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return scheme + "://" + netip.AddrPortFrom(a, port).String() + "/"
	}
	return scheme + "://" + host + ":" + strconv.Itoa(int(port)) + "/"
}

func sameHolders(es []*monitor.Endpoint) bool {
	for _, e := range es[1:] {
		for _, h := range e.Holders {
			if !es[0].HeldBy(h.Identity) {
				return false
			}
		}
		if len(e.Holders) != len(es[0].Holders) {
			return false
		}
	}
	return true
}
