package app

import (
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
)

// bridge is the one seam between goroutines and the window, which belongs to
// Fyne's. Fyne's queue has no bound, so updates are not queued but merged:
// while one delivery is under way, later snapshots replace each other and
// changes add up.
type bridge struct {
	do    func(func()) // runs a function on the window's goroutine, later
	apply func(monitor.Update)

	mu        sync.Mutex
	pending   monitor.Update
	waiting   bool // pending holds something
	scheduled bool // a delivery is queued or running
	closed    bool

	ticking atomic.Bool
}

func newBridge(apply func(monitor.Update)) *bridge {
	return &bridge{do: fyne.Do, apply: apply}
}

// put hands an update over and returns at once. A baseline that is merged
// with what came after it stays one, and keeps those changes.
func (b *bridge) put(u monitor.Update) {
	b.mu.Lock()
	if u.Snapshot != nil {
		b.pending.Snapshot = u.Snapshot
	}
	b.pending.Changes = append(b.pending.Changes, u.Changes...)
	b.pending.Baseline = b.pending.Baseline || u.Baseline
	b.waiting = true
	schedule := !b.scheduled && !b.closed
	b.scheduled = b.scheduled || schedule
	b.mu.Unlock()
	if schedule {
		b.do(b.deliver)
	}
}

// deliver runs on the window's goroutine.
func (b *bridge) deliver() {
	b.mu.Lock()
	u, ok := b.pending, b.waiting && !b.closed
	b.pending, b.waiting = monitor.Update{}, false
	b.mu.Unlock()
	if ok {
		b.apply(u)
	}
	b.mu.Lock()
	again := b.waiting && !b.closed
	b.scheduled = again
	b.mu.Unlock()
	if again {
		b.do(b.deliver)
	}
}

// run runs f on the window's goroutine, later: for answers to what the user
// asked, which are few.
func (b *bridge) run(f func()) {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return
	}
	b.do(func() {
		b.mu.Lock()
		closed := b.closed
		b.mu.Unlock()
		if !closed {
			f()
		}
	})
}

// finish ends the traffic with f.
func (b *bridge) finish(f func()) {
	b.mu.Lock()
	closed := b.closed
	b.closed = true
	b.mu.Unlock()
	if !closed {
		b.do(f)
	}
}

// tick runs f like run, unless the one before still waits: a window that is
// busy needs no pile of them.
func (b *bridge) tick(f func()) {
	if b.ticking.CompareAndSwap(false, true) {
		b.run(func() {
			b.ticking.Store(false)
			f()
		})
	}
}

// close ends the traffic. Once Fyne's loop has ended, fyne.Do runs functions
// on the caller's goroutine, where they may not touch the window.
func (b *bridge) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.pending = monitor.Update{}
}
