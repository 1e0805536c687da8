package monitor

import (
	"context"
	"io"
	"sync"
)

// Update is what a subscriber gets: the latest snapshot and every change since
// its last update. Baseline marks the first: its snapshot is the starting
// point, and it has no changes.
type Update struct {
	Snapshot *Snapshot
	Changes  []Change
	Baseline bool
}

// Subscription is one consumer's mailbox. A slow consumer loses snapshots,
// never changes, and never holds up the engine.
type Subscription struct {
	cancel func(*Subscription)

	mu      sync.Mutex
	pending Update
	based   bool
	closed  bool
	signal  chan struct{} // holds one token while pending or closed
}

func newSubscription(cancel func(*Subscription)) *Subscription {
	return &Subscription{cancel: cancel, signal: make(chan struct{}, 1)}
}

// Next waits for an update. It returns ctx's error when that ends, and io.EOF
// after Close.
func (s *Subscription) Next(ctx context.Context) (Update, error) {
	for {
		select {
		case <-ctx.Done():
			return Update{}, ctx.Err()
		case <-s.signal:
		}
		s.mu.Lock()
		u, closed := s.pending, s.closed
		s.pending = Update{}
		s.mu.Unlock()
		switch {
		case closed:
			s.wake() // for whoever else waits
			return Update{}, io.EOF
		case u.Snapshot != nil:
			return u, nil
		}
	}
}

// Close ends the subscription; a waiting Next returns.
func (s *Subscription) Close() {
	s.cancel(s)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wake()
}

func (s *Subscription) deliver(snap *Snapshot, changes []Change) {
	s.mu.Lock()
	s.pending.Snapshot = snap
	if s.based {
		s.pending.Changes = append(s.pending.Changes, changes...)
	} else {
		s.based, s.pending.Baseline = true, true
	}
	s.mu.Unlock()
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}
