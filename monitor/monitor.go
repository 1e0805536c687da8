// Package monitor is Portlight's engine: it polls the kernel's socket tables,
// joins them with the processes that hold the sockets, and tells any number of
// subscribers what there is and what changed.
package monitor

import (
	"context"
	"sync"
	"time"
)

// Options set up a Monitor. The zero value polls once a second.
type Options struct {
	// Interval is the time between the starts of two polls: a wish, that
	// stretches when polls cost too much. 0 means DefaultInterval.
	Interval time.Duration
	// Containers names containers; nil to leave them unnamed.
	Containers ContainerNamer
}

// DefaultInterval is the poll interval unless the user sets another.
const DefaultInterval = time.Second

// ContainerNamer asks a container engine, in its own time: Name and Published
// answer from memory at once, Refresh asks.
type ContainerNamer interface {
	// ByID returns the container with that full id.
	ByID(id string) (Container, bool)
	// Published returns the container that publishes the port there.
	Published(k Key) (Container, bool)
}

// A Monitor polls until its context ends.
type Monitor struct {
	mu  sync.Mutex
	opt Options
}

// New returns a Monitor that has not started.
func New(opt Options) *Monitor { return &Monitor{opt: opt} }

// Run polls until ctx ends and then returns nil. It returns an error only if
// this system's sockets can't be read at all.
func (m *Monitor) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Wake asks for a poll now.
func (m *Monitor) Wake() {}

// SetInterval changes the wished interval.
func (m *Monitor) SetInterval(d time.Duration) {}

// WantConnections counts (true) or discounts (false) one consumer that looks
// at connections; they are read while there is any.
func (m *Monitor) WantConnections(want bool) {}

// Snapshot returns the latest snapshot, nil before the first poll.
func (m *Monitor) Snapshot() *Snapshot { return nil }

// Subscribe returns a new subscription; its first update holds the latest
// snapshot if there is one.
func (m *Monitor) Subscribe() *Subscription { return nil }

// Update is what a subscriber gets: the latest snapshot and every change since
// its last update. Baseline marks the first: its snapshot is the starting
// point, and Changes are empty.
type Update struct {
	Snapshot *Snapshot
	Changes  []Change
	Baseline bool
}

// Subscription is one consumer's mailbox. A slow consumer loses snapshots,
// never changes, and never holds up the engine.
type Subscription struct{}

// Next waits for an update. It returns ctx's error when that ends, and io.EOF
// after Close.
func (s *Subscription) Next(ctx context.Context) (Update, error) {
	<-ctx.Done()
	return Update{}, ctx.Err()
}

// Close ends the subscription.
func (s *Subscription) Close() {}
