package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// holding is what --hold holds.
type holding struct {
	ports []io.Closer
	names []string
}

func (h *holding) add(port io.Closer, name string) {
	h.ports = append(h.ports, port)
	h.names = append(h.names, name)
}

func (h *holding) release() {
	for _, p := range h.ports {
		p.Close()
	}
}

// untilInterrupted keeps what is held until ctx ends.
func (h *holding) untilInterrupted(ctx context.Context, env *Env) {
	if len(h.ports) == 0 {
		return
	}
	env.say(lang.X("cli.kill.holding", "holding {{.Port}} until interrupted (Ctrl+C)", map[string]any{"Port": strings.Join(h.names, ", ")}))
	<-ctx.Done()
}

// keepFree holds a port that nobody holds: for TCP, on every address, over
// IPv6 as well where there is such.
func (k *killing) keepFree(a *export.Attempt) {
	port := a.Aim.Port
	held, err := k.env.Engine.Hold(sockets.TCP, netip.AddrPortFrom(netip.IPv6Unspecified(), port))
	if err != nil {
		held, err = k.env.Engine.Hold(sockets.TCP, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	}
	if err != nil {
		k.notHeld(a, err)
		return
	}
	k.held.add(held, view.PortName(sockets.TCP, port))
}

// keepTargets holds what another program has freed for us.
func (k *killing) keepTargets(plan *free.Plan, a *export.Attempt) {
	if !k.hold || a.Exit != ExitDone && a.Exit != ExitLingering {
		return
	}
	for i := range plan.Targets {
		t := &plan.Targets[i]
		addr := netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port())
		held, err := k.env.Engine.Hold(t.Proto, addr)
		if err != nil {
			k.notHeld(a, err)
			return
		}
		k.held.add(held, view.PortName(t.Proto, addr.Port()))
	}
}

func (k *killing) notHeld(a *export.Attempt, err error) {
	a.Err, a.Exit = err, ExitStillHeld
	if errors.Is(err, fs.ErrPermission) {
		a.Exit = ExitDenied
	}
	k.env.complain(err)
}
