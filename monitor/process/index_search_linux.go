package process

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// search looks for the holders of sockets that are nobody's yet. Processes of
// the socket's user that lately opened sockets are the likeliest, then the
// newest; an ordinary user can't read anybody else's anyway.
func (x *fdIndex) search(now time.Time) {
	if len(x.lost) == 0 {
		return
	}
	missing := make(map[uint32]uint32) // user → the latest poll one of theirs turned up
	var latest uint32
	for _, w := range x.lost {
		missing[w.uid] = max(missing[w.uid], w.since)
		latest = max(latest, w.since)
	}
	due := func(p *proc) bool {
		since, ok := missing[p.uid]
		if x.self == 0 {
			since, ok = latest, true
		}
		return ok && p.readable && !p.kernel && p.walked < since
	}
	var candidates []*proc
	for _, p := range x.order {
		if due(p) {
			candidates = append(candidates, p)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *proc) int {
		_, am := missing[a.uid]
		_, bm := missing[b.uid]
		if am != bm {
			if am {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.gained, a.gained), cmp.Compare(b.PID, a.PID))
	})
	budget := searchBudget
	for i := 0; i < len(candidates) && budget > 0; {
		// A few at a time, so that a find ends the search.
		n := 0
		for ; i+n < len(candidates) && n < 4 && budget > 0; n++ {
			budget -= len(candidates[i+n].fds) + 8
		}
		x.walk(now, slices.Clone(candidates[i:i+n]))
		i += n
		if len(x.lost) == 0 {
			return
		}
	}
	if budget <= 0 {
		return // the rest of the candidates have their turn at the next poll
	}
	for _, w := range x.lost {
		w.hidden = true
	}
	clear(x.lost)
	x.gen++
}

// deepTurn is where the reading of known descriptors goes on.
type deepTurn struct {
	pid int32 // the next process to look at
	fd  int   // index into its fds
}

// verify reads known descriptors again, a few each poll, processes in turn.
func (x *fdIndex) verify(now time.Time) {
	if len(x.order) == 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(x.order, x.turn.pid, func(p *proc, pid int32) int { return cmp.Compare(p.PID, pid) })
	budget := deepBudget
	if !x.fs.counts {
		// Nothing else tells of a change here: everything within verifyWithin.
		budget = max(budget, int(float64(len(x.bySocket))*now.Sub(x.updated).Seconds()/verifyWithin.Seconds())+1)
	}
	for range len(x.order) {
		if at == len(x.order) {
			at, x.turn = 0, deepTurn{}
		}
		p := x.order[at]
		if p.kernel || len(p.fds) == 0 || p.walked == x.poll || x.procs[p.PID] != p {
			at++
			x.turn = deepTurn{}
			continue
		}
		x.turn.pid = p.PID
		done, same := x.reread(p, &budget)
		if !same {
			x.walk(now, []*proc{p})
		}
		if !done {
			return
		}
		p.verified = now
		at++
		x.turn = deepTurn{pid: p.PID + 1}
	}
}

// reread reads the wanted descriptors of one process from x.turn on, those that
// could have become somebody else's without the table telling. done
// means it got to the end, same that everything was as known.
func (x *fdIndex) reread(p *proc, budget *int) (done, same bool) {
	d, err := x.fs.open(p.PID)
	if err != nil {
		return true, true // gone: the next listing will tell
	}
	defer d.close()
	if x.turn.fd == 0 {
		*budget -= identityCost
		st, err := d.stat(x.scratch)
		if err != nil {
			return true, true
		}
		if st.start != p.Start || st.comm != p.comm || readExe(d) != p.exe {
			return true, false
		}
	}
	if !x.fs.counts {
		*budget -= len(p.fds)
		return true, false // no count: only a walk finds what was added
	}
	// A socket that only one process holds ends with its descriptor, and that
	// the table tells. Who else holds it is known if every process can be read.
	sole := x.complete && x.denied == 0
	if sole && !slices.ContainsFunc(p.fds, func(f fdSocket) bool { return len(x.bySocket[f.inode]) > 1 }) {
		return true, true
	}
	dir, err := unix.Openat(d.fd, "fd", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return true, true
	}
	defer unix.Close(dir)
	var link [48]byte
	for ; x.turn.fd < len(p.fds); x.turn.fd++ {
		if *budget <= 0 {
			return false, true
		}
		f := p.fds[x.turn.fd]
		if x.wanted[f.inode] == nil || sole && len(x.bySocket[f.inode]) == 1 {
			continue
		}
		*budget--
		if inode, err := readSocketLink(dir, f.fd, link[:]); err != nil || inode != f.inode {
			return true, false
		}
	}
	return true, true
}
