package free

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/process"
)

// stubEngine is a container engine.
type stubEngine struct {
	stop   func(ctx context.Context, id string, grace time.Duration) error
	policy containers.Policy
	err    error // of Policy
}

func (s stubEngine) Stop(ctx context.Context, id string, grace time.Duration) error {
	return s.stop(ctx, id, grace)
}

func (s stubEngine) Policy(_ context.Context, id string) (containers.Policy, error) {
	if id != shop.ID {
		return "", containers.ErrNotFound
	}
	return s.policy, s.err
}

var shop = monitor.Container{ID: strings.Repeat("ab", 32), Name: "shop-web-1", Image: "shop"}

func TestContainer_StandsForItsRelay(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	relay := func(e *monitor.Endpoint) {
		each(func(p *process.Process) { p.Name = "docker-proxy" })(e)
		e.Container = &shop
	}
	var got string
	engine := stubEngine{policy: containers.PolicyAlways, stop: func(_ context.Context, id string, grace time.Duration) error {
		got = fmt.Sprint(id[:4], " ", grace)
		p.end()
		return nil
	}}
	plan := p.plan(t, Machine{Look: dressed(p, relay), Containers: engine})
	c := &plan.Choices[0]
	if c.Kind != KindContainer || c.Reason != ReasonRelay || c.Name != shop.Name || !slices.Equal(c.Risks, []Risk{RiskContainer}) {
		t.Fatalf("first %+v", c)
	}
	one := choice(t, plan, KindProcess)
	if plan.Choices[one].Blocked != BlockedRelay {
		t.Errorf("the relay: %+v", plan.Choices[one])
	}
	if f, err := plan.Run(t.Context(), Order{Choice: one}, nil); err == nil || !p.alive() {
		t.Errorf("the relay was ended: %+v", f)
	}
	wantEnding(t, enact(t, plan, Order{Grace: 3 * time.Second}), EndFreed)
	if got != "abab -1ns" {
		t.Errorf("the engine was asked for %s: the grace time isn't its own", got)
	}
	// Without an engine there is nothing to be done.
	p = stage(t, "listen 127.0.0.1:0")
	for _, c := range p.plan(t, Machine{Look: dressed(p, relay)}).Choices {
		if c.Blocked == "" {
			t.Errorf("without an engine: %+v", c)
		}
	}
}

func TestContainer_Endings(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	inside := func(e *monitor.Endpoint) {
		each(func(p *process.Process) { p.Container = shop.ID })(e)
		e.Container = &shop
	}
	for err, want := range map[error]Ending{
		containers.ErrDenied:   EndDenied,
		containers.ErrRefused:  EndRunning,
		containers.ErrNoEngine: EndRunning,
		containers.ErrNotFound: EndStillHeld, // it is gone, so something else holds it
	} {
		engine := stubEngine{stop: func(context.Context, string, time.Duration) error { return fmt.Errorf("stop: %w", err) }}
		plan := p.plan(t, Machine{Look: dressed(p, inside), Containers: engine})
		if c := &plan.Choices[0]; c.Kind != KindContainer || c.Reason != ReasonContainer || len(c.Victims) != 1 {
			t.Fatalf("first %+v", c)
		}
		f := enact(t, plan, Order{})
		if f.Ending != want || !p.alive() {
			t.Errorf("%v: ended as %q, want %q", err, f.Ending, want)
		}
	}
}

// waits is an engine whose container ends for nobody who asks.
func waits(p *play, graces *[]time.Duration) stubEngine {
	var mu sync.Mutex
	killed := make(chan struct{})
	return stubEngine{stop: func(ctx context.Context, _ string, grace time.Duration) error {
		mu.Lock()
		*graces = append(*graces, grace)
		mu.Unlock()
		if grace == 0 {
			p.end()
			close(killed)
		}
		select {
		case <-killed:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

func TestContainer_IsForcedByUsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		order Order
		back  bool // taken back
		want  Ending
		asked []time.Duration
	}{
		"after the grace time":       {order: Order{Grace: shortly}, want: EndFreed, asked: []time.Duration{-1, 0}},
		"at once":                    {order: Order{Force: true}, want: EndFreed, asked: []time.Duration{0}},
		"never":                      {order: Order{Grace: shortly, NeverForce: true}, want: EndRunning, asked: []time.Duration{-1}},
		"not once it was taken back": {order: Order{Grace: time.Minute}, back: true, want: EndTakenBack, asked: []time.Duration{-1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stage(t, "listen 127.0.0.1:0")
			var asked []time.Duration
			look := dressed(p, func(e *monitor.Endpoint) {
				each(func(p *process.Process) { p.Container = shop.ID })(e)
				e.Container = &shop
			})
			plan := p.plan(t, Machine{Look: look, Containers: waits(p, &asked)})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.back {
				time.AfterFunc(shortly, cancel)
			}
			f, err := plan.Run(ctx, c.order, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantEnding(t, f, c.want)
			if !slices.Equal(asked, c.asked) || f.Forced != slices.Contains(asked, 0) || f.Managed {
				t.Errorf("the engine was asked %v, want %v: %+v", asked, c.asked, f)
			}
		})
	}
}

func TestContainer_ThatIsReplacedAtOnceComesBack(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	look := dressed(p, func(e *monitor.Endpoint) { e.Container = &shop })
	for _, tt := range []struct {
		name   string
		engine stubEngine
		want   bool
	}{
		{"a task of a swarm's service", stubEngine{policy: containers.PolicySwarm}, true},
		{"one that is there again after a boot", stubEngine{policy: containers.PolicyAlways}, false},
		{"one that the engine leaves alone", stubEngine{policy: containers.PolicyNo}, false},
		{"an engine that doesn't say", stubEngine{policy: containers.PolicySwarm, err: containers.ErrNoEngine}, false},
	} {
		c := &p.plan(t, Machine{Look: look, Containers: tt.engine}).Choices[0]
		if c.Kind != KindContainer || slices.Contains(c.Risks, RiskComesBack) != tt.want {
			t.Errorf("%s: %s with %v", tt.name, c.Kind, c.Risks)
		}
	}
}
