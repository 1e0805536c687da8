// Package monitor is Portlight's engine: it polls the kernel's socket tables,
// joins them with the processes that hold the sockets, and tells any number of
// subscribers what there is and what changed.
package monitor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Options set up a Monitor. The zero value polls once a second.
type Options struct {
	// Interval is the time between the starts of two polls: a wish, that
	// stretches when polls cost too much. 0 means DefaultInterval.
	Interval time.Duration
	// Containers names containers; nil leaves them unnamed.
	Containers ContainerNamer
}

// DefaultInterval is the poll interval unless the user sets another.
const DefaultInterval = time.Second

const (
	// maxShare is the most of one core that polling may take: a poll that
	// cost d is followed by another after d/maxShare at the earliest.
	maxShare = 0.2
	// maxBackoff bounds the wait after polls that failed.
	maxBackoff = 30 * time.Second
	// minWait is the least time between two polls, also when woken: a key
	// held down must not become a busy loop.
	minWait = 50 * time.Millisecond
)

// ContainerNamer knows containers by what the engine said last; it answers
// from memory, without waiting.
type ContainerNamer interface {
	// ByID returns the container with that full id.
	ByID(id string) (Container, bool)
	// Published returns the container that publishes a port there.
	Published(k Key) (Container, bool)
	// Generation changes whenever an answer may.
	Generation() uint64
}

// A Monitor polls until its context ends. Its methods may be called from any
// goroutine, before, during and after Run.
type Monitor struct {
	// scan makes one snapshot; open prepares it on Run's goroutine.
	open func() (scan scanFunc, stop func() error, err error)
	wake chan struct{}

	mu          sync.Mutex
	interval    time.Duration
	connections int
	latest      *Snapshot
	subs        []*Subscription
}

type scanFunc func(ctx context.Context, connections bool) (*Snapshot, error)

// New returns a Monitor that has not started.
func New(opt Options) *Monitor {
	m := &Monitor{wake: make(chan struct{}, 1), interval: opt.Interval}
	if m.interval <= 0 {
		m.interval = DefaultInterval
	}
	m.open = func() (scanFunc, func() error, error) {
		s, err := newScanner(opt)
		if err != nil {
			return nil, nil, err
		}
		return s.scan, s.close, nil
	}
	return m
}

// Run polls until ctx ends and then returns nil. It returns an error only if
// this system's sockets can't be read at all. Run must be called once.
func (m *Monitor) Run(ctx context.Context) error {
	scan, stop, err := m.open()
	if err != nil {
		return err
	}
	defer stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	failed := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-m.wake:
		}
		began := time.Now()
		m.mu.Lock()
		connections := m.connections > 0
		m.mu.Unlock()
		snap, err := scan(ctx, connections)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			failed++
		} else {
			failed = 0
		}
		cost := time.Since(began)
		wait, slow := m.pause(cost, failed)
		if snap != nil {
			if slow {
				snap.Warnings = append(snap.Warnings, Warning{Code: WarnSlow})
			}
			m.publish(snap)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(minWait): // before a Wake counts again
		}
		timer.Reset(max(0, wait-minWait))
	}
}

// pause returns how long to wait after a poll that cost so much, and whether
// that is longer than the user wished.
func (m *Monitor) pause(cost time.Duration, failed int) (wait time.Duration, slow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	wait = m.interval - cost
	if least := time.Duration(float64(cost)/maxShare) - cost; wait < least {
		wait, slow = least, true
	}
	if failed > 0 {
		wait = min(max(wait, m.interval)<<min(failed, 10), max(maxBackoff, m.interval))
	}
	return max(wait, minWait), slow
}

func (m *Monitor) publish(snap *Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var changes []Change
	if m.latest != nil {
		changes = Diff(m.latest, snap)
	}
	m.latest = snap
	for _, s := range m.subs {
		s.deliver(snap, changes)
	}
}

// Wake asks for a poll now.
func (m *Monitor) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// SetInterval changes the wished interval, from the next poll on.
func (m *Monitor) SetInterval(d time.Duration) {
	if d <= 0 {
		d = DefaultInterval
	}
	m.mu.Lock()
	m.interval = d
	m.mu.Unlock()
	m.Wake()
}

// WantConnections counts (true) or discounts (false) one consumer that looks
// at connections; they are read while there is any.
func (m *Monitor) WantConnections(want bool) {
	m.mu.Lock()
	if want {
		m.connections++
	} else {
		m.connections = max(0, m.connections-1)
	}
	m.mu.Unlock()
	m.Wake()
}

// Snapshot returns the latest snapshot, nil before the first poll.
func (m *Monitor) Snapshot() *Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.latest
}

// Subscribe returns a new subscription; its first update holds the latest
// snapshot as soon as there is one.
func (m *Monitor) Subscribe() *Subscription {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := newSubscription(m.unsubscribe)
	m.subs = append(m.subs, s)
	if m.latest != nil {
		s.deliver(m.latest, nil)
	}
	return s
}

func (m *Monitor) unsubscribe(s *Subscription) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.subs = slices.DeleteFunc(m.subs, func(o *Subscription) bool { return o == s })
}

// Once reads the machine's sockets and holders a single time: what a command
// line needs.
func Once(ctx context.Context, opt Options, connections bool) (*Snapshot, error) {
	s, err := newScanner(opt)
	if err != nil {
		return nil, err
	}
	defer s.close()
	snap, err := s.scan(ctx, connections)
	if snap != nil && len(snap.Endpoints) > 0 {
		// Part of a table is better than nothing: the warning says what lacks.
		err = nil
	}
	return snap, err
}
