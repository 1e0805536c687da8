package free

import (
	"errors"
	"slices"

	"github.com/portlight-app/portlight/monitor/process"
)

// alone ends the holders and nobody else.
func (d *draft) alone() Choice {
	c := Choice{Kind: KindProcess, Victims: d.victims(d.holders)}
	d.weigh(&c)
	switch {
	case d.heirs:
		c.Reason = ReasonInherited
	case len(d.holders) == 1 && !slices.Contains(c.Risks, RiskComesBack) && !slices.Contains(c.Risks, RiskService):
		c.Reason = ReasonAlone
	}
	return c
}

// tree ends the holders and everybody below them; nil if that is nobody else
// and the holders have nothing to do with each other. Prefork servers have a
// master that starts its workers again, so the whole tree is the right choice.
func (d *draft) tree() *Choice {
	roots := d.holders
	var reason Reason
	if master := d.master(); master != nil {
		roots, reason = []*process.Process{master}, ReasonPrefork
	}
	family := d.family(roots)
	if reason == "" && len(family) <= len(roots) {
		return nil
	}
	c := Choice{Kind: KindTree, Reason: reason, Victims: d.victims(family)}
	d.weigh(&c)
	return &c
}

// master finds the process above all holders: one of them, or the parent of
// all that is the same program.
func (d *draft) master() *process.Process {
	if len(d.holders) < 2 {
		return nil
	}
	for _, m := range d.holders {
		below := process.Descendants(d.all, m.Identity)
		if !slices.ContainsFunc(d.holders, func(h *process.Process) bool { return h != m && !slices.Contains(below, h.Identity) }) {
			return m
		}
	}
	if len(d.holders[0].Parents) == 0 {
		return nil
	}
	parent := d.holders[0].Parents[0]
	for _, h := range d.holders {
		if len(h.Parents) == 0 || h.Parents[0].Identity != parent.Identity || h.Exe == "" || h.Exe != parent.Exe {
			return nil
		}
	}
	return d.read(parent.Identity)
}

// family is the roots and everybody below them, parents first.
func (d *draft) family(roots []*process.Process) []*process.Process {
	all := slices.Clone(roots)
	ids := make([]process.Identity, len(roots))
	for i, r := range roots {
		ids[i] = r.Identity
	}
	for _, id := range process.Descendants(d.all, ids...) {
		all = append(all, d.read(id))
	}
	return all
}

// watchers ends what would start the holders again, with all below it.
func (d *draft) watchers() []Choice {
	var roots []*process.Process
	for _, h := range d.holders {
		a := d.restarter(h, nil)
		if a == nil || d.isHolder(a.Identity) {
			continue
		}
		if !slices.ContainsFunc(roots, func(r *process.Process) bool { return r.Identity == a.Identity }) {
			roots = append(roots, d.read(a.Identity))
		}
	}
	if len(roots) == 0 {
		return nil
	}
	c := Choice{Kind: KindWatcher, Reason: ReasonWatcher, Victims: d.victims(d.family(roots))}
	if len(c.Victims) == 0 {
		return nil
	}
	d.weigh(&c)
	return []Choice{c}
}

// restarter finds who would start the process again and is not among the
// victims: the nearest ancestor known for it or seen to do it, one that holds
// the same port, or the same program with its reloading switched on.
func (d *draft) restarter(p *process.Process, victims []Victim) *process.Ancestor {
	work := false // what was run by hand there isn't started again by who is above
	for i := range p.Parents {
		a := &p.Parents[i]
		if slices.ContainsFunc(victims, func(v Victim) bool { return v.Identity == a.Identity }) {
			continue
		}
		if a.PID > 1 && (!work && restarts(*a) || d.isHolder(a.Identity) || a.Identity == d.plan.Aim.Restarter) {
			return a
		}
		work = work || isWorkplace(*a)
	}
	return nil
}

func (d *draft) isHolder(id process.Identity) bool {
	is := func(p *process.Process) bool { return p.Identity == id }
	return slices.ContainsFunc(d.holders, is) || slices.ContainsFunc(d.others, is)
}

// victims takes hold of the processes; those that have ended meanwhile are
// left out. Those that the system doesn't let us open, which on Windows are
// other users', and those that can't be told from a successor are kept without
// a hold: they stand in the way, and block the choice.
func (d *draft) victims(ps []*process.Process) []Victim {
	var vs []Victim
	for _, p := range ps {
		if p.PID > 0 && p.Start != 0 && errors.Is(d.plan.hold(p.Identity), process.ErrGone) {
			continue
		}
		if !slices.ContainsFunc(vs, func(v Victim) bool { return v.Identity == p.Identity }) {
			vs = append(vs, Victim{Process: p, Holds: d.isHolder(p.Identity)})
		}
	}
	return vs
}
