//go:build (windows || (linux && cgo)) && !fynetray

package tray

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getlantern/systray"

	"github.com/portlight-app/portlight/assets"
)

// started guards getlantern/systray, whose state is one per process: it can be
// run once, and after Quit never again.
var started atomic.Bool

// patience is how long the system may take to take the icon.
const patience = 5 * time.Second

// lantern shows a model through getlantern/systray.
type lantern struct {
	opt   Options
	stop  context.CancelFunc
	ended chan struct{} // the tray's thread has ended
	still chan struct{} // nothing is painted any more
	next  chan Model    // holds the latest model that isn't shown yet

	items [numberOfLines]*systray.MenuItem // set before the first click

	mu    sync.Mutex // guards what follows
	icon  assets.TrayState
	tip   string
	shown menu
	slots slots
}

func start(ctx context.Context, opt Options) (Tray, error) {
	if !started.CompareAndSwap(false, true) {
		return nil, ErrStarted
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	t := &lantern{opt: opt, stop: stop, ended: make(chan struct{}), still: make(chan struct{}), next: make(chan Model, 1)}
	ready, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(t.ended)
		// Messages and GTK's loop belong to the thread that made the
		// window: without the lock the goroutine moves on to another, and
		// clicks die after minutes.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := prepare(run); err != nil {
			failed <- err
			return
		}
		systray.Run(func() { t.build(); close(ready) }, nil)
	}()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	var err error
	refused := false
	select {
	case <-ready:
		for i := range t.items {
			if i == lineStatus {
				continue
			}
			go t.listen(run, i)
		}
		go t.paint(run)
		return t, nil
	case err = <-failed:
		refused = true
	case <-timeout.C:
		err = ErrRefused
	case <-ctx.Done():
		err = ctx.Err()
	}
	stop()
	if !refused { // Quit is for what runs, and might yet run
		systray.Quit()
	}
	return nil, err
}

func (t *lantern) Update(m Model) {
	for {
		select {
		case t.next <- m:
			return
		default:
		}
		select {
		case <-t.next: // make room
		default:
		}
	}
}

func (t *lantern) Stop(ctx context.Context) error {
	t.stop()
	// An icon set after Quit would leave its file behind. Painting calls the
	// library only, which queues: this is no wait.
	<-t.still
	systray.Quit()
	select {
	case <-t.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// build adds the whole menu. Lines are hidden only when all are there: Windows
// can't give a submenu to an item that it doesn't show.
func (t *lantern) build() {
	m := t.opt.First
	t.mu.Lock()
	defer t.mu.Unlock()
	first := menuOf(m)
	for i := range first {
		// Words come with apply: see label.
		const title = " "
		switch at := portOf(i); {
		case at >= 0 && at != i:
			t.items[i] = t.items[at].AddSubMenuItem(title, "")
		case i == linePause:
			t.items[i] = systray.AddMenuItemCheckbox(title, "", false)
		default:
			if i == linePorts || i == lineWhy {
				systray.AddSeparator()
			}
			t.items[i] = systray.AddMenuItem(title, "")
		}
		t.shown[i] = line{title: title}
	}
	t.icon, t.tip = m.Icon, m.Tooltip
	setIcon(m.Icon)
	systray.SetTooltip(m.Tooltip)
	t.apply(m)
}

// paint shows what Update brings.
func (t *lantern) paint(ctx context.Context) {
	defer close(t.still)
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-t.next:
			t.mu.Lock()
			t.apply(m)
			t.mu.Unlock()
		}
	}
}

// apply touches what differs, because every touch is a message to the panel
// that may redraw an open menu.
func (t *lantern) apply(m Model) {
	t.slots.set(m.Ports, time.Now())
	for _, c := range changes(&t.shown, menuOf(m)) {
		item := t.items[c.index]
		if c.to.hidden {
			item.Hide()
			continue
		}
		// Any of these shows a hidden item as well.
		if c.to.title != c.from.title || c.from.hidden {
			item.SetTitle(label(c.to.title))
		}
		if c.to.disabled && !c.from.disabled {
			item.Disable()
		} else if !c.to.disabled && c.from.disabled {
			item.Enable()
		}
		if c.to.checked && !c.from.checked {
			item.Check()
		} else if !c.to.checked && c.from.checked {
			item.Uncheck()
		}
	}
	if m.Icon != t.icon {
		t.icon = m.Icon
		setIcon(m.Icon)
	}
	if m.Tooltip != t.tip {
		t.tip = m.Tooltip
		systray.SetTooltip(m.Tooltip)
	}
}

// listen receives the clicks on one item. Each has a goroutine of its own,
// because a click that nobody is waiting for is dropped.
func (t *lantern) listen(ctx context.Context, i int) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.items[i].ClickedCh:
		}
		t.mu.Lock()
		e, ok := t.slots.event(i, time.Now())
		if i == linePause && clickToggles {
			t.shown[i].checked = !t.shown[i].checked
		}
		t.mu.Unlock()
		if ok && ctx.Err() == nil && t.opt.OnEvent != nil {
			t.opt.OnEvent(e)
		}
	}
}
