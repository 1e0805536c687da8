package monitor

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// claim is "this process holds this socket".
type claim struct {
	pid   int32
	inode uint64
}

// span is when a claim was true. from and until are the latest it can have
// begun and the earliest it can have ended: what happened lies between a
// command and its answer. maybe is the earliest it can have begun.
type span struct {
	maybe, from time.Time
	until, gone time.Time // zero while it is true
}

// truth is what the puppets really held, every span of a claim in order.
type truth struct {
	mu    sync.Mutex
	spans map[claim][]*span
}

// before returns the last span of a claim that can have begun by then, nil if
// there is none.
func (tr *truth) before(c claim, then time.Time) *span {
	for _, s := range slices.Backward(tr.spans[c]) {
		if !s.maybe.After(then) {
			return s
		}
	}
	return nil
}

func (tr *truth) begin(c claim, asked, answered time.Time) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.spans[c] = append(tr.spans[c], &span{maybe: asked, from: answered})
}

func (tr *truth) end(c claim, asked, answered time.Time) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if all := tr.spans[c]; len(all) > 0 {
		s := all[len(all)-1]
		s.until, s.gone = asked, answered
	}
}

// actor plays one puppet: it remembers what the puppet holds.
type actor struct {
	mu sync.Mutex
	*puppet
	held     []uint64
	children map[int32]uint64
}

// TestChurn_OwnersAreTrue lets two hundred processes open, close, replace, pass
// and inherit sockets while the scanner polls, and holds every claim against
// what they really did.
func TestChurn_OwnersAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two hundred processes for ten seconds; not in -short")
	}
	for _, counted := range []bool{true, false} {
		name := "a kernel that counts descriptors"
		if !counted {
			name = "an older kernel"
		}
		t.Run(name, func(t *testing.T) { churn(t, counted) })
	}
}

func churn(t *testing.T, counted bool) {
	// Acts are handed out by the poll, not by the clock: a machine that is busy
	// with something else then polls less often, and sees as much happen
	// between two polls.
	const puppets, players, interval, polls, actsPerPoll = 200, 4, 250 * time.Millisecond, 32, 200
	dir := t.TempDir()
	tr := &truth{spans: make(map[claim][]*span)}
	actors := make([]*actor, puppets)
	for i := range actors {
		actors[i] = &actor{puppet: newPuppet(t, dir, i), children: make(map[int32]uint64)}
	}
	s, err := newScanner(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if !counted {
		s.index.IgnoreCounts()
	}

	ctx := t.Context()
	var wg sync.WaitGroup
	turns := make(chan struct{}, actsPerPoll)
	for n := range players {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(n), 1))
			for range turns {
				actors[rnd.IntN(len(actors))].act(tr, rnd, actors)
				// Spread over the interval, so that acts fall into readings
				// as well as between them.
				time.Sleep(time.Duration(rnd.IntN(8)) * time.Millisecond)
			}
		})
	}

	// A claim can be seen before the act behind it was answered and is on
	// record: such a one is judged in the end.
	type suspect struct {
		claim
		seen time.Time
	}
	var suspects []suspect
	var claims, wrong, stale, due, missed int
	var before time.Time
	for range polls {
		began := time.Now()
		for range actsPerPoll - len(turns) { // what is left over counts
			turns <- struct{}{}
		}
		snap, err := s.scan(ctx, false)
		if err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		seen := make(map[claim]bool)
		for i := range snap.Endpoints {
			e := &snap.Endpoints[i]
			for _, h := range e.Holders {
				for _, sock := range e.Sockets {
					seen[claim{h.PID, sock.Handle}] = true
				}
			}
		}
		tr.mu.Lock()
		mine := make(map[uint64]bool)
		for c := range tr.spans {
			mine[c.inode] = true
		}
		for c := range seen {
			if !mine[c.inode] {
				continue // another program's socket
			}
			claims++
			sp := tr.before(c, ended)
			switch {
			case sp == nil:
				suspects = append(suspects, suspect{c, ended})
			case !sp.gone.IsZero() && began.Sub(sp.gone) > 5*time.Second:
				wrong++
				t.Errorf("process %d let go of socket %d %v ago", c.pid, c.inode, began.Sub(sp.gone))
			case !sp.gone.IsZero() && sp.gone.Before(began):
				stale++
			}
		}
		if !before.IsZero() {
			for c, all := range tr.spans {
				sp := all[len(all)-1]
				if sp.from.Before(before) && (sp.until.IsZero() || sp.until.After(ended)) {
					due++
					if !seen[c] {
						missed++
					}
				}
			}
		}
		tr.mu.Unlock()
		before = began
		if rest := interval - time.Since(began); rest > 0 {
			time.Sleep(rest)
		}
	}
	close(turns)
	wg.Wait()
	for _, s := range suspects {
		if tr.before(s.claim, s.seen) == nil {
			wrong++
			t.Errorf("process %d was said to hold socket %d and never had", s.pid, s.inode)
		}
	}
	named := 1 - float64(missed)/float64(max(due, 1))
	t.Logf("%d claims: %d wrong, %d out of date by less than 5 s; %d due, %d missed: %.4f %% named",
		claims, wrong, stale, due, missed, named*100)
	if due < 1000 {
		t.Errorf("only %d claims were due: the test saw too little", due)
	}
	if named < 0.999 {
		t.Errorf("%.3f %% of the holders older than one interval were named, want 99.9 %%", named*100)
	}
}

// act does one random thing.
func (a *actor) act(tr *truth, rnd *rand.Rand, all []*actor) {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := time.Now()
	if len(a.held) == 0 || len(a.held) < 6 && rnd.IntN(3) == 0 {
		if n := a.do("open"); len(n) == 1 {
			a.held = append(a.held, n[0])
			tr.begin(claim{a.pid, n[0]}, asked, time.Now())
		}
		return
	}
	i := rnd.IntN(len(a.held))
	inode := a.held[i]
	drop := func() {
		a.held = append(a.held[:i], a.held[i+1:]...)
		tr.end(claim{a.pid, inode}, asked, time.Now())
	}
	switch rnd.IntN(6) {
	case 0, 1:
		a.do("close %d", inode)
		drop()
	case 2:
		n := a.do("replace %d", inode)
		drop()
		if len(n) == 1 {
			a.held = append(a.held, n[0])
			tr.begin(claim{a.pid, n[0]}, asked, time.Now())
		}
	case 3:
		b := all[rnd.IntN(len(all))]
		if b == a || !b.mu.TryLock() {
			return
		}
		defer b.mu.Unlock()
		for _, has := range b.held {
			if has == inode {
				return
			}
		}
		a.do("give %d %s", inode, b.path)
		if n := b.do("take"); len(n) == 1 && n[0] == inode {
			b.held = append(b.held, inode)
			tr.begin(claim{b.pid, inode}, asked, time.Now())
		}
	case 4:
		if len(a.children) > 0 {
			return
		}
		n := a.do("spawn %d", inode)
		if len(n) != 1 {
			return
		}
		child, now := int32(n[0]), time.Now()
		a.children[child] = inode
		for _, has := range a.held {
			// Between fork and exec the child holds everything its parent does.
			tr.begin(claim{child, has}, asked, now)
			if has != inode {
				tr.end(claim{child, has}, asked, now)
			}
		}
	case 5:
		if n := a.do("reap"); len(n) == 1 {
			child := int32(n[0])
			tr.end(claim{child, a.children[child]}, asked, time.Now())
			delete(a.children, child)
		}
	}
}
