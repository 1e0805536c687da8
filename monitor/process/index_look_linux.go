package process

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// look lists the processes and returns those to walk.
func (x *fdIndex) look(now time.Time) ([]*proc, error) {
	var err error
	if x.pidBuf, err = x.fs.pids(x.dirBuf, x.pidBuf[:0]); err != nil {
		return nil, err
	}
	var dirty []*proc
	came := false
	for _, pid := range x.pidBuf {
		p := x.procs[pid]
		if p != nil {
			p.seen = x.poll
			// A kernel thread has no descriptors; only its PID could be given on.
			if p.kernel && (uint32(pid)+x.poll)%4 != 0 {
				continue
			}
			switch x.stat(p) {
			case unchanged:
				if x.fs.counts {
					p.verified = now
				}
				continue
			case changed:
				dirty = append(dirty, p)
				continue
			case replaced:
				x.forget(p)
			}
		}
		p = &proc{Identity: Identity{PID: pid, Boot: x.fs.boot}, path: strconv.Itoa(int(pid)) + "/fd", dir: -1, seen: x.poll}
		x.procs[pid] = p
		came = true
		dirty = append(dirty, p)
	}
	went := false
	for _, p := range x.procs {
		if p.seen != x.poll {
			x.forget(p)
			went = true
		}
	}
	if came || went {
		x.order = x.order[:0]
		for _, p := range x.procs {
			x.order = append(x.order, p)
		}
		slices.SortFunc(x.order, func(a, b *proc) int { return cmp.Compare(a.PID, b.PID) })
	}
	return dirty, nil
}

type statResult uint8

const (
	unchanged statResult = iota
	changed
	replaced
)

// stat compares a process's descriptor directory with what is known of it. The
// folder of a process that stays is held open: half of what a stat costs is the
// way there. Once its process has ended, a held folder can't be read.
func (x *fdIndex) stat(p *proc) statResult {
	var st unix.Stat_t
	if p.dir >= 0 {
		if unix.Fstat(p.dir, &st) != nil {
			return replaced
		}
	} else if unix.Fstatat(x.fs.fd, p.path, &st, 0) != nil {
		return unchanged // it is leaving: the next listing will tell
	}
	switch {
	case p.dirIno != 0 && st.Ino != p.dirIno:
		return replaced // or the kernel forgot the directory: looked at anew either way
	case x.count(p, &st) != p.count || st.Uid != p.uid:
		return changed
	}
	if p.dir < 0 && x.fs.counts && x.held < maxHeld && !p.kernel {
		x.hold(p)
	}
	return unchanged
}

// count returns how many descriptors a process has, for ourselves without the
// folders held: looking must not make us look different.
func (x *fdIndex) count(p *proc, dir *unix.Stat_t) int64 {
	if p.PID == x.pid && x.fs.counts {
		return dir.Size - int64(x.held)
	}
	return dir.Size
}

// hold opens the folder of a process, if it is still the one that is known.
func (x *fdIndex) hold(p *proc) {
	dir, err := unix.Openat(x.fs.fd, p.path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	var st unix.Stat_t
	if unix.Fstat(dir, &st) != nil || st.Ino != p.dirIno {
		unix.Close(dir)
		return
	}
	p.dir = dir
	x.held++
}

// letGo closes what hold opened.
func (x *fdIndex) letGo(p *proc) {
	if p.dir >= 0 {
		unix.Close(p.dir)
		p.dir = -1
		x.held--
	}
}
