//go:build cgo

package app

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
)

// bench frees real ports through attempts, and keeps what is reported.
type bench struct {
	*attempts
	t      *testing.T
	mu     sync.Mutex
	told   []freeing.Attempt
	keeps  []freeing.Held
	change chan struct{}
	work   workers
	end    context.CancelFunc
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, change: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	b.end = cancel
	note := func(f func()) {
		b.mu.Lock()
		f()
		b.mu.Unlock()
		select {
		case b.change <- struct{}{}:
		default:
		}
	}
	b.attempts = &attempts{
		ctx: ctx, start: b.work.run, plan: engine{}.Plan, after: func() {},
		ask: func(context.Context, elevate.Request) (elevate.Result, error) {
			return elevate.Result{}, elevate.ErrUnavailable
		},
		report: func(a freeing.Attempt) { note(func() { b.told = append(b.told, a) }) },
		held:   func(h []freeing.Held) { note(func() { b.keeps = h }) },
	}
	t.Cleanup(func() { cancel(); b.work.end(); b.quit() })
	return b
}

// await waits for a report of an attempt, and returns it.
func (b *bench) await(id freeing.ID, is func(freeing.Attempt) bool) freeing.Attempt {
	b.t.Helper()
	late := time.After(20 * time.Second)
	for from := 0; ; {
		b.mu.Lock()
		for ; from < len(b.told); from++ {
			if a := b.told[from]; a.ID == id && is(a) {
				b.mu.Unlock()
				return a
			}
		}
		b.mu.Unlock()
		select {
		case <-b.change:
		case <-late:
			b.t.Fatalf("attempt %d: not told of; last: %+v", id, b.told[max(0, len(b.told)-1):])
		}
	}
}

func done(a freeing.Attempt) bool   { return a.Phase == freeing.Done }
func waits(a freeing.Attempt) bool  { return a.Phase == freeing.Waiting }
func asking(a freeing.Attempt) bool { return a.Step.Stage == free.StageAsking }

// aimAt is the aim of who wants a listener's port.
func aimAt(r elevate.Request) free.Aim {
	return free.Aim{Port: r.Addr.Port(), Proto: sockets.TCP, Addr: r.Addr.Addr()}
}

// seen is what who looks at its row sees.
func seen(r elevate.Request) []process.Identity {
	return []process.Identity{{PID: r.PID, Start: r.Start, Boot: r.Boot}}
}

func TestAttempts_ASafePortIsFreedAtOnce(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "polite")
	b.Free(1, aimAt(r), seen(r), false)
	a := b.await(1, done)
	if a.Err != nil || a.Final == nil || a.Final.Ending != free.EndFreed || a.Final.Forced || a.Again {
		t.Fatalf("it ended with %+v, %v", a.Final, a.Err)
	}
	l, err := net.Listen("tcp", r.Addr.String())
	if err != nil {
		t.Fatalf("the port can't be had: %v", err)
	}
	l.Close()
	if len(b.open) != 0 {
		t.Errorf("%d plans are still held", len(b.open))
	}
}

func TestAttempts_ThePlanWaitsIfAskedAndIsLetGo(t *testing.T) {
	b := newBench(t)
	cmd, r := listener(t, "polite")
	b.Free(1, aimAt(r), seen(r), true)
	a := b.await(1, waits)
	if len(a.Plan.Choices) == 0 || len(a.Plan.Targets) != 1 {
		t.Fatalf("the plan: %+v", a.Plan)
	}
	if _, err := a.Plan.Run(t.Context(), free.Order{}, nil); err == nil {
		t.Error("the window's copy of the plan can be run")
	}
	b.Discard(1)
	b.Run(1, free.Order{}) // too late
	b.end()
	b.work.end()
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil || len(b.open) != 0 {
		t.Errorf("the process: %v; %d plans are still held", err, len(b.open))
	}
}

func TestAttempts_WhoWasNotSeenIsNotEndedUnasked(t *testing.T) {
	b := newBench(t)
	cmd, r := listener(t, "polite")
	earlier := seen(r)
	earlier[0].Start-- // the row showed another process, of the same number even
	for id, saw := range [][]process.Identity{earlier, nil} {
		b.Free(freeing.ID(id), aimAt(r), saw, false)
		b.await(freeing.ID(id), waits)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("it was ended: %v", err)
	}
	b.Run(0, free.Order{})
	if a := b.await(0, done); a.Final == nil || a.Final.Ending != free.EndFreed {
		t.Errorf("agreed to, it ended with %+v, %v", a.Final, a.Err)
	}
}

func TestAttempts_TheGraceTimeEndsByForce(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "deaf")
	began := time.Now()
	b.Free(1, aimAt(r), seen(r), false)
	b.await(1, asking)
	b.ForceNow(1)
	a := b.await(1, done)
	if a.Final == nil || a.Final.Ending != free.EndFreed || !a.Final.Forced {
		t.Fatalf("it ended with %+v, %v", a.Final, a.Err)
	}
	if took := time.Since(began); took > freeing.GraceTime {
		t.Errorf("it took %v: the grace time wasn't ended", took)
	}
}

