package free

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// Machine is what a plan asks and acts through. The zero value reads this
// machine and can only end processes: Units and Containers that are nil are
// not available, everything else has a default.
type Machine struct {
	// Look reads the machine anew.
	Look func(ctx context.Context, connections bool) (*monitor.Snapshot, error)
	// Names names containers for the default Look.
	Names monitor.ContainerNamer

	Units      UnitManager
	Containers Engine

	// Try binds as a program would, Hold until it is closed.
	Try  func(sockets.Proto, netip.AddrPort, bind.Manner) bind.Try
	Hold func(sockets.Proto, netip.AddrPort) (io.Closer, error)
	// Lingering lists the connections that still keep a port.
	Lingering func(port uint16) ([]sockets.Lingering, error)
	// Reserved is what the system sets aside.
	Reserved func() bind.Reserved

	// open takes hold of a process.
	open func(process.Identity) (*process.Handle, error)
}

// UnitManager is the system's service manager: a *units.Manager.
type UnitManager interface {
	// Of returns the unit a process belongs to, or units.ErrNoUnit.
	Of(ctx context.Context, pid int32) (*units.Unit, error)
	// ByName returns a unit of the system's manager or the user's.
	ByName(ctx context.Context, name string, user bool) (*units.Unit, error)
	// SocketFor returns the unit for which the manager itself listens there.
	SocketFor(ctx context.Context, proto sockets.Proto, addr netip.AddrPort) (*units.Unit, error)
	// Stop stops the unit, and what would start it again, and returns once
	// that is done. It calls accepted when the manager has agreed to it, for
	// which it may have to ask the user. Kill makes a Stop that takes too long
	// short.
	Stop(ctx context.Context, u *units.Unit, accepted func()) error
	Kill(ctx context.Context, u *units.Unit) error
}

// Engine is the container engine: a *containers.Engine.
type Engine interface {
	// Stop stops a container, by force once the grace is over, and returns
	// once it has ended. It never forces with a grace below 0, and with 0 it
	// does so at once, also while another Stop waits.
	Stop(ctx context.Context, id string, grace time.Duration) error
	// Policy says when the engine starts a container again.
	Policy(ctx context.Context, id string) (containers.Policy, error)
}

// ErrNobody: nothing waits for peers there. A connection that happens to use
// the port, at whichever end, is no target.
var ErrNobody = errors.New("nobody holds it")

// BlockedError says why a choice wasn't taken.
type BlockedError struct {
	Why        Blocked
	Protection process.Protection // of BlockedProtected
}

func (e *BlockedError) Error() string {
	if e.Protection != "" {
		return fmt.Sprintf("blocked: %s (%s)", e.Why, e.Protection)
	}
	return fmt.Sprintf("blocked: %s", e.Why)
}

// Unwrap returns process.ErrProtected, process.ErrDenied or nothing.
func (e *BlockedError) Unwrap() error {
	switch e.Why {
	case BlockedProtected:
		return process.ErrProtected
	case BlockedRights, BlockedHidden:
		return process.ErrDenied
	case BlockedGone:
		return process.ErrGone
	}
	return nil
}

// orDefaults fills in what this machine can do by itself.
func (m Machine) orDefaults() Machine {
	if m.Look == nil {
		names := m.Names
		m.Look = func(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
			return monitor.Once(ctx, monitor.Options{Containers: names}, connections)
		}
	}
	if m.Try == nil {
		m.Try = bind.Once
	}
	if m.Hold == nil {
		m.Hold = holdPort
	}
	if m.Lingering == nil {
		m.Lingering = sockets.LingeringOn
	}
	if m.Reserved == nil {
		m.Reserved = func() bind.Reserved {
			r, _ := bind.ReadReserved() // what can't be read is set aside for nobody
			return r
		}
	}
	if m.open == nil {
		m.open = process.Open
	}
	return m
}

func holdPort(proto sockets.Proto, addr netip.AddrPort) (io.Closer, error) {
	h, err := bind.Hold(proto, addr)
	if err != nil {
		return nil, err // not a *bind.Held of nil, which would be a Closer
	}
	return h, nil
}
