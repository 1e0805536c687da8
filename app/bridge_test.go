package app

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/portlight-app/portlight/monitor"
)

// loop stands in for the window's goroutine: it runs what it is given, one
// after the other, and knows the most that ever waited.
type loop struct {
	queue           chan func()
	done            chan struct{}
	inFlight, worst atomic.Int32
}

func newLoop() *loop {
	l := &loop{queue: make(chan func(), 1<<16), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for f := range l.queue {
			l.inFlight.Add(-1) // not queued any longer
			f()
		}
	}()
	return l
}

func (l *loop) do(f func()) {
	n := l.inFlight.Add(1)
	for w := l.worst.Load(); n > w && !l.worst.CompareAndSwap(w, n); w = l.worst.Load() {
	}
	l.queue <- f
}

func TestBridge_LosesNoChangeAndKeepsOneDeliveryInFlight(t *testing.T) {
	const producers, updates = 4, 5000
	l := newLoop()
	seen := make(map[monitor.ChangeKind]int)
	var last uint64
	deliveries := 0
	var baselines int
	b := &bridge{do: l.do, apply: func(u monitor.Update) {
		deliveries++
		if u.Baseline {
			baselines++
		}
		for _, c := range u.Changes {
			seen[c.Kind]++
		}
		if u.Snapshot != nil {
			last = u.Snapshot.Seq
		}
	}}
	b.put(monitor.Update{Snapshot: &monitor.Snapshot{}, Baseline: true})
	var total atomic.Int64
	var wg sync.WaitGroup
	for range producers {
		wg.Go(func() {
			for range updates {
				changes := make([]monitor.Change, rand.N(3))
				for i := range changes {
					changes[i].Kind = monitor.ChangeKind(1 + rand.N(4))
				}
				total.Add(int64(len(changes)))
				b.put(monitor.Update{Snapshot: &monitor.Snapshot{Seq: 1}, Changes: changes})
			}
		})
	}
	wg.Wait()
	b.put(monitor.Update{Snapshot: &monitor.Snapshot{Seq: 2}})
	drained := make(chan struct{})
	// What is queued now is at most the delivery under way and one after it.
	l.do(func() { l.do(func() { close(drained) }) })
	<-drained
	close(l.queue)
	<-l.done

	got := 0
	for _, n := range seen {
		got += n
	}
	if int64(got) != total.Load() {
		t.Errorf("%d changes arrived of %d", got, total.Load())
	}
	if last != 2 {
		t.Errorf("the last snapshot shown is number %d, want 2", last)
	}
	if baselines != 1 {
		t.Errorf("%d baselines arrived, want 1", baselines)
	}
	// The two that drained the loop were added by this test.
	if w := l.worst.Load(); w > 2 {
		t.Errorf("%d deliveries were queued at a time, want 1", w)
	}
	t.Logf("%d updates in %d deliveries", producers*updates, deliveries)
}

func TestBridge_MergesWhileTheWindowIsBusy(t *testing.T) {
	var queue []func()
	var got []monitor.Update
	b := &bridge{do: func(f func()) { queue = append(queue, f) }, apply: func(u monitor.Update) { got = append(got, u) }}
	for seq := range uint64(3) {
		b.put(monitor.Update{Snapshot: &monitor.Snapshot{Seq: seq}, Changes: make([]monitor.Change, 2)})
	}
	if len(queue) != 1 {
		t.Fatalf("%d deliveries are queued, want 1", len(queue))
	}
	queue[0]()
	if len(got) != 1 || got[0].Snapshot.Seq != 2 || len(got[0].Changes) != 6 {
		t.Fatalf("delivered %+v", got)
	}
	b.put(monitor.Update{Snapshot: &monitor.Snapshot{Seq: 3}})
	if len(queue) != 2 {
		t.Fatalf("an update after a delivery is not queued")
	}
}

func TestBridge_SchedulesAnUpdateThatComesDuringADelivery(t *testing.T) {
	var queue []func()
	var b *bridge
	deliveries := 0
	b = &bridge{do: func(f func()) { queue = append(queue, f) }, apply: func(monitor.Update) {
		if deliveries++; deliveries == 1 {
			b.put(monitor.Update{Changes: make([]monitor.Change, 1)})
			if len(queue) != 1 {
				t.Errorf("%d deliveries are in flight, want 1", len(queue))
			}
		}
	}}
	b.put(monitor.Update{})
	for i := 0; i < len(queue); i++ {
		queue[i]()
	}
	if deliveries != 2 {
		t.Errorf("%d deliveries, want 2", deliveries)
	}
}

func TestBridge_TouchesNothingAfterClose(t *testing.T) {
	var queue []func()
	b := &bridge{do: func(f func()) { queue = append(queue, f) }, apply: func(monitor.Update) { t.Error("applied after close") }}
	b.put(monitor.Update{})
	b.run(func() { t.Error("ran after close") })
	b.close()
	b.put(monitor.Update{})
	b.run(func() { t.Error("ran after close") })
	if len(queue) != 2 {
		t.Errorf("%d functions were queued, want the 2 from before", len(queue))
	}
	for _, f := range queue {
		f()
	}
}
