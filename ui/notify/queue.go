package notify

import (
	"context"
	"time"
)

const (
	// waiting is how many toasts wait for the service at most.
	waiting = 8
	// farewell is how long Close waits for a service that doesn't answer.
	farewell = time.Second
)

// queue is what every system's notifier has in common: toasts go through a
// channel to one goroutine, so that whoever sends one never waits.
type queue struct {
	toasts chan Toast
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	ended  chan struct{} // the goroutine has ended
}

func newQueue() queue {
	ctx, cancel := context.WithCancel(context.Background())
	return queue{make(chan Toast, waiting), ctx, cancel, make(chan struct{})}
}

// Notify implements Notifier.
func (q *queue) Notify(ctx context.Context, t Toast) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case q.ctx.Err() != nil:
		return ErrClosed
	}
	select {
	case q.toasts <- t:
		return nil
	default:
		return ErrBusy
	}
}

// Close implements Notifier.
func (q *queue) Close() error {
	q.cancel()
	select {
	case <-q.ended:
	case <-time.After(farewell):
	}
	return nil
}
