package doctor

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sys/windows/registry"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/netsh"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// readSystem asks Windows what its table of endpoints leaves out.
func (e *Evidence) readSystem(ctx context.Context, q *Question) {
	e.Elevated = process.Privileged()
	if q.Proto == sockets.TCP {
		var err error
		if e.Lingering, err = sockets.LingeringOn(q.Port); err != nil {
			e.Missing = append(e.Missing, err)
		}
	}
	on := e.endpointsOn(q)
	if slices.ContainsFunc(on, func(p monitor.Endpoint) bool { return p.Owner == monitor.OwnerKernel }) {
		text, err := netsh.Run(ctx, "http", "show", "servicestate", "view=requestq")
		if err != nil {
			e.Missing = append(e.Missing, err)
		}
		e.HTTPSys = parseURLGroups(text, q.Port)
		readHoldersOf(ctx, e.HTTPSys)
	}
	if q.Reach {
		e.Barriers = e.barriers(q, on)
	}
}

// readHoldersOf reads the facts of the processes behind http.sys.
func readHoldersOf(ctx context.Context, groups []URLGroup) {
	facts := process.NewReader()
	for i := range groups {
		g := &groups[i]
		for _, pid := range g.PIDs {
			if id, err := process.Identify(pid); err == nil {
				g.Holders = append(g.Holders, monitor.Holder{Process: facts.Facts(ctx, process.Claim{Identity: id})})
			}
		}
	}
}

// barriers finds what stands between the port and other machines.
func (e *Evidence) barriers(q *Question, on []monitor.Endpoint) []Barrier {
	all := boundNarrowly(on)
	for _, p := range on {
		if slices.ContainsFunc(p.Holders, isWSLRelay) {
			all = append(all, Barrier{Kind: BarrierWSL, Evidence: p.Addr.String(), Certain: true})
		}
	}
	profiles, err := readFirewall()
	if err != nil {
		return append(all, Barrier{Kind: BarrierUnknown, Evidence: err.Error()})
	}
	t := fwTarget{Proto: q.Proto, Port: q.Port, Expand: expand}
	for _, p := range on {
		for _, h := range p.Holders {
			t.Programs = append(t.Programs, h.Exe)
			t.Services = append(t.Services, strings.Split(h.Unit, ", ")...)
		}
		if p.Owner == monitor.OwnerKernel {
			t.Programs = append(t.Programs, "System") // what rules call it
		}
	}
	return append(all, winFirewall(profiles, &t)...)
}

func expand(path string) string {
	if text, err := registry.ExpandString(path); err == nil {
		return text
	}
	return path
}
