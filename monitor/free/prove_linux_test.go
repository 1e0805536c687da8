package free

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestRun_HoldKeepsThePortFromWhoStartsItAgain(t *testing.T) {
	p := stage(t, "again children 1 listen_127.0.0.1:"+port(t), as("my-own-loop"))
	f := enact(t, p.plan(t, Machine{}), Order{Hold: true})
	if f.Ending == EndTakenAgain {
		t.Skip("the respawner was faster than the hold: nothing can be said of it")
	}
	wantEnding(t, f, EndFreed)
	if l, err := net.Listen("tcp", p.addr.String()); err == nil {
		l.Close()
		t.Error("somebody else could have the port")
	}
	if err := f.Held.Close(); err != nil {
		t.Error(err)
	}
}

func TestRun_HoldAndLetGo(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	f := enact(t, p.plan(t, Machine{}), Order{Hold: true})
	wantEnding(t, f, EndFreed)
	if f.Held == nil {
		t.Fatal("nothing is held")
	}
	if err := f.Held.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", p.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestRun_ClientsKeepTheClosedConnection(t *testing.T) {
	for name, c := range map[string]struct {
		words string
		want  Ending
	}{
		"of a server with SO_REUSEADDR: freed for its like": {"listen 127.0.0.1:0", EndLingering},
		"of one without: free for nobody yet":               {"plain listen 127.0.0.1:0", EndUnproven},
	} {
		t.Run(name, func(t *testing.T) {
			p := stage(t, c.words)
			connected(t, p.addr)
			plan := p.plan(t, Machine{})
			if got := plan.Choices[0].Clients; got != (Clients{Local: 1}) {
				t.Errorf("clients %+v, want one of this machine", got)
			}
			if !plan.Choices[0].Safe() {
				t.Errorf("a client of this machine is no risk: %v", plan.Choices[0].Risks)
			}
			f := enact(t, plan, Order{})
			wantEnding(t, f, c.want) // FIN_WAIT_2: the client hasn't closed
			if f.Wait <= 0 || f.Wait > 2*time.Minute {
				t.Errorf("it keeps the port for %v", f.Wait)
			}
		})
	}
}

func TestRun_AClientThatClosesAsWellLeavesTimeWait(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	conn := connected(t, p.addr)
	closed := make(chan struct{})
	go func() { defer close(closed); _, _ = io.ReadAll(conn); conn.Close() }()
	f := enact(t, p.plan(t, Machine{}), Order{})
	<-closed
	wantEnding(t, f, EndLingering)
	if f.Wait <= 0 || f.Wait > time.Minute {
		t.Errorf("it keeps the port for %v", f.Wait)
	}
}

func TestRun_TwoEndpointsOfOneProgram(t *testing.T) {
	n := port(t)
	p := stage(t, "listen 127.0.0.1:"+n+" listen [::1]:"+n)
	plan := planFor(t, Aim{Port: p.addr.Port()}, Machine{})
	if len(plan.Targets) != 2 || !plan.Choices[0].Safe() {
		t.Fatalf("targets %v, choice %+v", plan.Targets, plan.Choices[0])
	}
	wantEnding(t, enact(t, plan, Order{}), EndFreed)

	p = stage(t, "listen 127.0.0.1:"+n+" listen [::1]:"+n)
	plan = planFor(t, Aim{Port: p.addr.Port(), Addr: netip.MustParseAddr("::1")}, Machine{})
	if c := &plan.Choices[0]; len(plan.Targets) != 1 || !slices.Equal(c.Risks, []Risk{RiskOtherPorts}) || len(c.Also) != 1 || c.Also[0].Addr.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("targets %v, choice %+v", plan.Targets, c)
	}
}

func TestRun_AnotherAddressOfThePortStandsInTheWay(t *testing.T) {
	n := port(t)
	stage(t, "reuseport listen 0.0.0.0:"+n)
	p := stage(t, "reuseport listen 127.0.0.1:"+n)
	plan := planFor(t, Aim{Port: p.addr.Port(), Addr: p.addr.Addr()}, Machine{})
	f := enact(t, plan, Order{})
	wantEnding(t, f, EndStillHeld)
	if len(f.Holders) != 1 || f.Holders[0].Identity == p.id {
		t.Errorf("holders %v", f.Holders)
	}
}

func TestRun_AGroupThatSharesThePortEndsTogether(t *testing.T) {
	n := port(t)
	a, b := stage(t, "reuseport listen 127.0.0.1:"+n), stage(t, "reuseport listen 127.0.0.1:"+n)
	plan := a.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Kind != KindProcess || len(c.Victims) != 2 || !slices.Equal(c.Risks, []Risk{RiskSeveral}) {
		t.Fatalf("got %+v", c)
	}
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
	if a.alive() || b.alive() {
		t.Error("one lives")
	}
}

func TestRun_UDP(t *testing.T) {
	p := stage(t, "udp 127.0.0.1:0")
	plan := planFor(t, Aim{Port: p.addr.Port(), Proto: sockets.UDP}, Machine{})
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
}

func TestRun_StrangeNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"my server", "line\nbreak", "北京-ñ-\xff", "(weird) ) name"} {
		t.Run(strconv.Quote(name), func(t *testing.T) {
			p := stage(t, "listen 127.0.0.1:0", from(copyOf(t, filepath.Join(dir, name))), as(name, "--flag", "a b\nc"))
			plan := p.plan(t, Machine{})
			if got := plan.Choices[0].Name; got != name {
				t.Errorf("it is called %q", got)
			}
			wantEnding(t, enact(t, plan, Order{}), EndFreed)
		})
	}
}

func TestRun_ADeletedExecutable(t *testing.T) {
	path := copyOf(t, filepath.Join(t.TempDir(), "rebuilt"))
	p := stage(t, "listen 127.0.0.1:0", from(path))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	plan := p.plan(t, Machine{})
	if c := &plan.Choices[0]; c.Name != "rebuilt" || !c.Victims[0].ExeDeleted {
		t.Errorf("got %+v", c.Victims[0].Process)
	}
	wantEnding(t, enact(t, plan, Order{}), EndFreed)
}

func TestRun_ALookThatFailsSignalsNothing(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	blind := errors.New("no descriptors left")
	see := true
	m := Machine{Look: func(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
		if see {
			return monitor.Once(ctx, monitor.Options{}, connections)
		}
		return nil, blind
	}}
	plan := p.plan(t, m)
	see = false
	if f, err := plan.Run(t.Context(), Order{}, nil); !errors.Is(err, blind) {
		t.Fatalf("got %+v, %v", f, err)
	}
	if !p.alive() {
		t.Error("it was ended")
	}
}
