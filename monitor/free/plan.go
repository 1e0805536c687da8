// Package free makes a port free again: it plans what to end for that and
// whom else it concerns, ends it, and says "free" only after a new reading and
// a bind have shown so.
package free

import (
	"io"
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// Aim is what the user wants to be free: a port, one endpoint of it, or
// whatever endpoints one process holds.
type Aim struct {
	Port  uint16
	Proto sockets.Proto // 0: TCP and UDP
	Addr  netip.Addr    // the zero Addr: every address
	// Process narrows it to endpoints of that process; with Port 0 all of
	// them. Only PID may be set: its identity is taken when the plan is made.
	Process process.Identity
	// Restarter is who was seen to start the holder again, although nothing in
	// its name says that it would.
	Restarter process.Identity
}

// Plan is what could be done about an Aim. Every process in it is held (pidfd,
// process handle) from the moment the plan was made until Close, so what is
// signalled is what was shown. It is not safe for concurrent use.
type Plan struct {
	Aim  Aim
	Made time.Time
	// Targets are the endpoints to become free, in key order: never a
	// client's socket.
	Targets []monitor.Endpoint
	// Choices are the ways to do it, the recommended one first. There is
	// always at least one, perhaps Blocked.
	Choices []Choice

	machine Machine
	held    map[process.Identity]*process.Handle
}

// Close lets go of the processes. A plan that is closed can't be run.
func (p *Plan) Close() {
	for _, h := range p.held {
		h.Close()
	}
	p.held = nil
}

// Kind is what a choice ends.
type Kind string

// The kinds.
const (
	KindProcess   Kind = "process"   // the holders alone
	KindTree      Kind = "tree"      // the holders and all that they started
	KindWatcher   Kind = "watcher"   // what would start the holder again, and its tree
	KindUnit      Kind = "unit"      // a systemd unit or Windows service, by its manager
	KindContainer Kind = "container" // by the container engine
)

// Reason is why a choice is offered first.
type Reason string

// The reasons.
const (
	ReasonAlone     Reason = "alone"            // nobody else is concerned
	ReasonPrefork   Reason = "prefork"          // several processes of one tree share the socket
	ReasonWatcher   Reason = "restarts"         // ended alone, it would come back: Choice.Name restarts it
	ReasonUnit      Reason = "managed"          // its service manager is to stop it
	ReasonContainer Reason = "in_container"     // it serves a container
	ReasonRelay     Reason = "relay"            // the process only relays for others, and must not be ended
	ReasonSocket    Reason = "socket_activated" // PID 1 holds the socket for the unit
	ReasonInherited Reason = "inherited"        // it inherited the socket from a process that is gone
)

// Risk is a thing the user should see before agreeing.
type Risk string

// The risks.
const (
	RiskOtherUser     Risk = "other_user"     // a process of somebody else
	RiskOtherPorts    Risk = "other_ports"    // Choice.Also go too
	RiskRemoteClients Risk = "remote_clients" // Choice.Clients.Remote are cut off
	RiskService       Risk = "service"        // a service of this machine stops
	RiskShares        Risk = "shares"         // Choice.Shares stop too: one process, several services
	RiskContainer     Risk = "container"
	RiskSeveral       Risk = "several"     // more than one process ends
	RiskComesBack     Risk = "comes_back"  // somebody will start it again
	RiskUnseen        Risk = "unseen"      // not every holder may be read
	RiskConsole       Risk = "console"     // Windows: everything in its console is asked to end
	RiskForceOnly     Risk = "force_only"  // there is no polite way
	RiskDesktop       Risk = "own_session" // ends the user's terminal, editor or desktop part
)

// Blocked says why a choice can't be taken.
type Blocked string

// What blocks.
const (
	BlockedProtected Blocked = "protected" // Choice.Protection says why
	BlockedRights    Blocked = "rights"    // needs more rights: Choice.Elevate tells whether asking for them helps
	BlockedHidden    Blocked = "hidden"    // its process may not be read at all
	BlockedKernel    Blocked = "kernel"    // the kernel itself holds it
	BlockedRelay     Blocked = "relay"     // relays for containers or a virtual machine; take that choice
	BlockedManager   Blocked = "manager"   // the service manager or engine doesn't answer or refuses to stop it
	BlockedGone      Blocked = "gone"      // it ended while the plan was made
)

// Victim is one process that a choice ends.
type Victim struct {
	*process.Process
	// Holds tells whether it holds a target itself.
	Holds bool
}

// Clients counts the established connections that a choice cuts.
type Clients struct{ Local, Remote int }

// Choice is one way to free the targets.
type Choice struct {
	Kind Kind
	// Name is the program's, unit's or container's.
	Name   string
	Reason Reason // "" unless it is the recommended one
	// Victims end, the ones to be asked first first: watchers before what
	// they watch. For a unit or container they are what can be seen of it.
	Victims   []Victim
	Unit      *units.Unit
	Container *monitor.Container
	// Also are other endpoints that go with it.
	Also    []monitor.Key
	Clients Clients
	// Shares are other services in the same process, Restarter who would
	// start it again, if somebody would.
	Shares     []string
	Restarter  *process.Ancestor
	Risks      []Risk
	Blocked    Blocked
	Protection process.Protection
	// Elevate: with the rights of an administrator it could be done.
	Elevate bool
}

// Safe reports whether the choice may be taken without a question.
func (c *Choice) Safe() bool { return c.Blocked == "" && len(c.Risks) == 0 }

// Order is the user's decision.
type Order struct {
	Choice int // index into Plan.Choices
	// Force leaves the polite request out; NeverForce never goes further.
	Force, NeverForce bool
	// Grace is the time between the polite request and force; 0 means
	// DefaultGrace.
	Grace time.Duration
	// Hold binds the port ourselves as soon as it is free; Result.Held must
	// then be closed by the caller.
	Hold bool
}

// Stage is where a run is.
type Stage string

// The stages.
const (
	StageChecking Stage = "checking" // does it still hold the port
	StageAsking   Stage = "asking"   // asked to end, the grace time runs
	StageForcing  Stage = "forcing"
	StageProving  Stage = "proving" // gone; is the port free
)

// Step is told while a plan runs.
type Step struct {
	Stage Stage
	// Grace is 0 while no time runs: a manager hasn't agreed yet, or nothing
	// but its own time is left.
	Elapsed, Grace time.Duration
	// Alive are the victims still running.
	Alive []process.Identity
}

// Ending is how a run ended. Each has an exit code of its own in the CLI.
type Ending string

// The endings.
const (
	EndFreed      Ending = "freed"       // proven by a reading and a bind
	EndLingering  Ending = "lingering"   // freed; programs without SO_REUSEADDR wait for Final.Wait
	EndReserved   Ending = "reserved"    // nobody holds it; only an administrator may bind it, so no bind proves it: Final.Err
	EndTakenAgain Ending = "taken_again" // by Final.Holders, started by Final.By
	EndStillHeld  Ending = "still_held"  // the victims ended, Final.Holders hold on: children, others of a group
	EndRunning    Ending = "running"     // Final.Alive didn't end
	EndTakenBack  Ending = "taken_back"  // the context ended during the grace time: asked to end, not forced
	EndDenied     Ending = "denied"      // the system doesn't let us
	EndNotHeld    Ending = "not_held"    // the process no longer held the port: nothing was done
	EndUnproven   Ending = "unproven"    // nobody holds it and yet it can't be bound: Final.Err
)

// Final is what a run came to.
type Final struct {
	Ending  Ending
	Elapsed time.Duration // since the first signal or request
	Forced  bool
	// Managed: with EndTakenBack, a service manager was asked. It goes on
	// stopping the unit, and forces it when its own time is over.
	Managed bool
	Holders []monitor.Holder
	By      *process.Ancestor
	Alive   []process.Identity
	Wait    time.Duration
	Err     error
	// Held is the port, bound by ourselves (Order.Hold).
	Held io.Closer
}
