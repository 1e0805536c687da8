// Package units asks the system's service manager about the unit a process
// belongs to and stops it there: systemd over D-Bus, Windows' service control
// manager. A process that its manager would start again is stopped by nobody
// else for good.
package units

import "errors"

// Unit is what the service manager says of one.
type Unit struct {
	// Name is systemd's ("nginx.service") or the Windows service's key name.
	Name        string
	Description string
	// User: it belongs to the user's own manager, not the system's.
	User bool
	// Restarts: the manager starts it again when its process ends
	// (Restart=, recovery actions).
	Restarts bool
	// Sockets are the .socket units that start it again at the next
	// connection (TriggeredBy=); they have to be stopped with it.
	Sockets []string
	// Listens is set for a .socket unit whose listener PID 1 itself holds.
	Listens bool
	// PIDs are its processes, Shares the other services in the same process
	// (svchost).
	PIDs   []int32
	Shares []string
	// CanStop is false where the manager says that it doesn't stop on request.
	CanStop bool

	// owner is the user whose manager it is, with User.
	owner int
}

// Errors; test with errors.Is.
var (
	ErrNoManager = errors.New("no service manager answers")
	ErrNoUnit    = errors.New("no such unit")
	ErrDenied    = errors.New("the service manager doesn't let this user do that")
	// ErrRefused: the unit isn't stopped on request, or its stop failed.
	ErrRefused = errors.New("the service manager refused to stop it")
)
