package process

import (
	"errors"
	"time"
)

// pidIndex serves systems whose socket table names the owner. What is left to
// find out is whether the PID still is the process that made the socket.
type pidIndex struct {
	identify func(pid int32) (Identity, error)
	// younger reports whether a process was created after that Unix time in
	// nanoseconds; false where it can't be told.
	younger func(id Identity, than int64) bool
	// kernel reports whether the PID stands for the kernel itself.
	kernel func(pid int32) bool

	gen    uint64
	owners map[int32]owner
	denied int
}

type owner struct {
	id  Identity
	err error
	at  time.Time
}

func (x *pidIndex) update(now time.Time, wanted []Socket, _ bool) error {
	before := len(x.owners)
	stale := x.owners
	x.owners = make(map[int32]owner, before)
	x.denied = 0
	for i := range wanted {
		pid := wanted[i].PID
		if pid == 0 {
			continue
		}
		if _, ok := x.owners[pid]; ok {
			continue
		}
		id, err := x.identify(pid)
		if err != nil && !errors.Is(err, ErrGone) {
			// Not readable is not gone: the PID is all there is to say.
			id = Identity{PID: pid}
			x.denied++
		}
		o := owner{id: id, err: err, at: now}
		old, ok := stale[pid]
		if !ok || old.id != o.id || (old.err == nil) != (err == nil) {
			x.gen++
		}
		x.owners[pid] = o
	}
	if len(x.owners) != before {
		x.gen++
	}
	return nil
}

func (x *pidIndex) answer(s Socket) Answer {
	a := Answer{Complete: true}
	if s.PID == 0 {
		a.Complete = false
		return a
	}
	if x.kernel(s.PID) {
		a.Kernel = true
		return a
	}
	o, ok := x.owners[s.PID]
	switch {
	case !ok:
		a.Complete = false
	case errors.Is(o.err, ErrGone), o.err == nil && s.Created != 0 && x.younger(o.id, s.Created):
		// The PID is dead or was given on: a child that inherited the socket
		// may hold it now, which the table doesn't say.
		a.Exited, a.Complete = true, false
	default:
		a.Claims = []Claim{{Identity: o.id, VerifiedAt: o.at, ServiceTag: s.ServiceTag}}
	}
	return a
}

func (x *pidIndex) verified(id Identity) time.Time { return x.owners[id.PID].at }

func (x *pidIndex) generation() uint64 { return x.gen }
func (x *pidIndex) unreadable() int    { return x.denied }
func (x *pidIndex) close() error       { return nil }
