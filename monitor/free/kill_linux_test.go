package free

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// holder starts a process that listens and returns what a user would see.
func holder(t *testing.T, words string) (*play, Request) {
	t.Helper()
	p := stage(t, words)
	return p, Request{Target: p.id, Key: monitor.Key{Proto: sockets.TCP, Addr: p.addr}}
}

func TestKill_APoliteProcessEndsAndThePortIsFree(t *testing.T) {
	_, r := holder(t, "listen 127.0.0.1:0")
	var seen []Progress
	res, err := Kill(t.Context(), r, func(p Progress) { seen = append(seen, p) })
	if err != nil || res.Outcome != Freed {
		t.Fatalf("got %+v, %v; want Freed", res, err)
	}
	if len(seen) == 0 || seen[0].Grace != DefaultGrace {
		t.Errorf("progress was %v", seen)
	}
	l, err := net.Listen("tcp4", r.Key.Addr.String())
	if err != nil {
		t.Fatalf("the port can't be bound: %v", err)
	}
	l.Close()
}

func TestKill_AStubbornProcessOutlivesItsGraceAndNotTheForce(t *testing.T) {
	_, r := holder(t, "stubborn listen 127.0.0.1:0")
	r.Grace = 300 * time.Millisecond
	res, err := Kill(t.Context(), r, nil)
	if err != nil || res.Outcome != StillRunning || res.Elapsed < r.Grace {
		t.Fatalf("got %+v, %v; want StillRunning after %v", res, err, r.Grace)
	}
	r.Force, r.Grace = true, 0
	if res, err = Kill(t.Context(), r, nil); err != nil || res.Outcome != Freed {
		t.Fatalf("forced: %+v, %v; want Freed", res, err)
	}
}

func TestKill_AnInheritedSocketIsStillHeld(t *testing.T) {
	_, r := holder(t, "listen 127.0.0.1:0 children 1 inherited")
	res, err := Kill(t.Context(), r, nil)
	if err != nil || res.Outcome != StillHeld || len(res.Holders) != 1 {
		t.Fatalf("got %+v, %v; want StillHeld by one", res, err)
	}
	if res.Holders[0].Identity == r.Target {
		t.Error("the holder is the process that ended")
	}
}

func TestKill_AProcessThatEndedBetweenPlanAndSignalIsGone(t *testing.T) {
	p, r := holder(t, "listen 127.0.0.1:0")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	h, err := process.Open(r.Target)
	if err == nil {
		_ = h.Wait(t.Context())
		h.Close()
	}
	if res, err := Kill(t.Context(), r, nil); !errors.Is(err, process.ErrGone) && !errors.Is(err, ErrNotHolding) {
		t.Fatalf("got %+v, %v; want ErrGone", res, err)
	}
}

func TestKill_AnotherProcessUnderTheSamePIDIsLeftAlone(t *testing.T) {
	p, r := holder(t, "listen 127.0.0.1:0")
	r.Target.Start++
	if res, err := Kill(t.Context(), r, nil); !errors.Is(err, process.ErrGone) {
		t.Errorf("got %+v, %v; want ErrGone", res, err)
	}
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process was ended: %v", err)
	}
}

func TestKill_AProcessThatLetThePortGoIsLeftAlone(t *testing.T) {
	p, r := holder(t, "listen 127.0.0.1:0")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, addr := range map[string]string{"a port another holds": l.Addr().String(), "a port nobody holds": "127.0.0.1:1"} {
		r := r
		r.Key.Addr = netip.MustParseAddrPort(addr)
		if res, err := Kill(t.Context(), r, nil); !errors.Is(err, ErrNotHolding) {
			t.Errorf("%s: got %+v, %v; want ErrNotHolding", name, res, err)
		}
	}
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process was ended: %v", err)
	}
}

func TestKill_NeverSignalsItself(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	key := monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(l.Addr().String())}
	s, err := monitor.Once(t.Context(), monitor.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.Endpoint(key)
	if !ok || len(e.Holders) != 1 {
		t.Fatalf("the reading has %+v", e)
	}
	_, err = Kill(t.Context(), Request{Target: e.Holders[0].Identity, Key: key}, nil)
	var b *BlockedError
	if !errors.As(err, &b) || b.Protection != process.ProtectedSelf || !errors.Is(err, process.ErrProtected) {
		t.Fatalf("got %v, want that it is protected", err)
	}
}

func TestKill_EndsWithItsContext(t *testing.T) {
	_, r := holder(t, "stubborn listen 127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Kill(ctx, r, func(Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
}

func TestKill_SignalsNothingItCouldNotLookAtAgain(t *testing.T) {
	p, r := holder(t, "listen 127.0.0.1:0")
	blind := errors.New("no descriptors left")
	_, err := kill(t.Context(), r, Machine{Look: func(context.Context, bool) (*monitor.Snapshot, error) { return nil, blind }}, nil)
	if !errors.Is(err, blind) {
		t.Fatalf("got %v, want the reading's error", err)
	}
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process was ended: %v", err)
	}
}
