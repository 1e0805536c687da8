package process

import (
	"cmp"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// fdIndex finds holders by their descriptors. A full walk of /proc/*/fd costs
// 3 µs a descriptor, so it is made once; after that a poll only
//
//   - lists the PIDs and stats each /proc/PID/fd, whose inode number tells a
//     reused PID and whose size is the descriptor count (Linux ≥ 6.2),
//   - walks the processes that are new, whose count changed, or that held a
//     socket which is gone,
//   - searches on, a little each poll, for sockets that are still nobody's:
//     the likeliest processes first, every process at most once per socket,
//   - reads again a few known descriptors in turn.
//
// On older kernels the count is missing, and the last two steps carry the
// work, within the same budgets.
type fdIndex struct {
	fs       *procfs
	self     uint32 // effective user
	complete bool   // this /proc shows every process there is

	poll     uint32
	gen      uint64
	procs    map[int32]*proc
	order    []*proc // by PID; rebuilt when a process comes or goes
	bySocket map[uint64][]*proc
	wanted   map[uint64]*want
	lost     map[uint64]*want // those of wanted that are searched for
	updated  time.Time
	denied   int
	turn     deepTurn

	pidBuf  []int32
	dirBuf  []byte
	scratch []byte
}

// proc is one process as the index knows it.
type proc struct {
	Identity
	path     string // "PID/fd"
	kernel   bool
	dirIno   uint64
	count    int64
	uid      uint32
	readable bool
	comm     string
	exe      string
	image    uint32
	fds      []fdSocket
	seen     uint32    // poll that last listed the PID
	walked   uint32    // poll of the last walk
	gained   uint32    // poll that last found a new socket here
	verified time.Time // the evidence was looked at
}

// fdSocket is a descriptor and the socket behind it.
type fdSocket struct {
	fd    int32
	inode uint64
}

// want is a socket that is asked about.
type want struct {
	uid    uint32
	since  uint32 // poll that first wanted it
	seen   uint32 // poll that last wanted it
	hidden bool   // searched everywhere in vain
	exited bool   // had a holder, which has ended
}

const (
	// searchBudget and deepBudget bound a poll's extra work, in descriptors
	// read (3 µs each).
	searchBudget = 2000
	deepBudget   = 64
	// verifyWithin is how soon every process is walked again on kernels that
	// don't count descriptors: with a poll's length more, under 5 s.
	verifyWithin = 4 * time.Second
	// initPIDNamespace is the inode of the first PID namespace
	// (PROC_PID_INIT_INO, linux/proc_ns.h): inside another one there are
	// processes that /proc doesn't show.
	initPIDNamespace = 0xEFFFFFFC
)

func openIndex() (index, error) {
	fs, err := openProcfs()
	if err != nil {
		return nil, err
	}
	x := &fdIndex{
		fs: fs, self: uint32(os.Geteuid()),
		procs: make(map[int32]*proc), bySocket: make(map[uint64][]*proc), wanted: make(map[uint64]*want), lost: make(map[uint64]*want),
		dirBuf: make([]byte, 32<<10), scratch: make([]byte, 4<<10),
	}
	var st unix.Stat_t
	x.complete = unix.Fstatat(fs.fd, "self/ns/pid", &st, 0) == nil && st.Ino == initPIDNamespace
	return x, nil
}

func (x *fdIndex) close() error       { return x.fs.close() }
func (x *fdIndex) generation() uint64 { return x.gen }
func (x *fdIndex) unreadable() int    { return x.denied }

func (x *fdIndex) verified(id Identity) time.Time {
	if p := x.procs[id.PID]; p != nil && p.Start == id.Start {
		return p.verified
	}
	return time.Time{}
}

func (x *fdIndex) update(now time.Time, wanted []Socket, same bool) error {
	x.poll++
	dirty, err := x.look(now)
	if err != nil {
		return err
	}
	if !same {
		dirty = append(dirty, x.want(wanted)...)
	}
	x.walk(now, dirty)
	x.search(now)
	x.verify(now)
	x.updated = now
	x.denied = 0
	for _, p := range x.order {
		if !p.readable && !p.kernel && x.procs[p.PID] == p {
			x.denied++
		}
	}
	return nil
}

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
		p = &proc{Identity: Identity{PID: pid, Boot: x.fs.boot}, path: strconv.Itoa(int(pid)) + "/fd", seen: x.poll}
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

// stat compares a process's descriptor directory with what is known of it.
func (x *fdIndex) stat(p *proc) statResult {
	var st unix.Stat_t
	if unix.Fstatat(x.fs.fd, p.path, &st, 0) != nil {
		return unchanged // it is leaving: the next listing will tell
	}
	switch {
	case p.dirIno != 0 && st.Ino != p.dirIno:
		return replaced // or the kernel forgot the directory: looked at anew either way
	case st.Size != p.count || st.Uid != p.uid:
		return changed
	}
	return unchanged
}

// want takes over the sockets asked about and returns the processes that held
// one which is gone: with an unchanged count, they opened something instead.
func (x *fdIndex) want(wanted []Socket) []*proc {
	for i := range wanted {
		s := &wanted[i]
		if s.Handle == 0 {
			continue
		}
		w := x.wanted[s.Handle]
		if w == nil {
			w = &want{uid: s.UID, since: x.poll}
			x.wanted[s.Handle] = w
			if x.bySocket[s.Handle] == nil {
				x.lost[s.Handle] = w
			}
		}
		w.seen = x.poll
	}
	var dirty []*proc
	for inode, w := range x.wanted {
		if w.seen != x.poll {
			delete(x.wanted, inode)
			delete(x.lost, inode)
			dirty = append(dirty, x.bySocket[inode]...)
		}
	}
	return dirty
}

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
	w.dirIno, w.count, w.uid = st.Ino, st.Size, st.Uid
	if w.stat.kernel {
		return w
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
	p.dirIno, p.count, p.uid = w.dirIno, w.count, w.uid
	// A zombie has no descriptors any more and says ErrGone.
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
	if x.procs[p.PID] == p {
		delete(x.procs, p.PID)
	}
}

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

// reread reads the wanted descriptors of one process from x.turn on. done
// means it got to the end, same that everything was as known.
func (x *fdIndex) reread(p *proc, budget *int) (done, same bool) {
	d, err := x.fs.open(p.PID)
	if err != nil {
		return true, true // gone: the next listing will tell
	}
	defer d.close()
	if x.turn.fd == 0 {
		*budget -= 4
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
		if x.wanted[f.inode] == nil {
			continue
		}
		*budget--
		if inode, err := readSocketLink(dir, f.fd, link[:]); err != nil || inode != f.inode {
			return true, false
		}
	}
	return true, true
}

func (x *fdIndex) answer(s Socket) Answer {
	a := Answer{Complete: x.complete && x.denied == 0 && x.procs[1] != nil}
	if s.Handle == 0 && s.PID != 0 {
		// The table was read by a source that names a process instead.
		if p := x.procs[s.PID]; p != nil {
			a.Claims = []Claim{{p.Identity, p.verified, p.image}}
		}
		return a
	}
	holders := x.bySocket[s.Handle]
	w := x.wanted[s.Handle]
	if s.Handle == 0 || w == nil {
		// Kept by the kernel alone (TIME_WAIT, a request not yet accepted).
		a.Kernel = s.Handle == 0
		return a
	}
	if len(holders) == 0 {
		a.Exited = w.exited && w.hidden
		a.Kernel = w.hidden && !w.exited && a.Complete && s.UID == 0
		a.Complete = a.Complete && w.hidden
		return a
	}
	a.Claims = make([]Claim, len(holders))
	for i, p := range holders {
		a.Claims[i] = Claim{Identity: p.Identity, VerifiedAt: p.verified, Image: p.image}
	}
	slices.SortFunc(a.Claims, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.PID, b.PID))
	})
	return a
}
