//go:build !linux && !windows

package units

import (
	"context"
	"net/netip"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Manager stands for a service manager that isn't asked on this system.
type Manager struct{}

// Open returns ErrNoManager: launchd isn't asked.
func Open(context.Context) (*Manager, error) { return nil, ErrNoManager }

// Of returns ErrNoManager.
func (*Manager) Of(context.Context, int32) (*Unit, error) { return nil, ErrNoManager }

// ByName returns ErrNoManager.
func (*Manager) ByName(context.Context, string, bool) (*Unit, error) { return nil, ErrNoManager }

// SocketFor returns ErrNoManager.
func (*Manager) SocketFor(context.Context, sockets.Proto, netip.AddrPort) (*Unit, error) {
	return nil, ErrNoManager
}

// Stop returns ErrNoManager.
func (*Manager) Stop(context.Context, *Unit, func()) error { return ErrNoManager }

// Kill returns ErrNoManager.
func (*Manager) Kill(context.Context, *Unit) error { return ErrNoManager }
