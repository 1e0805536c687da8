package process

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// walk reads the descriptors of processes anew, on all processors if there
// are many.
func (x *fdIndex) walk(now time.Time, dirty []*proc) {
	dirty = slices.DeleteFunc(dirty, func(p *proc) bool {
		done := p.walked == x.poll || x.procs[p.PID] != p
		p.walked = x.poll
		return done
	})
	if len(dirty) == 0 {
		return
	}
	found := make([]walked, len(dirty))
	workers := min(runtime.GOMAXPROCS(0), 1+len(dirty)/8)
	if workers == 1 {
		for i, p := range dirty {
			found[i] = x.read(p, x.dirBuf, x.scratch)
		}
	} else {
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				dir, scratch := make([]byte, len(x.dirBuf)), make([]byte, len(x.scratch))
				for i := w; i < len(dirty); i += workers {
					found[i] = x.read(dirty[i], dir, scratch)
				}
			})
		}
		wg.Wait()
	}
	for i, p := range dirty {
		x.adopt(now, p, found[i])
	}
}

// walked is what one walk found.
type walked struct {
	err    error
	stat   procStat
	exe    string
	dirIno uint64
	count  int64
	uid    uint32
	fdErr  error
	fds    []fdSocket
}

// read walks one process without touching the index: it runs in parallel.
func (x *fdIndex) read(p *proc, dir, scratch []byte) (w walked) {
	d, err := x.fs.open(p.PID)
	if err != nil {
		return walked{err: err}
	}
	defer d.close()
	if w.stat, w.err = d.stat(scratch); w.err != nil {
		return w
	}
	// The count is taken before the walk: what changes in between differs
	// from it and is seen next time.
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, "fd", &st, 0); err != nil {
		return walked{err: gone(err)}
	}
	w.dirIno, w.count, w.uid = st.Ino, x.count(p, &st), st.Uid
	if p.PID == x.pid && x.fs.counts {
		w.count-- // d
	}
	if w.stat.kernel || w.stat.zombie {
		return w // neither has descriptors, and a zombie's folder is closed to its own user
	}
	w.exe = readExe(d)
	w.fds = make([]fdSocket, 0, len(p.fds)+4)
	w.fdErr = d.fds(dir, func(fd int32, inode uint64) { w.fds = append(w.fds, fdSocket{fd, inode}) })
	return w
}

func readExe(d procDir) string {
	var b [512]byte
	n, err := unix.Readlinkat(d.fd, "exe", b[:])
	if err != nil {
		return ""
	}
	return string(b[:n])
}

// adopt takes a walk's findings into the index.
func (x *fdIndex) adopt(now time.Time, p *proc, w walked) {
	if w.err != nil {
		if errors.Is(w.err, ErrGone) {
			x.forget(p)
		}
		return
	}
	if p.Start != 0 && p.Start != w.stat.start {
		// Another process under the same PID: the old one ended.
		x.release(p)
		p.fds, p.image = nil, p.image+1
		x.gen++
	}
	if p.Start != 0 && (p.comm != w.stat.comm || p.exe != w.exe) {
		p.image++
		x.gen++
	}
	p.Start, p.kernel, p.comm, p.exe = w.stat.start, w.stat.kernel, w.stat.comm, w.exe
	if p.dirIno != w.dirIno {
		x.letGo(p)
	}
	p.dirIno, p.count, p.uid = w.dirIno, w.count, w.uid
	// One that ended while it was walked has none any more.
	p.readable = w.fdErr == nil || errors.Is(w.fdErr, ErrGone)
	p.verified = now
	x.relink(p, w.fds)
}

// relink replaces the sockets a process holds.
func (x *fdIndex) relink(p *proc, fds []fdSocket) {
	byInode := func(a, b fdSocket) int {
		return cmp.Or(cmp.Compare(a.inode, b.inode), cmp.Compare(a.fd, b.fd))
	}
	slices.SortFunc(fds, byInode)
	old := p.fds
	p.fds = fds
	for i, j := 0, 0; i < len(old) || j < len(fds); {
		switch {
		case j == len(fds) || i < len(old) && old[i].inode < fds[j].inode:
			x.unlink(old[i].inode, p)
			i = skip(old, i)
		case i == len(old) || fds[j].inode < old[i].inode:
			x.link(fds[j].inode, p)
			j = skip(fds, j)
		default:
			i, j = skip(old, i), skip(fds, j)
		}
	}
}

// skip returns the index after every descriptor of the socket at i: one
// process may hold a socket twice (dup(2)).
func skip(fds []fdSocket, i int) int {
	inode := fds[i].inode
	for i < len(fds) && fds[i].inode == inode {
		i++
	}
	return i
}

func (x *fdIndex) link(inode uint64, p *proc) {
	x.bySocket[inode] = append(x.bySocket[inode], p)
	p.gained = x.poll
	if w := x.wanted[inode]; w != nil {
		w.hidden, w.exited = false, false
		delete(x.lost, inode)
		x.gen++
	}
}

func (x *fdIndex) unlink(inode uint64, p *proc) {
	holders := slices.DeleteFunc(x.bySocket[inode], func(h *proc) bool { return h == p })
	if len(holders) > 0 {
		x.bySocket[inode] = holders
	} else {
		delete(x.bySocket, inode)
	}
	if w := x.wanted[inode]; w != nil {
		if len(holders) == 0 {
			w.since, w.hidden = x.poll, false
			x.lost[inode] = w
		}
		x.gen++
	}
}

// release takes back every claim of a process that ended.
func (x *fdIndex) release(p *proc) {
	for i := 0; i < len(p.fds); i = skip(p.fds, i) {
		inode := p.fds[i].inode
		x.unlink(inode, p)
		if w := x.wanted[inode]; w != nil && len(x.bySocket[inode]) == 0 {
			w.exited = true
		}
	}
	p.fds = nil
}

// forget drops a process that ended.
func (x *fdIndex) forget(p *proc) {
	x.release(p)
	x.letGo(p)
	if x.procs[p.PID] == p {
		delete(x.procs, p.PID)
	}
}
