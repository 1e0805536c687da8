// Package details is the pane beside the table: the story of one endpoint in
// lines a person reads, and what can be done about it.
package details

import (
	"net/url"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Actions are what the pane asks for. Every method returns at once.
type Actions interface {
	// Stop asks the process to end by itself, Force ends it. Progress comes
	// back through Window.ReportKill, at least once per call.
	Stop(Target)
	Force(Target)
	// OpenURL opens the address in the user's browser.
	OpenURL(*url.URL)
	// Reveal shows the executable in the desktop's file manager.
	Reveal(path string)
	// RequestStory asks for the endpoint's story with what only the kernel
	// can add (bytes, round-trip times). It is answered by
	// Window.ApplyStory and asked again with each snapshot while the pane
	// shows the endpoint: one request in flight is enough.
	RequestStory(monitor.Key)
}

// Target is a process to be ended: the identity that the user saw, and the
// endpoint it was seen to hold, to be checked again before any signal.
type Target struct {
	Process process.Identity
	Name    string
	Key     monitor.Key
}

// KillPhase is how far a kill has come.
type KillPhase uint8

// The phases. Stopping may be reported repeatedly; of the others one ends it.
const (
	// KillStopping: it was asked to end, and is being waited for.
	KillStopping KillPhase = iota + 1
	// KillStillRunning: the grace time is over; the user may Force.
	KillStillRunning
	// KillEnded: the process has ended and the port was seen to be free.
	KillEnded
	// KillEndedHeld: it has ended, but somebody else holds the port now.
	KillEndedHeld
	// KillFailed: nothing was signalled, Err says why.
	KillFailed
)

// KillProgress is what the window is told about a kill.
type KillProgress struct {
	Target Target
	Phase  KillPhase
	// Elapsed and Grace are the time since Stop and the time it is given.
	Elapsed, Grace time.Duration
	// Err wraps process.ErrGone, ErrDenied or ErrProtected where it is one
	// of those.
	Err error
}