func TestAttempts_TheGraceTimeEndsWithoutForceAndMayBeForcedLater(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "deaf")
	b.Free(1, aimAt(r), seen(r), false)
	b.await(1, asking)
	b.DontForce(1)
	a := b.await(1, done)
	if a.Final == nil || a.Final.Ending != free.EndTakenBack || !a.Again || len(a.Final.Alive) != 1 {
		t.Fatalf("it ended with %+v, again %v, %v", a.Final, a.Again, a.Err)
	}
	b.Run(1, free.Order{Choice: a.Choice, Force: true})
	a = b.await(1, func(a freeing.Attempt) bool { return done(a) && a.Final.Ending != free.EndTakenBack })
	if a.Final.Ending != free.EndFreed || !a.Final.Forced {
		t.Errorf("forced, it ended with %+v", a.Final)
	}
}

func TestAttempts_APortIsKeptUntilItIsReleased(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "polite")
	b.Free(1, aimAt(r), seen(r), true)
	b.await(1, waits)
	b.Run(1, free.Order{Hold: true})
	if a := b.await(1, done); a.Final == nil || a.Final.Ending != free.EndFreed || a.Final.Held != nil {
		t.Fatalf("it ended with %+v, %v", a.Final, a.Err)
	}
	if len(b.keeps) != 1 || b.keeps[0] != (freeing.Held{ID: 1, Port: r.Addr.Port()}) {
		t.Errorf("it says that it holds %v", b.keeps)
	}
	if l, err := net.Listen("tcp", r.Addr.String()); err == nil {
		l.Close()
		t.Error("somebody else can have the port that is held")
	}
	b.Release(1)
	b.end()
	b.work.end()
	l, err := net.Listen("tcp", r.Addr.String())
	if err != nil {
		t.Fatalf("released, it can't be had: %v", err)
	}
	l.Close()
	if len(b.keeps) != 0 {
		t.Errorf("it still says that it holds %v", b.keeps)
	}
}

func TestAttempts_QuittingForcesNobodyAndHoldsNothing(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "polite")
	b.Free(1, aimAt(r), seen(r), true)
	b.await(1, waits)
	b.Run(1, free.Order{Hold: true})
	b.await(1, done)
	_, deaf := listener(t, "deaf")
	b.Free(2, aimAt(deaf), seen(deaf), false)
	b.await(2, asking)
	b.end()
	b.work.end()
	b.quit()
	if a := b.await(2, done); a.Final == nil || a.Final.Ending != free.EndTakenBack || a.Final.Forced {
		t.Errorf("it ended with %+v, %v", a.Final, a.Err)
	}
	l, err := net.Listen("tcp", r.Addr.String())
	if err != nil {
		t.Fatalf("after the end the port is still held: %v", err)
	}
	l.Close()
}

func TestAttempts_NobodyHoldsIt(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	b.Free(1, free.Aim{Port: port}, nil, false)
	if a := b.await(1, done); !errors.Is(a.Err, free.ErrNobody) {
		t.Errorf("it says %v, want that nobody holds it", a.Err)
	}
}

func TestAttempts_PermissionIsAskedForOnceForOneProcess(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "polite")
	asked := make(chan elevate.Request, 1)
	b.ask = func(_ context.Context, r elevate.Request) (elevate.Result, error) {
		asked <- r
		return elevate.Result{Ending: string(free.EndFreed), Elapsed: time.Second}, nil
	}
	b.Free(1, aimAt(r), seen(r), true)
	b.await(1, waits)
	b.AskPermission(1, 0)
	b.AskPermission(1, 0) // a second click
	a := b.await(1, done)
	if a.Final == nil || a.Final.Ending != free.EndFreed || a.Final.Elapsed != time.Second || a.Asking {
		t.Errorf("it ended with %+v, %v", a.Final, a.Err)
	}
	got := <-asked
	if got.PID != r.PID || got.Start != r.Start || got.Addr != r.Addr || got.Proto != "tcp" {
		t.Errorf("asked for %+v, want %+v", got, r)
	}
}

func TestAttempts_PermissionIsAskedForThatChoiceOnly(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "polite")
	b.plan = func(ctx context.Context, aim free.Aim) (*free.Plan, error) {
		p, err := engine{}.Plan(ctx, aim)
		if err == nil { // as if a service manager were to stop it, and neither were permitted
			p.Choices[0].Blocked, p.Choices[0].Elevate = free.BlockedRights, true
			p.Choices = []free.Choice{{Kind: free.KindUnit, Victims: p.Choices[0].Victims, Blocked: free.BlockedRights, Elevate: true}, p.Choices[0]}
		}
		return p, err
	}
	var asked []elevate.Request
	b.ask = func(_ context.Context, r elevate.Request) (elevate.Result, error) {
		asked = append(asked, r)
		return elevate.Result{Ending: string(free.EndFreed)}, nil
	}
	for id := range freeing.ID(2) {
		b.Free(id, aimAt(r), seen(r), false)
		if a := b.await(id, waits); len(a.Elevatable) != 1 || a.Elevatable[0] != 1 {
			t.Errorf("rights can be asked for choices %v, want 1 alone", a.Elevatable)
		}
		b.AskPermission(id, int(id))
		a := b.await(id, done)
		if want := []free.Ending{free.EndDenied, free.EndFreed}[id]; a.Final == nil || a.Final.Ending != want || a.Choice != int(id) || len(asked) != int(id) {
			t.Errorf("choice %d ended with %+v, asked %d times", id, a.Final, len(asked))
		}
		if a.Elevate {
			t.Errorf("choice %d: more rights would help, it says", id)
		}
	}
}

