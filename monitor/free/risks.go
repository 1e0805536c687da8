package free

import (
	"cmp"
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// weigh fills in what a choice brings with it and what stands against it.
func (d *draft) weigh(c *Choice) {
	if c.Name == "" && len(c.Victims) > 0 {
		c.Name = c.Victims[0].Name
	}
	going := d.going(c)
	for i := range going {
		if !d.isTarget(going[i].Key) {
			c.Also = append(c.Also, going[i].Key)
		}
	}
	c.Clients = d.clients(c, going)
	byProcess := c.Kind != KindUnit && c.Kind != KindContainer
	if byProcess {
		for _, v := range c.Victims {
			if c.Restarter == nil && v.Holds {
				c.Restarter = d.restarter(v.Process, c.Victims)
			}
		}
	}
	for _, r := range []struct {
		risk Risk
		is   bool
	}{
		{RiskOtherUser, byProcess && d.somebodyElses(c)},
		{RiskOtherPorts, len(c.Also) > 0},
		{RiskRemoteClients, c.Clients.Remote > 0},
		{RiskService, c.Kind == KindUnit || byProcess && slices.ContainsFunc(c.Victims, d.isService)},
		{RiskShares, len(c.Shares) > 0},
		{RiskContainer, c.Kind == KindContainer || slices.ContainsFunc(c.Victims, func(v Victim) bool { return v.Container != "" })},
		{RiskSeveral, len(c.Victims) > 1},
		{RiskComesBack, byProcess && (c.Restarter != nil || d.managerRestarts(c)) || d.engineReplaces(c)},
		{RiskUnseen, slices.ContainsFunc(d.plan.Targets, d.unseen)},
		{RiskConsole, byProcess && d.reachesOthers(c)},
		{RiskForceOnly, byProcess && d.anyWay(c, process.WayNone)},
		{RiskDesktop, byProcess && slices.ContainsFunc(c.Victims, worksIn)},
	} {
		if r.is {
			c.Risks = append(c.Risks, r.risk)
		}
	}
	if c.Blocked == "" {
		d.block(c)
	}
}

// going are the endpoints that nobody holds any more once the victims ended.
func (d *draft) going(c *Choice) []monitor.Endpoint {
	var going []monitor.Endpoint
	for i := range d.s.Endpoints {
		e := &d.s.Endpoints[i]
		inContainer := c.Container != nil && e.Container != nil && e.Container.ID == c.Container.ID
		allEnd := len(e.Holders) > 0 && !slices.ContainsFunc(e.Holders, func(h monitor.Holder) bool { return !c.ends(h.Identity) })
		if !d.isTarget(e.Key) && !inContainer && (!allEnd || d.isPassing(e)) {
			continue
		}
		going = append(going, *e)
	}
	return going
}

// isPassing: an unconnected UDP socket on a port that the system picked is
// where a program waits for an answer, to a question of DNS for one. It is no
// port anybody knows.
func (d *draft) isPassing(e *monitor.Endpoint) bool {
	if e.Proto != sockets.UDP {
		return false
	}
	if d.ephemeral == nil {
		r := d.plan.machine.Reserved().Ephemeral
		d.ephemeral = &r
	}
	return *d.ephemeral != bind.Range{} && d.ephemeral.Contains(e.Addr.Port())
}

func (d *draft) isTarget(k monitor.Key) bool {
	return slices.ContainsFunc(d.plan.Targets, func(e monitor.Endpoint) bool { return e.Key == k })
}

// clients counts the connections that came in on these endpoints and end with
// the victims: those from this machine, and those from elsewhere.
func (d *draft) clients(c *Choice, going []monitor.Endpoint) (n Clients) {
	for i := range going {
		for _, p := range monitor.Tell(d.s, &going[i]).Peers {
			if p.Connection.State != sockets.Established {
				continue
			}
			cut := len(p.Connection.Holders) == 0
			for _, h := range p.Connection.Holders {
				cut = cut || c.Kind == KindContainer || c.ends(h.Identity)
			}
			far := p.Connection.Remote.Addr().Unmap()
			switch {
			case !cut:
			case far.IsLoopback() || far == p.Connection.Local.Addr().Unmap() || len(p.Local) > 0:
				n.Local++
			default:
				n.Remote++
			}
		}
	}
	return n
}

// somebodyElses reports whether a victim isn't ours. One whose user can't be
// told isn't.
func (d *draft) somebodyElses(c *Choice) bool {
	return slices.ContainsFunc(c.Victims, func(v Victim) bool {
		if v.HasUID != d.self.HasUID || !v.HasUID {
			return v.User == "" || v.User != d.self.User
		}
		return v.UID != d.self.UID
	})
}

func (d *draft) isService(v Victim) bool { return v.Unit != "" && d.service[v.Identity] }

// managerRestarts reports whether a service manager would start a holder
// again. One that can't be asked is taken to do so.
func (d *draft) managerRestarts(c *Choice) bool {
	return slices.ContainsFunc(d.services, func(u Choice) bool {
		unknown := len(u.Unit.PIDs) == 0
		if !unknown && !u.Unit.Restarts && len(u.Unit.Sockets) == 0 && !u.Unit.Listens {
			return false
		}
		return slices.ContainsFunc(c.Victims, func(v Victim) bool {
			return v.Holds && (slices.Contains(u.Unit.PIDs, v.PID) || unknown && d.isService(v))
		})
	})
}

// engineReplaces reports whether the engine would start another container in
// place of one that was stopped on request. An engine that doesn't answer isn't
// taken to do so: few do.
func (d *draft) engineReplaces(c *Choice) bool {
	if c.Kind != KindContainer || d.plan.machine.Containers == nil {
		return false
	}
	policy, err := d.plan.machine.Containers.Policy(d.ctx, c.Container.ID)
	return err == nil && policy.ComesBack()
}

// unseen reports whether somebody who can't be seen may hold the endpoint. An
// ordinary user can't read all processes; of a socket made by this very user
// and found in the hands of one of their processes it is taken that nobody
// else was given it.
func (d *draft) unseen(e monitor.Endpoint) bool {
	if e.HoldersComplete {
		return false
	}
	if e.Owner != monitor.OwnerKnown || len(e.Creators) > 0 {
		return true
	}
	return slices.ContainsFunc(e.Sockets, func(s sockets.Socket) bool { return s.HasUID && (!d.self.HasUID || s.UID != d.self.UID) })
}

func (d *draft) anyWay(c *Choice, way process.Way) bool {
	return slices.ContainsFunc(c.Victims, func(v Victim) bool {
		h := d.plan.held[v.Identity]
		return h != nil && h.PoliteWay() == way
	})
}

func worksIn(v Victim) bool { return monitor.LauncherOf(v.Name, v.Args) != "" }

// block finds what stands against a choice.
func (d *draft) block(c *Choice) {
	switch c.Kind {
	case KindUnit:
		if c.Name != "" && c.Name == d.self.Unit {
			c.Blocked, c.Protection = BlockedProtected, process.ProtectedSelf
		}
		return
	case KindContainer:
		if c.Container.ID == d.self.Container {
			c.Blocked, c.Protection = BlockedProtected, process.ProtectedSelf
		}
		return
	}
	if len(c.Victims) == 0 {
		c.Blocked = d.nobody()
		c.Elevate = c.Blocked == BlockedHidden && !process.Privileged()
		return
	}
	for _, v := range c.Victims {
		if d.isRelay(v.Process) {
			c.Blocked = BlockedRelay
			return
		}
	}
	for _, v := range c.Victims {
		why := process.Protected(v.Process)
		if why == "" && isManager(v.Process) {
			why = process.ProtectedCritical // the user's session runs under it
		}
		if why != "" {
			c.Blocked, c.Protection = BlockedProtected, why
			return
		}
	}
	for _, v := range c.Victims {
		h := d.plan.held[v.Identity]
		if h == nil || h.Allowed() != nil && !h.Ended() {
			c.Blocked, c.Elevate = BlockedRights, !process.Privileged()
			return
		}
	}
}

// nobody says why there is nobody to end.
func (d *draft) nobody() Blocked {
	if len(d.holders) > 0 {
		return BlockedGone
	}
	worst := monitor.OwnerKernel
	for i := range d.plan.Targets {
		worst = min(worst, cmp.Or(d.plan.Targets[i].Owner, monitor.OwnerHidden))
	}
	if worst == monitor.OwnerKernel {
		return BlockedKernel
	}
	return BlockedHidden
}
