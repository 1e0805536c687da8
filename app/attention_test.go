package app

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/notify"
	"github.com/portlight-app/portlight/ui/tray"
)

type fakeUpdates chan monitor.Update

func (f fakeUpdates) Next(ctx context.Context) (monitor.Update, error) {
	select {
	case <-ctx.Done():
		return monitor.Update{}, ctx.Err()
	case u := <-f:
		return u, nil
	}
}

type fakeNotifier struct{ toasts []notify.Toast }

func (f *fakeNotifier) Notify(_ context.Context, t notify.Toast) error {
	f.toasts = append(f.toasts, t)
	return nil
}
func (f *fakeNotifier) Close() error { return nil }

type fakeTray struct{ models []tray.Model }

func (f *fakeTray) Update(m tray.Model)        { f.models = append(f.models, m) }
func (f *fakeTray) Stop(context.Context) error { return nil }
func (f *fakeTray) last() tray.Model           { return f.models[len(f.models)-1] }

// endpoint is a listener on all addresses, held by the program if it has a
// name, hidden otherwise.
func endpoint(port uint16, program string) monitor.Endpoint {
	e := monitor.Endpoint{
		Key:   monitor.Key{Proto: sockets.TCP, Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), port)},
		State: sockets.Listen, Exposure: monitor.ExposureAll, Owner: monitor.OwnerHidden,
		Sockets:  []sockets.Socket{{Proto: sockets.TCP, State: sockets.Listen, Handle: uint64(port)}},
		Creators: []monitor.Creator{{HasUID: true, User: "ann"}},
	}
	if program != "" {
		e.Owner, e.HoldersComplete, e.Creators = monitor.OwnerKnown, true, nil
		e.Holders = []monitor.Holder{{Process: &process.Process{Identity: process.Identity{PID: int32(port), Start: 1}, Name: program}}}
	}
	return e
}

// watch runs an attention in a bubble of its own time and feeds it snapshots.
func watch(t *testing.T, s config.Settings, test func(a *attention, n *fakeNotifier, poll func(...monitor.Endpoint))) {
	synctest.Test(t, func(t *testing.T) {
		feed := make(fakeUpdates)
		n := &fakeNotifier{}
		a := newAttention(feed, func(monitor.Update) {}, n, s)
		a.surround = surroundings{ephemeral: ephemeralPorts()}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); a.run(ctx) }()
		var prev *monitor.Snapshot
		test(a, n, func(es ...monitor.Endpoint) {
			next := &monitor.Snapshot{Taken: time.Now(), Endpoints: es}
			u := monitor.Update{Snapshot: next, Baseline: prev == nil}
			if prev != nil {
				u.Changes = monitor.Diff(prev, next)
			}
			prev = next
			feed <- u
			synctest.Wait()
		})
		cancel()
		<-done
	})
}

func TestAttention_TellsOfAPortByTheNameThatTheNextPollFinds(t *testing.T) {
	watch(t, config.Default(), func(_ *attention, n *fakeNotifier, poll func(...monitor.Endpoint)) {
		poll()
		time.Sleep(time.Second)
		poll(endpoint(8123, ""))
		time.Sleep(time.Second + 90*time.Millisecond) // a poll that took its time
		poll(endpoint(8123, "node"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(n.toasts) != 1 || !strings.Contains(n.toasts[0].Title, "node") {
			t.Errorf("toasts: %+v; want one that names node", n.toasts)
		}
	})
}

func TestAttention_SaysNothingOfWhatWasThere(t *testing.T) {
	watch(t, config.Default(), func(_ *attention, n *fakeNotifier, poll func(...monitor.Endpoint)) {
		poll(endpoint(8123, "node"))
		time.Sleep(time.Minute)
		poll(endpoint(8123, "node"))
		time.Sleep(time.Minute)
		if len(n.toasts) != 0 {
			t.Errorf("toasts: %+v", n.toasts)
		}
	})
}

func TestAttention_IsSilentWhilePausedAndKeepsTheTrayCurrent(t *testing.T) {
	watch(t, config.Default(), func(a *attention, n *fakeNotifier, poll func(...monitor.Endpoint)) {
		icon := &fakeTray{}
		a.set(func(a *attention) { a.tray, a.paused = icon, true })
		synctest.Wait()
		if !icon.last().Paused {
			t.Error("the tray doesn't show the pause")
		}
		poll()
		poll(endpoint(8123, "node"))
		time.Sleep(time.Minute)
		if len(n.toasts) != 0 {
			t.Errorf("toasts: %+v", n.toasts)
		}
		if ports := icon.last().Ports; len(ports) != 1 || !strings.Contains(ports[0].Title, "8123") {
			t.Errorf("the tray shows %+v", ports)
		}
		a.set(func(a *attention) { a.settings.Ignore = []string{"8123"} })
		synctest.Wait()
		if ports := icon.last().Ports; len(ports) != 0 {
			t.Errorf("the tray shows %+v, which is to be ignored", ports)
		}
	})
}

func TestAttention_HeedsMutedPortsAndKinds(t *testing.T) {
	s := config.Default()
	s.Notifications.MutedPorts = []uint16{8123}
	s.Notifications.MutedProcesses = []string{"postgres"}
	watch(t, s, func(_ *attention, n *fakeNotifier, poll func(...monitor.Endpoint)) {
		poll()
		poll(endpoint(5432, "postgres"), endpoint(8123, "node"), endpoint(9000, "caddy"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(n.toasts) != 1 || !strings.Contains(n.toasts[0].Title, "caddy") {
			t.Errorf("toasts: %+v; want one of caddy", n.toasts)
		}
	})
}
