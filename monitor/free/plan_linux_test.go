package free

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestMake_NobodyHoldsIt(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	conn := connected(t, p.addr)
	local := netip.MustParseAddrPort(conn.LocalAddr().String())
	for name, a := range map[string]Aim{
		"a client's local port is no target": {Port: local.Port()},
		"another protocol":                   {Port: p.addr.Port(), Proto: sockets.UDP},
		"another address":                    {Port: p.addr.Port(), Addr: netip.MustParseAddr("::1")},
		"another process":                    {Port: p.addr.Port(), Process: p.id},
		"no aim at all":                      {},
	} {
		if name == "another process" {
			a.Process = stage(t, "listen 127.0.0.1:0").id
		}
		if plan, err := Make(t.Context(), a, Machine{}); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: got %+v, %v", name, plan, err)
		}
	}
	ended := stage(t, "listen 127.0.0.1:0")
	ended.end()
	if _, err := Make(t.Context(), Aim{Process: process.Identity{PID: ended.id.PID}}, Machine{}); !errors.Is(err, process.ErrGone) {
		t.Errorf("a process that has ended: %v", err)
	}
}

func TestMake_NeverOurselvesNorWhoWeRunUnder(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	aim := Aim{Port: netip.MustParseAddrPort(l.Addr().String()).Port()}
	plan := planFor(t, aim, Machine{})
	for i, c := range plan.Choices {
		if c.Blocked != BlockedProtected || c.Protection != process.ProtectedSelf {
			t.Errorf("choice %d: %+v", i, c)
		}
		var blocked *BlockedError
		if f, err := plan.Run(t.Context(), Order{Choice: i, Force: true}, nil); !errors.As(err, &blocked) || !errors.Is(err, process.ErrProtected) {
			t.Errorf("choice %d ran: %+v, %v", i, f, err)
		}
	}
}

func TestMake_AClosedPlanAndAChoiceItLacksAreNotRun(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	plan := p.plan(t, Machine{})
	for _, i := range []int{-1, len(plan.Choices)} {
		if f, err := plan.Run(t.Context(), Order{Choice: i}, nil); err == nil {
			t.Errorf("choice %d: %+v", i, f)
		}
	}
	plan.Close()
	if f, err := plan.Run(t.Context(), Order{}, nil); err == nil || !p.alive() {
		t.Errorf("closed: %+v", f)
	}
	plan.Close()
}

func TestMake_Risks(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	conn := connected(t, p.addr)
	for name, c := range map[string]struct {
		dress func(*monitor.Endpoint)
		want  []Risk
	}{
		"none":            {func(*monitor.Endpoint) {}, nil},
		"of another user": {each(func(p *process.Process) { p.UID, p.User = 4711, "somebody" }), []Risk{RiskOtherUser}},
		"of nobody knows": {each(func(p *process.Process) { p.HasUID, p.User = false, "" }), []Risk{RiskOtherUser}},
		"the editor":      {each(func(p *process.Process) { p.Name = "code" }), []Risk{RiskDesktop}},
		"a container":     {each(func(p *process.Process) { p.Container = "my-machine" }), []Risk{RiskContainer}},
		"restarted by air": {each(func(p *process.Process) {
			p.Parents = append([]process.Ancestor{{Identity: process.Identity{PID: 1<<22 + 1, Start: 1}, Name: "air"}}, p.Parents...)
		}), []Risk{RiskComesBack}},
		"not all may be read": {func(e *monitor.Endpoint) {
			e.HoldersComplete = false
			e.Creators = []monitor.Creator{{HasUID: true}}
		}, []Risk{RiskUnseen}},
		"an ordinary user can't read all, but this socket is theirs": {func(e *monitor.Endpoint) { e.HoldersComplete = false }, nil},
	} {
		plan := p.plan(t, Machine{Look: dressed(p, c.dress)})
		if got := plan.Choices[0]; got.Kind != KindProcess || !slices.Equal(got.Risks, c.want) || got.Safe() != (c.want == nil) {
			t.Errorf("%s: %q risks %v, want %v", name, got.Kind, got.Risks, c.want)
		}
	}
	_ = conn
}

func TestMake_ManagersAndTheKernelAreNotEnded(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	for name, c := range map[string]struct {
		dress func(*monitor.Endpoint)
		want  Blocked
	}{
		"the user's own service manager": {each(func(p *process.Process) { p.Name = "systemd" }), BlockedProtected},
		"a relay":                        {each(func(p *process.Process) { p.Name = "docker-proxy" }), BlockedRelay},
		"the kernel":                     {func(e *monitor.Endpoint) { e.Owner, e.Holders = monitor.OwnerKernel, nil }, BlockedKernel},
		"somebody hidden":                {func(e *monitor.Endpoint) { e.Owner, e.Holders = monitor.OwnerHidden, nil }, BlockedHidden},
		"somebody who has ended":         {each(func(p *process.Process) { p.Start++ }), BlockedGone},
	} {
		plan := p.plan(t, Machine{Look: dressed(p, c.dress)})
		if got := plan.Choices[0]; got.Blocked != c.want || got.Safe() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if !p.alive() {
		t.Error("it was ended")
	}
}
