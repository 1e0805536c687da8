package free

import (
	"slices"

	"github.com/portlight-app/portlight/monitor/process"
)

// reachesOthers reports whether asking the victims through their consoles asks
// somebody else too. Who the victim was started from doesn't count: a shell
// lives on, and a wrapper has nothing to do without it.
func (d *draft) reachesOthers(c *Choice) bool {
	for _, v := range c.Victims {
		h := d.plan.held[v.Identity]
		if h == nil || h.PoliteWay() != process.WayConsole {
			continue
		}
		others, known := h.Companions()
		if !known || slices.ContainsFunc(others, func(id process.Identity) bool { return !concerned(id, v.Process, c.Victims) }) {
			return true
		}
	}
	return false
}

// concerned: it is a victim itself, or one of those this one was started from.
func concerned(id process.Identity, of *process.Process, victims []Victim) bool {
	return slices.ContainsFunc(victims, func(v Victim) bool { return v.Identity == id }) ||
		slices.ContainsFunc(of.Parents, func(a process.Ancestor) bool { return a.Identity == id })
}
