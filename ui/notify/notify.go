// Package notify tells the user about ports outside the window: it decides
// what is worth a word (Policy, pure), says it (Words) and hands it to the
// system's notification service (Notifier).
//
// Names of processes are chosen by whoever wrote the program, so every text is
// cleaned (Clean) before it leaves, and no notification ever starts a program
// or a script. docs/notifications.md has the details per system.
package notify

import (
	"context"
	"errors"

	"github.com/portlight-app/portlight/monitor"
)

// Toast is one notification in finished words, as plain text.
type Toast struct {
	Title, Body string
	// Key is the row that a click opens; the zero Key only shows the window.
	Key monitor.Key
	// Slot makes toasts replace each other: a toast takes the place of the
	// earlier one with the same slot that is still on the screen. "" is a
	// slot like any other.
	Slot string
	// Important asks the system to keep it on the screen a little longer
	// or through quiet hours, as it sees fit.
	Important bool
}

// Notifier shows toasts. Its methods may be called from any goroutine.
type Notifier interface {
	// Notify queues the toast and returns at once; whether the service
	// shows it is beyond us. It fails only with ctx's error, ErrClosed, or
	// ErrBusy if so many toasts wait for a service that doesn't answer that
	// this one was dropped.
	Notify(ctx context.Context, t Toast) error
	// Close ends the notifier; queued toasts are dropped.
	Close() error
}

// Errors of Notify.
var (
	ErrBusy   = errors.New("notification service does not answer")
	ErrClosed = errors.New("notifier is closed")
)

// Options set up a Notifier.
type Options struct {
	// OnClick gets the key of a clicked toast, on a goroutine of the
	// notifier's.
	OnClick func(monitor.Key)
	// OnError gets what went wrong with the service, for the log; nil to
	// ignore it.
	OnError func(error)
	// OpenLabel names what a click does, where the system shows it.
	OpenLabel string
	// Icon is the path of a PNG, or on Linux the name of an icon in the
	// user's theme; "" for what is compiled in (Linux) or none (Windows).
	Icon string
	// Send hands a toast to the window library. It is needed where that is
	// the way to notify (macOS) and not used elsewhere.
	Send func(title, body string)
}

// New returns the system's notifier. It connects when the first toast comes.
func New(opt Options) Notifier { return newNotifier(opt) }
