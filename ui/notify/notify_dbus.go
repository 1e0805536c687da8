//go:build !windows && !darwin

package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"slices"
	"time"

	desktop "github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/internal/sessionbus"
)

// service is the name of the freedesktop notification service (Desktop
// Notifications Specification 1.2, specifications.freedesktop.org).
const service = "org.freedesktop.Notifications"

const (
	// patience is how long the bus or the service may take to answer.
	patience = 3 * time.Second
	// remembered is how many toasts can still be clicked: services keep old
	// ones in a list.
	remembered = 64
	// longer is how long an important toast stays, in place of the
	// service's own time.
	longer = 15 * time.Second
)

// bus talks to the notification service from one goroutine, the only one that
// touches what isn't above it.
type bus struct {
	queue
	opt Options

	patience time.Duration
	conn     *dbus.Conn
	signals  chan *dbus.Signal
	caps     []string
	hasCaps  bool
	owner    string            // of the service's name when the last toast was sent
	slots    map[string]uint32 // id of the toast that is on the screen
	shown    []shown           // oldest first
}

type shown struct {
	id  uint32
	key monitor.Key
}

func newNotifier(opt Options) Notifier {
	b := &bus{queue: newQueue(), opt: opt, patience: patience, slots: map[string]uint32{}}
	go b.run()
	return b
}

func (b *bus) run() {
	defer close(b.ended)
	defer b.disconnect()
	for {
		select {
		case <-b.ctx.Done():
			return
		case t := <-b.toasts:
			if err := b.show(t); err != nil && b.ctx.Err() == nil && b.opt.OnError != nil {
				b.opt.OnError(fmt.Errorf("notification: %w", err))
			}
		case s, ok := <-b.signals:
			if !ok {
				b.disconnect() // the bus went away; the next toast looks for it again
				break
			}
			b.hear(s)
		}
	}
}

// show makes the service show a toast, connecting if need be, and once more if
// the connection turns out to be dead.
func (b *bus) show(t Toast) error {
	fresh := b.conn == nil
	err := b.try(t)
	if err != nil && !fresh && errors.Is(err, dbus.ErrClosed) {
		err = b.try(t)
	}
	return err
}

func (b *bus) try(t Toast) error {
	ctx, cancel := context.WithTimeout(b.ctx, b.patience)
	defer cancel()
	if b.conn == nil {
		if err := b.connect(ctx); err != nil {
			return err
		}
	}
	b.catchUp()
	err := sessionbus.Do(ctx, b.conn, func() error {
		if err := b.meet(ctx); err != nil {
			return err
		}
		return b.send(t)
	})
	// An error that isn't the service's answer is the connection's, which may
	// not have noticed yet that it is dead.
	if answer := (dbus.Error{}); err != nil && !errors.As(err, &answer) {
		b.disconnect()
	}
	return err
}

func (b *bus) connect(ctx context.Context) error {
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, remembered)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(service), dbus.WithMatchInterface(service)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			_ = conn.Close()
			return err
		}
	}
	b.conn, b.signals = conn, signals
	return nil
}

func (b *bus) disconnect() {
	if b.conn != nil {
		_ = b.conn.Close()
	}
	b.conn, b.signals, b.owner = nil, nil, ""
	b.forget()
}

// forget drops what one run of the service gave us: ids and capabilities mean
// nothing to the next.
func (b *bus) forget() {
	b.hasCaps, b.shown = false, nil
	clear(b.slots)
}

// meet finds out whether the service is still the one that the ids are of: the
// signal that it changed may be on its way.
func (b *bus) meet(ctx context.Context) error {
	var owner string
	err := b.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, service).Store(&owner)
	if answer := (dbus.Error{}); err != nil && !errors.As(err, &answer) {
		return err
	} // an answer is that nobody has the name yet: our call starts the service
	if b.owner != "" && b.owner != owner {
		b.forget()
	}
	b.owner = owner
	return nil
}

func (b *bus) send(t Toast) error {
	if !b.hasCaps {
		caps, err := desktop.GetCapabilities(b.conn)
		if err != nil {
			return err
		}
		b.caps, b.hasCaps = caps, true
	}
	n := desktop.Notification{
		AppName: "Portlight", AppIcon: b.opt.Icon, ReplacesID: b.slots[t.Slot],
		Summary: t.Title, Body: t.Body, ExpireTimeout: desktop.ExpireTimeoutSetByNotificationServer,
	}
	if b.opt.Icon == "" {
		n.AddHint(appIcon())
	}
	n.AddHint(desktop.HintUrgency(desktop.UrgencyNormal))
	n.AddHint(desktop.Hint{ID: "desktop-entry", Variant: dbus.MakeVariant("portlight")})
	if t.Important {
		n.ExpireTimeout = longer
	}
	if b.can("body-markup") {
		// A subset of XML: without this "<b>" is a tag and "a & b" may not
		// be shown at all. Where there is no markup it has to stay as it is.
		n.Body = html.EscapeString(n.Body)
	}
	if b.can("actions") {
		n.Actions = []desktop.Action{desktop.NewDefaultAction(b.opt.OpenLabel)}
	}
	id, err := desktop.SendNotification(b.conn, n)
	if err != nil {
		return err
	}
	b.slots[t.Slot] = id
	b.shown = slices.DeleteFunc(b.shown, func(s shown) bool { return s.id == id })
	if len(b.shown) == remembered {
		b.shown = slices.Delete(b.shown, 0, 1)
	}
	b.shown = append(b.shown, shown{id, t.Key})
	return nil
}

// catchUp takes the signals that came before this moment, so that none of them
// is taken for news about what happens next.
func (b *bus) catchUp() {
	for {
		select {
		case s, ok := <-b.signals:
			if !ok {
				return
			}
			b.hear(s)
		default:
			return
		}
	}
}

// appIcon is the program's icon as pixels, so that it needs no file and no
// installed theme.
func appIcon() desktop.Hint {
	img, err := png.Decode(bytes.NewReader(assets.App48))
	if err != nil {
		panic(err) // it is compiled in
	}
	// The service takes colours that are not multiplied by alpha, the library
	// an image of those that are; only the pixels count.
	px := image.NewNRGBA(img.Bounds())
	draw.Draw(px, px.Rect, img, px.Rect.Min, draw.Src)
	return desktop.HintImageDataRGBA(&image.RGBA{Pix: px.Pix, Stride: px.Stride, Rect: px.Rect})
}

func (b *bus) can(capability string) bool { return slices.Contains(b.caps, capability) }

// hear takes a signal. Its body comes from another program, so nothing of it
// is taken for granted.
func (b *bus) hear(s *dbus.Signal) {
	switch s.Name {
	case "org.freedesktop.DBus.NameOwnerChanged":
		var name, from, to string
		// From nobody to somebody is the service being started by our call.
		if dbus.Store(s.Body, &name, &from, &to) == nil && from != "" {
			b.forget()
		}
	case service + ".NotificationClosed":
		var id, reason uint32
		if dbus.Store(s.Body, &id, &reason) != nil {
			return
		}
		for slot, on := range b.slots {
			if on == id {
				delete(b.slots, slot)
			}
		}
	case service + ".ActionInvoked":
		var id uint32
		var action string
		if dbus.Store(s.Body, &id, &action) != nil || action != "default" || b.opt.OnClick == nil {
			return
		}
		if i := slices.IndexFunc(b.shown, func(s shown) bool { return s.id == id }); i >= 0 {
			b.opt.OnClick(b.shown[i].key)
		}
	}
}
