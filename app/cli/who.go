package cli

import (
	"bufio"
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

func newWho(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "who PORT [--json]",
		Short:   lang.X("cli.who.short", "Tell the story of one port"),
		Long:    lang.X("cli.who.long", "Tell the story of one port: who holds it, since when, started by what,\nin which directory, open to whom, and who is connected."),
		Example: "  portlight who 3000\n  portlight who 5432 --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New(lang.X("cli.error.one_port", "one port at a time: for several, use portlight list {{.First}},{{.Second}}",
					map[string]any{"First": args[0], "Second": args[1]}))
			}
			return nil
		},
		ValidArgsFunction: completePort(env),
		RunE: func(cmd *cobra.Command, args []string) error {
			port, err := view.ParsePort(append(args, "")[0])
			if err != nil {
				return err
			}
			return who(cmd.Context(), env, port, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, lang.X("cli.flag.json", "print JSON (docs/json.md)"))
	cmd.DisableFlagsInUseLine = true
	return cmd
}

func who(ctx context.Context, env *Env, port uint16, asJSON bool) error {
	s, err := env.Engine.Once(ctx, true)
	if err != nil {
		return readError(err)
	}
	stories := env.Engine.Who(s, port)
	var users []*monitor.Connection
	closing := 0
	if len(stories) == 0 {
		users, closing = usersOf(s, port)
	}
	if asJSON {
		err = export.WriteStories(env.Stdout, s.Taken, stories, users, s.Warnings)
	} else {
		out := bufio.NewWriter(env.Stdout)
		t := teller{out: out, colour: env.colours(), now: env.Now(), rows: view.NewBuilder()}
		for i := range stories {
			if i > 0 {
				out.WriteByte('\n')
			}
			t.story(&stories[i])
		}
		for _, c := range users {
			t.connection(c)
		}
		err = out.Flush()
	}
	if err == nil && len(stories)+len(users) == 0 {
		env.nobody(port, closing)
		return errNothing
	}
	return err
}

// usersOf finds the connections that use the port as their local one, and
// counts those that only wait for their time to pass (RFC 9293, 3.6.1).
func usersOf(s *monitor.Snapshot, port uint16) (users []*monitor.Connection, closing int) {
	for i := range s.Connections {
		c := &s.Connections[i]
		switch {
		case c.Local.Port() != port:
		case c.State == sockets.TimeWait || c.State == sockets.Closed:
			closing++
		default:
			users = append(users, c)
		}
	}
	return users, closing
}

// nobody says that a port is free, or all but.
func (e *Env) nobody(port uint16, closing int) {
	d := map[string]any{"Port": port, "Count": closing}
	if closing > 0 {
		e.say(lang.XN("cli.who.closing", "nothing holds port {{.Port}}; {{.Count}} closed connections keep it in TIME_WAIT for up to a minute", closing, d))
		return
	}
	e.say(lang.X("cli.who.nobody", "nothing holds port {{.Port}}", d))
}

// say writes an answer that isn't a result.
func (e *Env) say(s string) { _, _ = e.Stderr.Write([]byte("portlight: " + escape(s) + "\n")) }
