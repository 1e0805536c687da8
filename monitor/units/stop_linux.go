package units

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Stop stops the unit through its manager and waits until that has happened:
// first the sockets that would start it again, then the unit itself, and with
// a socket whatever serves it, which has the listener as well. systemd asks the
// processes to end and kills them after the unit's own time (TimeoutStopSec=,
// 90 s unless set); if ctx ends before, its error is returned and the stop
// goes on.
//
// A polkit agent may ask the user for a password first. accepted, which may be
// nil, is called once the manager has agreed to stop all of it: the processes
// are asked to end from then on.
func (m *Manager) Stop(ctx context.Context, u *Unit, accepted func()) error {
	c, err := m.of(ctx, u)
	if err != nil {
		return err
	}
	defer c.Close()
	jobs, err := c.jobs(ctx)
	if err != nil {
		return fmt.Errorf("stop %s: %w", u.Name, err)
	}
	first, then := u.Sockets, []string{u.Name}
	if strings.HasSuffix(u.Name, ".socket") {
		served, err := c.served(ctx, u.Name)
		if err != nil {
			return fmt.Errorf("stop %s: %w", u.Name, err)
		}
		first, then = append(slices.Clone(u.Sockets), u.Name), served
	}
	if err := jobs.stop(ctx, first, nil); err != nil {
		return err
	}
	return jobs.stop(ctx, then, accepted)
}

// Kill sends SIGKILL to all processes of the unit: force, for a unit whose
// Stop takes too long. The manager is stopping it then, so it stays stopped.
func (m *Manager) Kill(ctx context.Context, u *Unit) error {
	c, err := m.of(ctx, u)
	if err != nil {
		return err
	}
	defer c.Close()
	names := []string{u.Name}
	if strings.HasSuffix(u.Name, ".socket") {
		if names, err = c.served(ctx, u.Name); err != nil {
			return fmt.Errorf("kill %s: %w", u.Name, err)
		}
	}
	const sigkill = int32(9)
	for _, name := range names {
		call := c.Object(systemd, managerPath).CallWithContext(ctx, managerIface+".KillUnit",
			dbus.FlagAllowInteractiveAuthorization, name, "all", sigkill)
		if err := meaning(call.Err); err != nil && !errors.Is(err, ErrNoUnit) {
			return fmt.Errorf("kill %s: %w", name, err)
		}
	}
	return nil
}

// served lists the running services of a socket unit.
func (c *conn) served(ctx context.Context, socket string) ([]string, error) {
	var at dbus.ObjectPath
	if err := c.ask(ctx, managerPath, managerIface+".GetUnit", &at, socket); err != nil {
		return nil, err
	}
	triggers, err := property[[]string](ctx, c, at, unitIface, "Triggers")
	if err != nil {
		return nil, err
	}
	return c.active(ctx, triggers, ".service")
}

// jobs hears of jobs that are done, on a connection.
type jobs struct {
	*conn
	signals chan *dbus.Signal
}

func (c *conn) jobs(ctx context.Context) (*jobs, error) {
	j := &jobs{c, make(chan *dbus.Signal, 16)}
	c.Signal(j.signals)
	if c.bus {
		// Over its own socket the manager tells without being asked.
		if err := c.AddMatchSignalContext(ctx, dbus.WithMatchInterface(managerIface), dbus.WithMatchMember("JobRemoved")); err != nil {
			return nil, meaning(err)
		}
	}
	call := c.Object(systemd, managerPath).CallWithContext(ctx, managerIface+".Subscribe", 0)
	if err := meaning(call.Err); err != nil {
		return nil, err
	}
	return j, nil
}

// stop enqueues the stops of units, and waits for their ends after it has told
// that all are enqueued.
func (j *jobs) stop(ctx context.Context, names []string, enqueued func()) error {
	left := make(map[dbus.ObjectPath]string)
	for _, name := range names {
		var job dbus.ObjectPath
		// "replace": a start that is under way gives way.
		call := j.Object(systemd, managerPath).CallWithContext(ctx, managerIface+".StopUnit",
			dbus.FlagAllowInteractiveAuthorization, name, "replace")
		err := meaning(call.Store(&job))
		switch {
		case errors.Is(err, ErrNoUnit): // unloaded meanwhile, so stopped
		case err != nil:
			return fmt.Errorf("stop %s: %w", name, err)
		default:
			left[job] = name
		}
	}
	if enqueued != nil {
		enqueued()
	}
	for len(left) > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("stop %s: %w", strings.Join(names, ", "), ctx.Err())
		case s, ok := <-j.signals:
			if !ok {
				return fmt.Errorf("stop %s: %w", strings.Join(names, ", "), ErrNoManager)
			}
			// JobRemoved(id, job, unit, result)
			if s.Name != managerIface+".JobRemoved" || len(s.Body) < 4 {
				continue
			}
			job, _ := s.Body[1].(dbus.ObjectPath)
			name, ours := left[job]
			if !ours {
				continue
			}
			delete(left, job)
			if result := fmt.Sprint(s.Body[3]); result != "done" {
				return fmt.Errorf("stop %s: %w: %s", name, ErrRefused, result)
			}
		}
	}
	return nil
}
