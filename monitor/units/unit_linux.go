package units

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Of returns the service a process belongs to: the system's, or that of a
// user's own manager. ErrNoUnit is the answer for what its manager doesn't
// stop as one: login sessions, terminals' and desktop applications' units.
//
// A unit around a process needn't mean that it is the service's: a shell
// without a session of its own belongs to ssh.service. Look at who started it.
func (m *Manager) Of(ctx context.Context, pid int32) (*Unit, error) {
	c, err := m.system(ctx)
	if err != nil {
		return nil, err
	}
	u, err := c.of(ctx, pid)
	c.Close()
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, err)
	}
	if uid, ok := userManager(u.Name); ok {
		if c, err = m.userOf(ctx, uid); err != nil {
			return nil, fmt.Errorf("process %d: %w", pid, err)
		}
		defer c.Close()
		if u, err = c.of(ctx, pid); err != nil {
			return nil, fmt.Errorf("process %d: %w", pid, err)
		}
	}
	if !stoppable(u) {
		return nil, fmt.Errorf("process %d belongs to %s: %w", pid, u.Name, ErrNoUnit)
	}
	return u, nil
}

// ByName returns a unit by its full name, "nginx.service", of the system's
// manager or the user's own. Only what is loaded is found.
func (m *Manager) ByName(ctx context.Context, name string, user bool) (*Unit, error) {
	c, err := m.of(ctx, &Unit{User: user, owner: m.at.uid})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	u, err := c.named(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("unit %q: %w", name, err)
	}
	if !stoppable(u) {
		return nil, fmt.Errorf("unit %q: %w", name, ErrNoUnit)
	}
	return u, nil
}

var userManagerName = regexp.MustCompile(`^user@([0-9]{1,10})\.service$`)

// userManager tells whose service manager the system's unit is, if it is one.
// All that a user runs belongs to it: it is asked, never stopped.
func userManager(name string) (uid int, ok bool) {
	match := userManagerName.FindStringSubmatch(name)
	if match == nil {
		return 0, false
	}
	uid, err := strconv.Atoi(match[1])
	return uid, err == nil
}

// stoppable reports whether a unit is one that is offered to be stopped. A
// desktop's applications may be services too, of reserved names; what runs in
// a terminal then belongs to the terminal's
// (https://systemd.io/DESKTOP_ENVIRONMENTS/).
func stoppable(u *Unit) bool {
	if _, manages := userManager(u.Name); manages || u.User && strings.HasPrefix(u.Name, "app-") {
		return false
	}
	return strings.HasSuffix(u.Name, ".service") || strings.HasSuffix(u.Name, ".socket")
}

func (c *conn) of(ctx context.Context, pid int32) (*Unit, error) {
	if pid <= 0 {
		return nil, ErrNoUnit
	}
	var at dbus.ObjectPath
	if err := c.ask(ctx, managerPath, managerIface+".GetUnitByPID", &at, uint32(pid)); err != nil {
		return nil, err
	}
	return c.describe(ctx, at)
}

func (c *conn) named(ctx context.Context, name string) (*Unit, error) {
	var at dbus.ObjectPath
	if err := c.ask(ctx, managerPath, managerIface+".GetUnit", &at, name); err != nil {
		return nil, err
	}
	return c.describe(ctx, at)
}

// describe reads what there is to know of a unit.
func (c *conn) describe(ctx context.Context, at dbus.ObjectPath) (*Unit, error) {
	var props map[string]dbus.Variant
	if err := c.ask(ctx, at, getProperties, &props, unitIface); err != nil {
		return nil, err
	}
	u := &Unit{
		Name: valueOf[string](props["Id"]), Description: valueOf[string](props["Description"]),
		CanStop: valueOf[bool](props["CanStop"]), User: c.user, owner: c.owner,
	}
	if !stoppable(u) {
		return u, nil
	}
	serving := []string{u.Name}
	var err error
	if strings.HasSuffix(u.Name, ".socket") {
		u.Listens = true
		// Restarts isn't asked: it is the socket that starts the service.
		serving, err = c.active(ctx, valueOf[[]string](props["Triggers"]), ".service")
	} else {
		var restart string
		restart, err = property[string](ctx, c, at, serviceIface, "Restart")
		u.Restarts = restart != "" && restart != "no"
		if err == nil {
			u.Sockets, err = c.active(ctx, valueOf[[]string](props["TriggeredBy"]), ".socket")
		}
	}
	if err != nil {
		return nil, err
	}
	for _, name := range serving {
		u.PIDs = append(u.PIDs, c.processes(ctx, name)...)
	}
	slices.Sort(u.PIDs)
	return u, nil
}

// active returns those of the named units of one type that aren't inactive.
func (c *conn) active(ctx context.Context, names []string, suffix string) ([]string, error) {
	var on []string
	for _, name := range names {
		if !strings.HasSuffix(name, suffix) {
			continue
		}
		var at dbus.ObjectPath
		err := c.ask(ctx, managerPath, managerIface+".GetUnit", &at, name)
		if errors.Is(err, ErrNoUnit) {
			continue // not loaded, so not active
		}
		if err != nil {
			return nil, err
		}
		state, err := property[string](ctx, c, at, unitIface, "ActiveState")
		if err != nil {
			return nil, err
		}
		if state != "inactive" && state != "failed" {
			on = append(on, name)
		}
	}
	return on, nil
}

// processes lists a unit's processes. An older systemd that doesn't tell
// (before 230) leaves them unknown; a stop works all the same.
func (c *conn) processes(ctx context.Context, name string) []int32 {
	var list []struct {
		Cgroup  string
		PID     uint32
		Command string
	}
	if c.ask(ctx, managerPath, managerIface+".GetUnitProcesses", &list, name) != nil {
		return nil
	}
	var pids []int32
	for _, p := range list {
		pids = append(pids, int32(p.PID))
	}
	return pids
}
