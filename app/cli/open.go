package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

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

// endpointsOn finds what waits at a port.
func endpointsOn(s *monitor.Snapshot, proto sockets.Proto, port uint16) (es []*monitor.Endpoint) {
	for i := range s.Endpoints {
		if e := &s.Endpoints[i]; e.Proto == proto && e.Addr.Port() == port {
			es = append(es, e)
		}
	}
	return es
}
