package free

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// stubUnits is a service manager with one unit.
type stubUnits struct {
	unit *units.Unit
	err  error // of questions
	// agree takes as long as the user who is asked for a password; nil asks
	// nobody.
	agree func(context.Context) error
	stop  func(context.Context) error
	kill  func() error
}

func (s *stubUnits) Of(_ context.Context, pid int32) (*units.Unit, error) {
	if s.err == nil && !slices.Contains(s.unit.PIDs, pid) {
		return nil, units.ErrNoUnit
	}
	return s.unit, s.err
}

func (s *stubUnits) ByName(_ context.Context, name string, user bool) (*units.Unit, error) {
	if s.err == nil && (s.unit.Name != name || s.unit.User != user) {
		return nil, units.ErrNoUnit
	}
	return s.unit, s.err
}

func (s *stubUnits) SocketFor(context.Context, sockets.Proto, netip.AddrPort) (*units.Unit, error) {
	return s.unit, s.err
}

func (s *stubUnits) Stop(ctx context.Context, _ *units.Unit, accepted func()) error {
	if s.agree != nil {
		if err := s.agree(ctx); err != nil {
			return err
		}
	}
	accepted()
	return s.stop(ctx)
}

func (s *stubUnits) Kill(context.Context, *units.Unit) error { return s.kill() }

// dressed looks at this machine and tells of the play's endpoint what dress
// makes of it.
func dressed(p *play, dress func(*monitor.Endpoint)) func(context.Context, bool) (*monitor.Snapshot, error) {
	return func(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
		s, err := monitor.Once(ctx, monitor.Options{}, connections)
		if err != nil {
			return nil, err
		}
		for i := range s.Endpoints {
			if s.Endpoints[i].Addr == p.addr {
				dress(&s.Endpoints[i])
			}
		}
		return s, nil
	}
}

// each changes a copy of every holder.
func each(change func(*process.Process)) func(*monitor.Endpoint) {
	return func(e *monitor.Endpoint) {
		hs := slices.Clone(e.Holders)
		for i := range hs {
			p := *hs[i].Process
			change(&p)
			hs[i].Process = &p
		}
		e.Holders = hs
	}
}

var ofService = each(func(p *process.Process) {
	p.Unit, p.Parents = "shop.service", []process.Ancestor{{Identity: process.Identity{PID: 1, Start: 1}, Name: "systemd"}}
})

func TestUnit_IsTheChoiceForAService(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	m := &stubUnits{unit: &units.Unit{Name: "shop.service", Restarts: true, CanStop: true, PIDs: []int32{p.id.PID}}}
	plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
	c := &plan.Choices[0]
	if c.Kind != KindUnit || c.Reason != ReasonUnit || !slices.Equal(c.Risks, []Risk{RiskService}) || len(c.Victims) != 1 {
		t.Fatalf("the plan has %v, first %+v", kinds(plan), c)
	}
	one := &plan.Choices[choice(t, plan, KindProcess)]
	if !slices.Equal(one.Risks, []Risk{RiskService, RiskComesBack}) || one.Reason != "" {
		t.Errorf("ended alone: %+v", one)
	}
	m.stop = func(context.Context) error { p.end(); return nil }
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
}

func TestUnit_StartedInATerminalIsNoService(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	look := dressed(p, each(func(p *process.Process) {
		p.Unit = "app-org.kde.konsole@1.service"
		p.Parents = []process.Ancestor{{Name: "bash"}, {Name: "konsole"}, {Identity: process.Identity{PID: 1}, Name: "systemd"}}
	}))
	plan := p.plan(t, Machine{Look: look, Units: &stubUnits{unit: &units.Unit{Name: "app-org.kde.konsole@1.service", PIDs: []int32{p.id.PID}}}})
	if c := &plan.Choices[0]; c.Kind != KindProcess || !c.Safe() || len(plan.Choices) != 1 {
		t.Errorf("the plan has %v, first %+v", kinds(plan), c)
	}
}

func TestUnit_AManagerThatDoesNotAnswerLeavesTheProcess(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	for name, m := range map[string]UnitManager{
		"there is none":   nil,
		"it says so":      &stubUnits{err: units.ErrNoManager},
		"it doesn't stop": &stubUnits{unit: &units.Unit{Name: "shop.service", PIDs: []int32{p.id.PID}}},
	} {
		plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
		if c := &plan.Choices[0]; c.Kind != KindProcess || c.Blocked != "" || c.Safe() || !slices.Contains(c.Risks, RiskService) {
			t.Errorf("%s: first %+v", name, c)
		}
		if c := &plan.Choices[1]; c.Kind != KindUnit || c.Blocked != BlockedManager || c.Name != "shop.service" {
			t.Errorf("%s: second %+v", name, c)
		}
		var blocked *BlockedError
		if f, err := plan.Run(t.Context(), Order{Choice: 1}, nil); !errors.As(err, &blocked) || blocked.Why != BlockedManager {
			t.Errorf("%s: got %+v, %v", name, f, err)
		}
	}
}

