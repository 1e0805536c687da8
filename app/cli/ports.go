package cli

import (
	"errors"
	"strconv"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor/bind"
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
