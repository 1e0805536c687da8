package free

import (
	"cmp"
	"errors"
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/units"
)

// units stops the services the holders belong to. It is the right choice if
// there is one, and every holder is its.
func (d *draft) units() []Choice {
	var all []Choice
	add := func(c *Choice) {
		if c != nil && !slices.ContainsFunc(all, func(o Choice) bool { return o.Name == c.Name }) {
			all = append(all, *c)
		}
	}
	for _, h := range d.holders {
		switch {
		case isManager(h):
			for i := range d.plan.Targets {
				if e := &d.plan.Targets[i]; e.HeldBy(h.Identity) {
					add(d.socketUnit(e))
				}
			}
		case d.service[h.Identity] && !d.isRelay(h):
			// The unit of a terminal or an editor says nothing of what was
			// started in it: those processes aren't marked as a service's.
			add(d.unitOf(h))
		}
	}
	if len(d.holders) == 0 {
		add(d.hiddenUnit())
	}
	if len(all) > 1 {
		for i := range all {
			all[i].Reason = ""
		}
	}
	return all
}

// isManager: systemd itself, the system's or a user's, holds a socket for
// others.
func isManager(p *process.Process) bool { return p.PID == 1 || p.Name == "systemd" }

func (d *draft) unitOf(h *process.Process) *Choice {
	return d.unit(h.Unit, ReasonUnit, []*process.Process{h}, func(m UnitManager) (*units.Unit, error) { return m.Of(d.ctx, h.PID) })
}

func (d *draft) socketUnit(e *monitor.Endpoint) *Choice {
	name := ""
	for _, h := range e.Holders {
		if !isManager(h.Process) {
			name = h.Unit
		}
	}
	return d.unit(name, ReasonSocket, nil, func(m UnitManager) (*units.Unit, error) { return m.SocketFor(d.ctx, e.Proto, e.Addr) })
}

// hiddenUnit asks for the unit in whose cgroup the sockets were made, where
// their holder may not be read. A user's unit may bear the name of a
// system's, so this is for root's sockets alone.
func (d *draft) hiddenUnit() *Choice {
	for i := range d.plan.Targets {
		e := &d.plan.Targets[i]
		for _, by := range e.Creators {
			switch {
			case !by.HasUID || by.UID != 0 || d.plan.machine.Units == nil:
			case by.Unit != "":
				return d.unit(by.Unit, ReasonUnit, nil, func(m UnitManager) (*units.Unit, error) { return m.ByName(d.ctx, by.Unit, false) })
			default:
				// Of no unit: systemd itself may have made it, and listens for one.
				if c := d.socketUnit(e); c != nil {
					return c
				}
			}
		}
	}
	return nil
}

func (d *draft) unit(name string, reason Reason, members []*process.Process, ask func(UnitManager) (*units.Unit, error)) *Choice {
	c := &Choice{Kind: KindUnit, Name: name, Reason: reason, Unit: &units.Unit{Name: name}}
	var u *units.Unit
	err := error(units.ErrNoManager)
	if d.plan.machine.Units != nil {
		u, err = ask(d.plan.machine.Units)
	}
	switch {
	case errors.Is(err, units.ErrNoUnit), err != nil && name == "":
		return nil
	case err != nil:
		c.Blocked = BlockedManager
	default:
		c.Name, c.Unit, c.Shares = u.Name, u, u.Shares
		if !u.CanStop {
			c.Blocked = BlockedManager
		}
	}
	for _, pid := range c.Unit.PIDs {
		if id, err := process.Identify(pid); err == nil && pid > 1 {
			members = append(members, d.read(id))
		}
	}
	c.Victims = d.victims(members)
	d.weigh(c)
	return c
}

// containers stops the containers that the targets are published for or that
// the holders run in.
func (d *draft) containers() []Choice {
	var all []Choice
	add := func(found monitor.Container) {
		if slices.ContainsFunc(all, func(c Choice) bool { return c.Container.ID == found.ID }) {
			return
		}
		c := Choice{Kind: KindContainer, Name: cmp.Or(found.Name, found.ID), Reason: ReasonContainer, Container: &found}
		var inside []*process.Process
		for _, h := range d.holders {
			switch {
			case h.Container == found.ID:
				inside = append(inside, h)
			case d.isRelay(h):
				c.Reason = ReasonRelay
			}
		}
		c.Victims = d.victims(d.family(inside))
		if d.plan.machine.Containers == nil {
			c.Blocked = BlockedManager
		}
		d.weigh(&c)
		all = append(all, c)
	}
	for i := range d.plan.Targets {
		if found := d.plan.Targets[i].Container; found != nil {
			add(*found)
		}
	}
	for _, h := range d.holders {
		if len(h.Container) == containerIDLen { // others are a machine's name, which no engine knows
			add(monitor.Container{ID: h.Container})
		}
	}
	for i := range d.plan.Targets {
		for _, by := range d.plan.Targets[i].Creators {
			if len(by.Container) == containerIDLen {
				add(monitor.Container{ID: by.Container})
			}
		}
	}
	return all
}

// containerIDLen is the length of the ids that container engines give.
const containerIDLen = 64

func (d *draft) isRelay(p *process.Process) bool { return p.Container == "" && relaysPorts(p) }