func TestUnit_Endings(t *testing.T) {
	for name, c := range map[string]struct {
		stop  error
		never bool // Stop returns with its context only
		order Order
		want  Ending
	}{
		"its manager doesn't let us":      {stop: fmt.Errorf("polkit: %w", units.ErrDenied), want: EndDenied},
		"its manager refuses":             {stop: units.ErrRefused, want: EndRunning},
		"it is stopped and still holds":   {want: EndStillHeld},
		"it takes long, and is not hurry": {never: true, order: Order{Grace: shortly, NeverForce: true}, want: EndRunning},
		"it takes long, and is killed":    {never: true, order: Order{Grace: shortly}, want: EndFreed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stage(t, "listen 127.0.0.1:0")
			killed := make(chan struct{})
			m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
			m.stop = func(ctx context.Context) error {
				if !c.never {
					return c.stop
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-killed:
					return nil
				}
			}
			m.kill = func() error { p.end(); close(killed); return nil }
			plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
			f := enact(t, plan, c.order)
			wantEnding(t, f, c.want)
			if alive := c.want != EndFreed; p.alive() != alive || len(f.Alive) == 0 == alive {
				t.Errorf("alive %v: %+v", p.alive(), f)
			}
			if c.stop != nil && !errors.Is(f.Err, c.stop) {
				t.Errorf("the error is %v", f.Err)
			}
		})
	}
}

func TestUnit_TakenBack(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
	m.stop = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
	ctx, cancel := context.WithTimeout(t.Context(), shortly)
	defer cancel()
	f, err := plan.Run(ctx, Order{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEnding(t, f, EndTakenBack)
	if !f.Managed {
		t.Error("it doesn't say that its manager goes on")
	}
}

func TestUnit_TheGraceTimeBeginsWhenItsManagerHasAgreed(t *testing.T) {
	for name, order := range map[string]Order{"asked": {Grace: shortly}, "forced": {Force: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stage(t, "listen 127.0.0.1:0")
			killed := make(chan struct{})
			var agreed, after time.Time
			m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
			m.agree = func(context.Context) error { time.Sleep(3 * shortly); agreed = time.Now(); return nil }
			m.stop = func(context.Context) error { <-killed; return nil }
			m.kill = func() error { after = time.Now(); p.end(); close(killed); return nil }
			plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
			waited := false
			f, err := plan.Run(t.Context(), order, func(s Step) { waited = waited || s.Stage == StageAsking && s.Grace == 0 })
			if err != nil {
				t.Fatal(err)
			}
			wantEnding(t, f, EndFreed)
			if agreed.IsZero() || after.Sub(agreed) < headStart {
				t.Errorf("agreed %v, killed %v", agreed, after)
			}
			if !f.Forced || !waited {
				t.Errorf("forced %v, waiting told %v", f.Forced, waited)
			}
		})
	}
}

func TestUnit_WhoIsNotForcedIsStoppedAllTheSame(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
	refused := make(chan struct{})
	m.kill = func() error { close(refused); return units.ErrDenied }
	m.stop = func(context.Context) error {
		<-refused
		time.Sleep(shortly) // its own time
		p.end()
		return nil
	}
	plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
	f := enact(t, plan, Order{Grace: shortly})
	wantEnding(t, f, EndFreed)
	if f.Forced {
		t.Error("it is called forced")
	}
}

func TestUnit_AForceThatWaitsForAPasswordIsTakenBack(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
	m.stop = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	m.kill = func() error { cancel(); time.Sleep(shortly); return units.ErrDenied }
	plan := p.plan(t, Machine{Look: dressed(p, ofService), Units: m})
	f, err := plan.Run(ctx, Order{Grace: shortly}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEnding(t, f, EndTakenBack)
	if f.Forced || !p.alive() {
		t.Errorf("%+v", f)
	}
}

func TestUnit_PID1ListensForIt(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	first, err := process.Identify(1)
	if err != nil {
		t.Fatal(err)
	}
	look := dressed(p, each(func(p *process.Process) { *p = process.Process{Identity: first, Name: "systemd"} }))
	m := &stubUnits{unit: &units.Unit{Name: "shop.socket", Listens: true, CanStop: true}}
	m.stop = func(context.Context) error { p.end(); return nil }
	plan := p.plan(t, Machine{Look: look, Units: m})
	if c := &plan.Choices[0]; c.Kind != KindUnit || c.Reason != ReasonSocket || c.Name != "shop.socket" {
		t.Fatalf("first %+v", c)
	}
	if c := &plan.Choices[choice(t, plan, KindProcess)]; c.Blocked != BlockedProtected || c.Protection != process.ProtectedSystem {
		t.Errorf("the process: %+v", c)
	}
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
}

func TestUnit_OfAHiddenHolder(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	hidden := func(uid uint32) func(*monitor.Endpoint) {
		return func(e *monitor.Endpoint) {
			e.Owner, e.Holders, e.HoldersComplete = monitor.OwnerHidden, nil, false
			e.Creators = []monitor.Creator{{HasUID: true, UID: uid, Unit: "shop.service"}}
		}
	}
	m := &stubUnits{unit: &units.Unit{Name: "shop.service", CanStop: true, PIDs: []int32{p.id.PID}}}
	m.stop = func(context.Context) error { p.end(); return nil }
	plan := p.plan(t, Machine{Look: dressed(p, hidden(1000)), Units: m})
	if c := &plan.Choices[0]; c.Kind != KindProcess || c.Blocked != BlockedHidden || len(plan.Choices) != 1 {
		t.Errorf("a user's unit may have any name: %+v", plan.Choices)
	}
	plan = p.plan(t, Machine{Look: dressed(p, hidden(0)), Units: m})
	if c := &plan.Choices[0]; c.Kind != KindUnit || !slices.Contains(c.Risks, RiskUnseen) {
		t.Fatalf("first %+v", c)
	}
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
}
