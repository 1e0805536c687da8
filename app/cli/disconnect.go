package cli

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

func newDisconnect(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "disconnect LOCAL:PORT REMOTE:PORT",
		Short: lang.X("cli.disconnect.short", "Close one connection of any program"),
		Long: lang.X("cli.disconnect.long", "Close one TCP connection, whichever program it belongs to; the program goes on. The system lets\nonly root or an administrator do that. portlight list --all shows the connections.") +
			"\n\n" + lang.X("cli.disconnect.exit", "Exit codes: 0 closed, 2 there is no such connection, 7 not permitted, 1 error."),
		Example:               "  portlight disconnect 127.0.0.1:5432 127.0.0.1:40112\n  portlight disconnect [::1]:3000 [::1]:50004",
		ValidArgsFunction:     completeConnection(env),
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New(lang.X("cli.error.two_ends", "give both ends of the connection, as in: portlight disconnect 127.0.0.1:5432 127.0.0.1:40112"))
			}
			var ends [2]netip.AddrPort
			for i, a := range args {
				end, err := netip.ParseAddrPort(a)
				if err != nil || end.Port() == 0 {
					return errors.New(lang.X("cli.error.end", `"{{.Value}}" is not an end of a connection: write address:port, as in 127.0.0.1:5432 or [::1]:3000`, map[string]any{"Value": a}))
				}
				ends[i] = end
			}
			return disconnect(cmd.Context(), env, ends[0], ends[1])
		},
	}
}

func disconnect(ctx context.Context, env *Env, local, remote netip.AddrPort) error {
	d := map[string]any{"Local": local, "Remote": remote}
	find := func() (*monitor.Connection, error) {
		s, err := env.Engine.Once(ctx, true)
		if err != nil {
			return nil, readError(err)
		}
		return connectionBetween(s, local, remote), nil
	}
	c, err := find()
	if err != nil {
		return err
	}
	if c == nil {
		env.say(lang.X("cli.disconnect.none", "there is no connection from {{.Local}} to {{.Remote}}", d))
		return errNothing
	}
	err = env.Engine.Disconnect(c.Socket)
	switch {
	case errors.Is(err, sockets.ErrGone):
		env.say(lang.X("cli.disconnect.gone", "the connection has ended by itself"))
		return errNothing
	case errors.Is(err, fs.ErrPermission):
		why := lang.X("cli.disconnect.denied", "the system lets only root or an administrator close others' connections")
		if !env.Root {
			why += "; " + env.elevated("disconnect", local.String(), remote.String())
		}
		env.say(why)
		return exit(ExitDenied)
	case errors.Is(err, errors.ErrUnsupported):
		return errors.New(lang.X("cli.disconnect.unsupported", "this system can't close a connection from outside"))
	case err != nil:
		return err
	}
	// The kernel closes it at once; its rows may take a moment to go.
	for range 10 {
		again, err := find()
		if err != nil {
			return err
		}
		if again == nil || again.Handle != c.Handle || closing(again.State) {
			p := env.page()
			d["Who"] = view.HolderNames(c.Holders)
			if len(c.Holders) == 0 {
				p.text("", green, lang.X("cli.disconnect.closed", "closed {{.Local}} → {{.Remote}}", d))
			} else {
				p.text("", green, lang.X("cli.disconnect.closed_of", "closed {{.Local}} → {{.Remote}} of {{.Who}}", d))
			}
			return p.print(env.Stdout)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New(lang.X("cli.disconnect.still", "the system took the request, and the connection is still there"))
}

// closing reports whether a connection can carry nothing any more.
func closing(s sockets.State) bool { return s == sockets.TimeWait || s == sockets.Closed }

// connectionBetween finds a connection by its ends, however they are spelt:
// where IPv4 meets a socket of both families, ::ffff:127.0.0.1 is 127.0.0.1.
func connectionBetween(s *monitor.Snapshot, local, remote netip.AddrPort) *monitor.Connection {
	plain := func(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
	for i := range s.Connections {
		c := &s.Connections[i]
		if c.Proto == sockets.TCP && !closing(c.State) && plain(c.Local) == plain(local) && plain(c.Remote) == plain(remote) {
			return c
		}
	}
	return nil
}

// completeConnection offers the connections' ends.
func completeConnection(env *Env) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), patience)
		defer cancel()
		s, err := env.Engine.Once(ctx, true)
		if err != nil || len(args) > 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []cobra.Completion
		for i := range s.Connections {
			c := &s.Connections[i]
			end := c.Local.String()
			if len(args) == 1 {
				if args[0] != end {
					continue
				}
				end = c.Remote.String()
			}
			if c.Proto == sockets.TCP && !closing(c.State) && strings.HasPrefix(end, typed) {
				out = append(out, cobra.CompletionWithDesc(end, escape(view.HolderNames(c.Holders))))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}
