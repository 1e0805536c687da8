package app

import (
	"context"
	"sync"
	"time"

	"github.com/portlight-app/portlight/app/config"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/notify"
	"github.com/portlight-app/portlight/ui/tray"
	"github.com/portlight-app/portlight/ui/view"
)

// updates is a monitor.Subscription.
type updates interface {
	Next(context.Context) (monitor.Update, error)
}

// attention follows the engine for all that doesn't need the window open: it
// passes updates on to the window, settles changes into events, makes toasts
// of those worth one, and keeps the tray current.
type attention struct {
	updates  updates
	window   func(monitor.Update) // gets every update; returns at once
	notifier notify.Notifier
	surround surroundings
	now      func() time.Time

	kick chan struct{} // something below was changed

	mu       sync.Mutex
	settings config.Settings
	paused   bool
	changed  bool // something was told that the user hasn't looked at
	warning  bool // and it needs a look
	err      error
	tray     tray.Tray // nil while there is none
	toasts   int
	last     *notify.Toast
}

func newAttention(u updates, window func(monitor.Update), n notify.Notifier, s config.Settings) *attention {
	return &attention{
		updates: u, window: window, notifier: n, settings: s,
		surround: observe(), now: time.Now, kick: make(chan struct{}, 1),
	}
}

// set changes what run works with.
func (a *attention) set(change func(*attention)) {
	a.mu.Lock()
	change(a)
	a.mu.Unlock()
	select {
	case a.kick <- struct{}{}:
	default:
	}
}

// run works until ctx ends.
func (a *attention) run(ctx context.Context) {
	f := &follower{
		attention: a,
		settler:   monitor.NewSettler(a.rest(), 0),
		policy:    notify.NewPolicy(a.rules()),
		menu:      tray.NewBuilder(),
	}
	updates := make(chan monitor.Update)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		defer close(updates)
		for {
			u, err := a.updates.Next(ctx)
			if err != nil {
				return
			}
			a.window(u)
			select {
			case updates <- u:
			case <-ctx.Done():
				return
			}
		}
	})
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case u, ok := <-updates:
			if !ok {
				return
			}
			f.take(u)
		case <-a.kick:
			f.policy.SetRules(a.rules())
			if _, waiting := f.settler.Next(); !waiting {
				f.settler = monitor.NewSettler(a.rest(), 0)
			}
			f.menu = tray.NewBuilder() // the language may be another
			f.showTray()
		case <-timer.C:
			f.take(monitor.Update{})
		}
		f.tell(ctx)
		if next, ok := f.next(); ok {
			timer.Reset(max(0, next.Sub(a.now())))
		}
	}
}

// follower is what run alone works with.
type follower struct {
	*attention
	snapshot *monitor.Snapshot
	settler  *monitor.Settler
	policy   *notify.Policy
	menu     *tray.Builder
}

func (f *follower) take(u monitor.Update) {
	now := f.now()
	if u.Snapshot != nil {
		f.snapshot = u.Snapshot
	}
	if u.Baseline {
		f.policy.Baseline(u.Snapshot, now)
	}
	if events := f.settler.Settle(u.Changes, now); len(events) > 0 {
		f.policy.Take(events, f.snapshot, now)
	}
	if u.Snapshot != nil {
		f.showTray()
	}
}

// next returns when there is something to do without an update.
func (f *follower) next() (time.Time, bool) {
	next, ok := f.settler.Next()
	if due, waits := f.policy.Next(); waits && (!ok || due.Before(next)) {
		next, ok = due, true
	}
	return next, ok
}

// tell shows what is due. A service that doesn't answer is not worth a word:
// the next toast comes.
func (f *follower) tell(ctx context.Context) {
	batch := f.policy.Due(f.now())
	if len(batch) == 0 {
		return
	}
	t := notify.Words(batch)
	err := f.notifier.Notify(ctx, t)
	f.mu.Lock()
	f.changed, f.warning, f.last = true, f.warning || t.Important, &t
	if err == nil {
		f.toasts++
	}
	f.mu.Unlock()
	f.showTray()
}

func (f *follower) showTray() {
	f.mu.Lock()
	t := f.tray
	f.mu.Unlock()
	if t != nil {
		t.Update(f.model())
	}
}

// model is what the tray shows now.
func (f *follower) model() tray.Model {
	f.mu.Lock()
	st := f.trayState()
	f.mu.Unlock()
	return f.menu.Build(f.snapshot, st)
}

// trayState is called with mu held.
func (a *attention) trayState() tray.State {
	s := a.settings
	return tray.State{
		Paused:  a.paused || !s.Notifications.Enabled,
		Changed: a.changed, Warning: a.warning, Err: a.err,
		UID: a.surround.uid, HasUID: a.surround.hasUID, User: a.surround.user,
		View: view.Options{
			HideSystem: s.HideSystem, Ignore: queries(s.Ignore),
			Ephemeral: a.surround.ephemeral, Self: a.surround.self,
		},
	}
}

// queries parses the ignore list; what is no filter ignores nothing.
func queries(filters []string) []view.Query {
	var out []view.Query
	for _, s := range filters {
		if q, err := view.Parse(s); err == nil && !q.Empty() {
			out = append(out, q)
		}
	}
	return out
}

// rest is how long an endpoint has to be left alone before it is told of: until
// the poll after the one that found it, which often is the first to know who
// holds it.
func (a *attention) rest() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(monitor.DefaultRest, a.settings.Interval+500*time.Millisecond)
}

// rules are what the user wants to be told.
func (a *attention) rules() notify.Rules {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.settings.Notifications
	return notify.Rules{
		Paused:      a.paused || !n.Enabled,
		Opened:      n.Has(config.KindOpened),
		Closed:      n.Has(config.KindClosed),
		Exposed:     n.Has(config.KindExposed),
		SecondOwner: n.Has(config.KindSecondOwner),
		UDP:         n.Has(config.KindUDP),
		Ephemeral:   a.surround.ephemeral,
		MutedPorts:  n.MutedPorts, MutedPrograms: n.MutedProcesses,
		Self: a.surround.self,
	}
}
