package monitor

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// scripted makes a Monitor whose polls are played by f, numbered from 1.
func scripted(interval time.Duration, f func(n int, connections bool) (*Snapshot, error)) *Monitor {
	m := New(Options{Interval: interval})
	n := 0
	m.open = func() (scanFunc, func() error, error) {
		return func(_ context.Context, connections bool) (*Snapshot, error) {
			n++
			return f(n, connections)
		}, func() error { return nil }, nil
	}
	return m
}

func snapshotOf(ports ...uint16) *Snapshot {
	s := &Snapshot{Taken: time.Now()}
	for _, p := range ports {
		s.Endpoints = append(s.Endpoints, Endpoint{Key: Key{sockets.TCP, netip.AddrPortFrom(netip.IPv6Loopback(), p), ""}, Owner: OwnerKnown})
	}
	return s
}

func run(ctx context.Context, m *Monitor) (stopped chan error) {
	stopped = make(chan error, 1)
	go func() { stopped <- m.Run(ctx) }()
	return stopped
}

func TestMonitor_PollsAtItsInterval(t *testing.T) {
	tests := []struct {
		name string
		cost time.Duration
		want int // polls in ten seconds, the first at once
	}{
		{"cheap polls keep the interval", 0, 10},
		{"the interval is from start to start", 100 * time.Millisecond, 10},
		{"dear polls take a fifth of the time at most", time.Second, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := 0
				var last *Snapshot
				m := scripted(time.Second, func(n int, _ bool) (*Snapshot, error) {
					polls = n
					time.Sleep(tt.cost)
					last = snapshotOf()
					return last, nil
				})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second-time.Millisecond)
				defer cancel()
				if err := <-run(ctx, m); err != nil {
					t.Fatal(err)
				}
				if polls != tt.want {
					t.Errorf("%d polls, want %d", polls, tt.want)
				}
				slow := len(last.Warnings) == 1 && last.Warnings[0].Code == WarnSlow
				if slow != (tt.cost == time.Second) {
					t.Errorf("warnings = %v", last.Warnings)
				}
			})
		})
	}
}

func TestMonitor_WakePollsNowButNeverInABusyLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := 0
		m := scripted(time.Minute, func(n int, _ bool) (*Snapshot, error) { polls = n; return snapshotOf(), nil })
		ctx, cancel := context.WithCancel(t.Context())
		stopped := run(ctx, m)
		synctest.Wait()
		began := time.Now()
		for range 1000 {
			m.Wake()
			time.Sleep(time.Millisecond)
		}
		cancel()
		<-stopped
		if most := int(time.Since(began)/minWait) + 2; polls < 10 || polls > most {
			t.Errorf("%d polls in %v, want 10 to %d", polls, time.Since(began), most)
		}
	})
}

func TestMonitor_BacksOffWhileTheTablesCantBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		m := scripted(time.Second, func(n int, _ bool) (*Snapshot, error) {
			at = append(at, time.Since(began))
			if n <= 4 {
				return nil, errors.New("no descriptors left")
			}
			return snapshotOf(), nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		<-run(ctx, m)
		want := []time.Duration{0, 2 * time.Second, 6 * time.Second, 14 * time.Second, 30 * time.Second, 31 * time.Second}
		for i, w := range want {
			if i >= len(at) || at[i] != w {
				t.Fatalf("polls at %v, want %v", at, want)
			}
		}
	})
}

func TestMonitor_ReadsConnectionsWhileSomebodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var with []bool
		m := scripted(time.Second, func(n int, c bool) (*Snapshot, error) { with = append(with, c); return snapshotOf(), nil })
		ctx, cancel := context.WithCancel(t.Context())
		stopped := run(ctx, m)
		synctest.Wait()
		m.WantConnections(true)
		m.WantConnections(true)
		m.WantConnections(false)
		time.Sleep(time.Second)
		m.WantConnections(false)
		time.Sleep(2 * time.Second)
		cancel()
		<-stopped
		if with[0] || !with[1] || with[len(with)-1] {
			t.Errorf("polls asked for connections: %v", with)
		}
	})
}

func TestSubscription_LosesSnapshotsButNoChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := scripted(time.Second, func(n int, _ bool) (*Snapshot, error) {
			// Every poll opens one port and closes another.
			return snapshotOf(uint16(n), uint16(n+1)), nil
		})
		slow := m.Subscribe()
		ctx, cancel := context.WithCancel(t.Context())
		stopped := run(ctx, m)
		u, err := slow.Next(ctx)
		if err != nil || !u.Baseline || len(u.Changes) != 0 {
			t.Fatalf("first update = %+v, %v; want a baseline without changes", u, err)
		}
		time.Sleep(10*time.Second + time.Millisecond)
		u, err = slow.Next(ctx)
		if err != nil || u.Baseline {
			t.Fatal(u, err)
		}
		if u.Snapshot != m.Snapshot() {
			t.Error("a slow subscriber is shown an old snapshot")
		}
		opened, closed := 0, 0
		for _, c := range u.Changes {
			switch c.Kind {
			case Opened:
				opened++
			case Closed:
				closed++
			}
		}
		if opened != 10 || closed != 10 {
			t.Errorf("%d opened and %d closed in ten polls, want 10 and 10", opened, closed)
		}

		late := m.Subscribe()
		if u, err := late.Next(ctx); err != nil || !u.Baseline || u.Snapshot == nil {
			t.Errorf("a late subscriber starts from the latest snapshot, got %+v, %v", u, err)
		}
		late.Close()
		if _, err := late.Next(ctx); err != io.EOF {
			t.Errorf("after Close: %v", err)
		}
		cancel()
		<-stopped
		slow.Close()
		if _, err := slow.Next(t.Context()); err != io.EOF {
			t.Errorf("after Close: %v", err)
		}
	})
}
