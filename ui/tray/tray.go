// Package tray puts Portlight's icon and menu into the system's tray.
//
// What the menu says is decided by Build, a pure function of a snapshot; how it
// gets on the screen is one file per library: getlantern/systray on Linux and
// Windows, Fyne's own tray on macOS, where the two can't be linked together.
// docs/tray.md has the reasons.
package tray

import (
	"context"
	"errors"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Tray is an icon that is being shown. Its methods may be called from any
// goroutine.
type Tray interface {
	// Update shows the model as soon as the system lets us and returns at
	// once. Of models that come faster than that, the latest is shown; only
	// items that differ are touched.
	Update(Model)
	// Stop removes the icon and waits until the tray's thread has ended, or
	// for ctx: then it returns ctx's error. After Stop there are no events.
	Stop(ctx context.Context) error
}

// Action is what the user asked for in the menu.
type Action uint8

// The actions. Browse, Copy and Free are about Event.Key.
const (
	Open   Action = iota + 1 // show the window
	Quit                     // end Portlight
	Pause                    // turn notifications off or on again
	Browse                   // open the endpoint in a browser
	Copy                     // copy the endpoint's address
	Free                     // free its port: what needs an answer is asked in the window
	More                     // show the window: the menu has no room for all
	Why                      // show where one asks why a port can't be had
)

// Event is one click.
type Event struct {
	Action Action
	// Key is the endpoint that the clicked item showed; zero for the
	// actions that are about none.
	Key monitor.Key
	// Holder is the process it showed, as Port.Holder.
	Holder process.Identity
}

// Options set up a tray.
type Options struct {
	// First is the model to begin with.
	First Model
	// OnEvent gets every click, on a goroutine of the tray's. It should
	// hand the event on: until it returns, further clicks on the same item
	// are dropped.
	OnEvent func(Event)
	// Do runs a function on the window's goroutine. It is needed where the
	// tray is the window library's own (macOS) and not used elsewhere.
	Do func(func())
}

// Errors of Start; test with errors.Is.
var (
	// ErrNoDisplay: there is no display to show an icon on, or it refuses us.
	ErrNoDisplay = errors.New("no display for the tray icon")
	// ErrNoBus: there is no session bus (Linux), or it doesn't answer.
	ErrNoBus = errors.New("no session bus for the tray icon")
	// ErrUnsupported: this build has no tray.
	ErrUnsupported = errors.New("built without a tray")
	// ErrStarted: a process can have one tray, once.
	ErrStarted = errors.New("tray was started before")
	// ErrRefused: the system didn't take the icon.
	ErrRefused = errors.New("the system did not take the tray icon")
)

// Start shows the icon. It can succeed only once in a process. On macOS it has
// to be called on the main goroutine before the window's loop runs; elsewhere
// the tray has a thread of its own and Start may be called at any time. It
// returns once the icon was handed to the system. Whether anybody shows it is
// another question: HostAvailable.
func Start(ctx context.Context, opt Options) (Tray, error) { return start(ctx, opt) }
