package monitor

import (
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// ChangeKind says what happened to an endpoint between two snapshots.
type ChangeKind uint8

// The kinds.
const (
	Opened ChangeKind = iota + 1
	Closed
	HolderChanged // other processes hold it, or the certainty of that changed
	Updated       // same holders, but something shown of it differs
)

// String returns the word used in JSON.
func (k ChangeKind) String() string {
	switch k {
	case Opened:
		return "opened"
	case Closed:
		return "closed"
	case HolderChanged:
		return "holder_changed"
	case Updated:
		return "updated"
	}
	return "unknown"
}

// Change is the difference of one endpoint between two snapshots. Before is
// nil for Opened, After for Closed. Both belong to immutable snapshots.
type Change struct {
	Kind          ChangeKind
	Key           Key
	Before, After *Endpoint
	At            time.Time
}

// Diff returns the exact differences that lead from prev to next, in key
// order: applied to prev's endpoints they give next's, up to what changes with
// every poll (queue lengths, VerifiedAt). A nil prev is the empty snapshot.
func Diff(prev, next *Snapshot) []Change {
	var old []Endpoint
	if prev != nil {
		old = prev.Endpoints
	}
	cur := next.Endpoints
	if len(old) == len(cur) && (len(cur) == 0 || &old[0] == &cur[0]) {
		return nil // shared: the scanner found nothing new
	}
	var out []Change
	add := func(k ChangeKind, key Key, before, after *Endpoint) {
		out = append(out, Change{Kind: k, Key: key, Before: before, After: after, At: next.Taken})
	}
	for i, j := 0, 0; i < len(old) || j < len(cur); {
		order := 0
		switch {
		case i == len(old):
			order = 1
		case j == len(cur):
			order = -1
		default:
			order = old[i].Key.Compare(cur[j].Key)
		}
		switch {
		case order < 0:
			add(Closed, old[i].Key, &old[i], nil)
			i++
		case order > 0:
			add(Opened, cur[j].Key, nil, &cur[j])
			j++
		default:
			if k := compare(&old[i], &cur[j]); k != 0 {
				add(k, cur[j].Key, &old[i], &cur[j])
			}
			i, j = i+1, j+1
		}
	}
	return out
}

// compare returns the kind of change from a to b, 0 if there is none.
func compare(a, b *Endpoint) ChangeKind {
	sameHolders := slices.EqualFunc(a.Holders, b.Holders, func(x, y Holder) bool { return x.Identity == y.Identity })
	if a.Owner != b.Owner || !sameHolders || !slices.Equal(a.Creators, b.Creators) {
		return HolderChanged
	}
	sameFacts := slices.EqualFunc(a.Holders, b.Holders, func(x, y Holder) bool { return x.Process == y.Process })
	sameSockets := slices.EqualFunc(a.Sockets, b.Sockets, func(x, y sockets.Socket) bool {
		return x.Handle == y.Handle && x.PID == y.PID && x.UID == y.UID && x.Cgroup == y.Cgroup && x.Created == y.Created
	})
	sameContainer := a.Container == b.Container || a.Container != nil && b.Container != nil && *a.Container == *b.Container
	if !sameFacts || !sameSockets || !sameContainer ||
		a.State != b.State || a.DualStack != b.DualStack || a.HoldersComplete != b.HoldersComplete {
		return Updated
	}
	return 0
}

// SameHolder reports whether the two sets of holders have a process in common.
func SameHolder(a, b []Holder) bool {
	return slices.ContainsFunc(a, func(h Holder) bool {
		return slices.ContainsFunc(b, func(o Holder) bool { return o.Identity == h.Identity })
	})
}