// meanwhile does something when a run looks once more for the nth time.
func (b *bench) meanwhile(nth int, do func()) {
	report, looks := b.report, 0
	b.report = func(a freeing.Attempt) {
		report(a)
		if a.Phase == freeing.Running && a.Step.Stage == free.StageChecking {
			if looks++; looks == nth {
				do()
			}
		}
	}
}

func TestAttempts_WhoEndsBeforeForceIsProvenToHaveEnded(t *testing.T) {
	b := newBench(t)
	cmd, r := listener(t, "deaf")
	b.meanwhile(2, func() {
		cmd.Process.Kill()
		for cmd.Process.Signal(syscall.Signal(0)) == nil {
			time.Sleep(time.Millisecond)
		}
	})
	b.Free(1, aimAt(r), seen(r), false)
	b.await(1, asking)
	b.ForceNow(1)
	if a := b.await(1, done); a.Final == nil || a.Final.Ending != free.EndFreed || a.Final.Forced {
		t.Errorf("it ended with %+v, %v", a.Final, a.Err)
	}
}

func TestAttempts_AStopBeforeTheFirstSignalIsHeard(t *testing.T) {
	b := newBench(t)
	cmd, r := listener(t, "polite")
	b.meanwhile(1, func() { b.DontForce(1) })
	b.Free(1, aimAt(r), seen(r), false)
	if a := b.await(1, done); !errors.Is(a.Err, freeing.ErrGivenUp) || a.Final != nil {
		t.Errorf("it ended with %+v, %v", a.Final, a.Err)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process: %v", err)
	}
}

func TestAttempts_ForceBeforeTheFirstSignalIsHeard(t *testing.T) {
	b := newBench(t)
	_, r := listener(t, "deaf")
	b.meanwhile(1, func() { b.ForceNow(1) })
	b.Free(1, aimAt(r), seen(r), false)
	if a := b.await(1, done); a.Final == nil || a.Final.Ending != free.EndFreed || !a.Final.Forced {
		t.Errorf("it ended with %+v, %v", a.Final, a.Err)
	}
}

func TestAttempts_ForceIsTakenBackWhileItLooksOnceMore(t *testing.T) {
	b := newBench(t)
	cmd, r := listener(t, "deaf")
	b.meanwhile(2, func() { b.DontForce(1) })
	b.Free(1, aimAt(r), seen(r), false)
	b.await(1, asking)
	b.ForceNow(1)
	if a := b.await(1, done); a.Final == nil || a.Final.Ending != free.EndTakenBack || !a.Again {
		t.Errorf("it ended with %+v, again %v, %v", a.Final, a.Again, a.Err)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process: %v", err)
	}
}

func TestAttempts_AnElevatedProgramIsToldNotToForce(t *testing.T) {
	for _, tt := range []struct {
		name string
		told elevate.Result
		end  free.Ending // "": nothing was done
	}{
		{"in the grace time", elevate.Result{Ending: string(free.EndTakenBack)}, free.EndTakenBack},
		{"while the system still asks", elevate.Result{}, ""},
	} {
		b := newBench(t)
		_, r := listener(t, "polite")
		b.ask = func(ctx context.Context, _ elevate.Request) (elevate.Result, error) {
			<-ctx.Done()
			if tt.told.Ending == "" {
				return tt.told, ctx.Err()
			}
			return tt.told, nil
		}
		b.Free(1, aimAt(r), nil, true)
		b.await(1, waits)
		b.AskPermission(1, 0)
		a := b.await(1, func(a freeing.Attempt) bool { return a.Asking })
		b.ForceNow(1) // can't be told
		b.mu.Lock()
		last := b.told[len(b.told)-1]
		b.mu.Unlock()
		if !a.CanStop || !last.Asking {
			t.Errorf("%s: it says %+v", tt.name, last)
		}
		b.DontForce(1)
		a = b.await(1, done)
		if tt.end == "" && (!errors.Is(a.Err, freeing.ErrGivenUp) || a.Final != nil) || tt.end != "" && (a.Final == nil || a.Final.Ending != tt.end) || a.Asking || a.CanStop {
			t.Errorf("%s: it ended with %+v, %v", tt.name, a.Final, a.Err)
		}
	}
}
