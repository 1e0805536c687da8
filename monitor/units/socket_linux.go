package units

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// SocketFor returns the .socket unit whose manager listens at that address for
// its service: PID 1, or a user's manager. ErrNoUnit if there is none.
func (m *Manager) SocketFor(ctx context.Context, proto sockets.Proto, addr netip.AddrPort) (*Unit, error) {
	c, err := m.system(ctx)
	if err != nil {
		return nil, err
	}
	u, err := c.socketFor(ctx, proto, addr)
	c.Close()
	if !errors.Is(err, ErrNoUnit) {
		return u, err
	}
	for _, uid := range m.users() {
		c, err := m.userOf(ctx, uid)
		if err != nil {
			continue // not every user has a manager
		}
		u, err := c.socketFor(ctx, proto, addr)
		c.Close()
		if !errors.Is(err, ErrNoUnit) {
			return u, err
		}
	}
	return nil, fmt.Errorf("%s: %w", addr, ErrNoUnit)
}

func (c *conn) socketFor(ctx context.Context, proto sockets.Proto, addr netip.AddrPort) (*Unit, error) {
	// ListUnitsByPatterns answers a(ssssssouso).
	var list []struct {
		Name, Description, Load, Active, Sub, Follows string
		Path                                          dbus.ObjectPath
		Job                                           uint32
		JobType                                       string
		JobPath                                       dbus.ObjectPath
	}
	err := c.ask(ctx, managerPath, managerIface+".ListUnitsByPatterns", &list, []string{"active"}, []string{"*.socket"})
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		listens, err := property[[]listen](ctx, c, s.Path, socketIface, "Listen")
		if errors.Is(err, ErrNoUnit) {
			continue // gone since the list was made
		}
		if err != nil {
			return nil, err
		}
		for _, l := range listens {
			if p, at, ok := l.endpoint(); ok && p == proto && at == addr {
				return c.describe(ctx, s.Path)
			}
		}
	}
	return nil, ErrNoUnit
}
