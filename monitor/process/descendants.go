package process

import (
	"slices"
	"time"
)

// Relation is one process and the PID its parent has, or had: on Windows a
// parent that has ended keeps being named, and its PID may be another's now.
type Relation struct {
	Identity
	Parent int32
}

// Census lists every process that may be seen, without those that have ended
// and are only waited for. Each identity is read for itself, so the list is no
// single moment's.
func Census() ([]Relation, error) { return census() }

// Descendants finds everybody below the roots, parents before their children,
// without the roots. A child counts only if it is not older than its parent:
// otherwise the parent's PID was given on, and the child is somebody else's.
func Descendants(all []Relation, roots ...Identity) []Identity {
	children := make(map[int32][]Identity, len(all))
	for _, r := range all {
		children[r.Parent] = append(children[r.Parent], r.Identity)
	}
	line := slices.Clone(roots)
	for _, r := range roots {
		// 0 is everybody's ancestor and nobody's identity.
		if r.PID <= 0 || r.Start == 0 {
			return nil
		}
	}
	for i := 0; i < len(line); i++ {
		for _, child := range children[line[i].PID] {
			if child.Start >= line[i].Start && child.Start != 0 && !slices.Contains(line, child) {
				line = append(line, child)
			}
		}
	}
	return line[len(roots):]
}

// Heirs finds the processes that name a dead process as their parent and may
// have inherited a socket from it: those created after the socket was. Only
// Windows keeps the name of a dead parent. since is in the unit of
// Identity.Start; successor is who has the PID now, if anybody.
func Heirs(all []Relation, dead int32, since uint64, successor *Identity) []Identity {
	var heirs []Identity
	for _, r := range all {
		if r.Parent == dead && r.PID != dead && r.Start >= since && (successor == nil || r.Start < successor.Start) {
			heirs = append(heirs, r.Identity)
		}
	}
	return heirs
}

// StartAt turns a time into the unit of Identity.Start, some way into the past
// rather than the future; 0 where that can't be done.
func StartAt(t time.Time) uint64 { return startAt(t) }

// Identify returns the identity that has the PID now, ErrGone if nobody has.
func Identify(pid int32) (Identity, error) { return identify(pid) }
