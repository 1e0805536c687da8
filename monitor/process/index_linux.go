package process

import (
	"cmp"
	"os"
	"slices"
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
	pid      int32  // ours
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
	held     int // folders held open
	turn     deepTurn

	pidBuf  []int32
	dirBuf  []byte
	scratch []byte
}

// proc is one process as the index knows it.
type proc struct {
	Identity
	path     string // "PID/fd"
	dir      int    // that folder held open, -1 if it isn't
	kernel   bool
	dirIno   uint64
	count    int64 // as of count
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
	// identityCost is what reading a process's name and program again takes,
	// in descriptors.
	identityCost = 16
	// verifyWithin is how soon every process is walked again on kernels that
	// don't count descriptors: with a poll's length more, under 5 s.
	verifyWithin = 4 * time.Second
	// maxHeld bounds the folders held open, well under what a program may open
	// (RLIMIT_NOFILE, whose hard limit is 4096 where nobody set another).
	maxHeld = 512
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
		fs: fs, self: uint32(os.Geteuid()), pid: int32(os.Getpid()),
		procs: make(map[int32]*proc), bySocket: make(map[uint64][]*proc), wanted: make(map[uint64]*want), lost: make(map[uint64]*want),
		dirBuf: make([]byte, 32<<10), scratch: make([]byte, 4<<10),
	}
	var st unix.Stat_t
	x.complete = unix.Fstatat(fs.fd, "self/ns/pid", &st, 0) == nil && st.Ino == initPIDNamespace
	return x, nil
}

func (x *fdIndex) close() error {
	for _, p := range x.procs {
		x.letGo(p)
	}
	return x.fs.close()
}

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

func (x *fdIndex) answer(s Socket) Answer {
	a := Answer{Complete: x.complete && x.denied == 0 && x.procs[1] != nil}
	if s.Handle == 0 && s.PID != 0 {
		// The table was read by a source that names a process instead.
		if p := x.procs[s.PID]; p != nil {
			a.Claims = []Claim{{Identity: p.Identity, VerifiedAt: p.verified, Image: p.image}}
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
