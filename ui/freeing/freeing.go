// Package freeing is how the window frees ports: the plan that is shown where
// somebody else is concerned, the progress, what came of it and the next step.
package freeing

import (
	"errors"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
)

// Actions are what freeing asks for. Every method returns at once; how an
// attempt goes comes back through Window.ReportAttempt.
type Actions interface {
	// Free begins an attempt: it makes a plan, and if the recommended choice
	// is safe carries it out at once, but not with ask, nor if it would end a
	// holder that isn't among seen: whom the user was looking at.
	Free(id ID, aim free.Aim, seen []process.Identity, ask bool)
	// Run carries out a choice of a plan that waits, or one that has been
	// carried out without force, once more. A Grace of 0 is the window's.
	Run(ID, free.Order)
	// DontForce ends the grace time: who was asked to end is not forced.
	DontForce(ID)
	// ForceNow ends the grace time by force.
	ForceNow(ID)
	// Discard lets go of an attempt's plan.
	Discard(ID)
	// AskPermission has the system ask for an administrator's rights, and
	// carries out that choice with them: one of Attempt.Elevatable, or of an
	// attempt that was denied the one that was carried out.
	AskPermission(id ID, choice int)
	// Release lets go of a port that is held for the user.
	Release(ID)
}

// ID names an attempt. The window makes them, from 1.
type ID int

// Phase is how far an attempt has come.
type Phase string

// The phases.
const (
	Planning Phase = "planning" // looking who is concerned
	Waiting  Phase = "waiting"  // for the user's choice
	Running  Phase = "running"
	Done     Phase = "done" // Final or Err says how
)

// Attempt is one attempt to free a port, as the window is told of it.
type Attempt struct {
	ID    ID
	Aim   free.Aim
	Phase Phase
	// Plan is to be looked at only: it holds no process. It is nil until it
	// was made, and if that failed.
	Plan *free.Plan
	// Elevatable are the indices of choices that rights may be asked for.
	Elevatable []int
	// Choice is the index of the one carried out.
	Choice int
	Step   free.Step
	// Asking: the system was asked for an administrator's rights, and with them
	// ends the process now. CanStop: DontForce is heard then.
	Asking, CanStop bool
	Final           *free.Final
	Err             error
	// Again: Run may force it after all.
	Again bool
	// Elevate: more rights would help with Choice. Command is what an administrator can
	// type instead, where the system has no way to ask.
	Elevate bool
	Command string
}

// Held is a port that is held for the user.
type Held struct {
	ID   ID
	Port uint16
}

// ErrGivenUp: the attempt was stopped before anybody was asked to end.
var ErrGivenUp = errors.New("stopped before anybody was asked to end")

// GraceTime is what the window gives a process to end.
const GraceTime = 3 * time.Second

// AimAt is the aim of who wants to free an endpoint: the whole port if it is
// in one hand, else only that address.
func AimAt(s *monitor.Snapshot, e *monitor.Endpoint) free.Aim {
	aim := free.Aim{Port: e.Addr.Port()}
	for i := range s.Endpoints {
		o := &s.Endpoints[i]
		if o.Addr.Port() != aim.Port || o.Key == e.Key || sameHolders(o, e) {
			continue
		}
		if o.Proto == e.Proto {
			aim.Addr = e.Addr.Addr()
		}
		aim.Proto = e.Proto
	}
	return aim
}

// seenAt are an endpoint's holders, as somebody who looks at it sees them.
func seenAt(e *monitor.Endpoint) (seen []process.Identity) {
	for _, h := range e.Holders {
		seen = append(seen, h.Identity)
	}
	return seen
}

func sameHolders(a, b *monitor.Endpoint) bool {
	if len(a.Holders) == 0 || len(a.Holders) != len(b.Holders) {
		return false
	}
	return !slices.ContainsFunc(a.Holders, func(h monitor.Holder) bool { return !b.HeldBy(h.Identity) })
}
