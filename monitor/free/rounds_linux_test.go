package free

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// scene is one kind of holder. %s is its address.
type scene struct {
	name, words string
	as          []string // what it calls itself
}

var scenes = []scene{
	{"plain", "listen %s", nil},
	{"stubborn", "stubborn listen %s", nil},
	{"without SO_REUSEADDR", "plain listen %s", nil},
	{"prefork, tidy", "listen %s children 2 inherited again tidy", nil},
	{"prefork, untidy", "listen %s children 2 inherited again", nil},
	{"prefork, stubborn", "stubborn listen %s children 2 stubborn_inherited again", nil},
	{"tree", "listen %s apart children 2 stubborn", nil},
	{"watched", "again children 1 listen_%s", []string{"nodemon"}},
	{"watched, stubborn", "stubborn again children 1 stubborn_listen_%s", []string{"nodemon"}},
	{"respawned", "again children 1 listen_%s", []string{"unheard-of"}},
	{"inherited", "listen %s children 1 inherited exit", nil},
	{"inherited, stubborn", "listen %s children 2 stubborn_inherited exit", nil},
	{"gone before the signal", "listen %s", nil},
	{"ourselves", "", nil},
}

// TestRounds kills a thousand random holders and nobody else. PORTLIGHT_SEED
// repeats a run's choices; the machine's own timing stays its own.
func TestRounds(t *testing.T) {
	// Who stands by does so for several lanes: each look reads every process.
	const lanes, beside = 32, 4
	rounds := 1000
	if testing.Short() || underRace {
		rounds = 100
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("PORTLIGHT_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	ring := &ring{t: t, looks: newLooks(t), counts: make(map[string]int), port: uint16(20000 + seed%4000)}
	var lanesDone sync.WaitGroup
	todo := make(chan uint64, rounds)
	for i := range rounds {
		todo <- uint64(i)
	}
	close(todo)
	var bystanders []*play
	for n := range lanes {
		if n%beside == 0 {
			bystanders = []*play{stage(t, "bystander"), stage(t, "bystander"), stage(t, "bystander")}
		}
		lane := &lane{ring: ring, number: n, bystanders: bystanders}
		lanesDone.Go(func() {
			for i := range todo {
				lane.round(rand.New(rand.NewPCG(seed, i)), i)
			}
		})
	}
	lanesDone.Wait()
	ring.conclude(seed, rounds, time.Since(began))
}

// ring is where all lanes' rounds are counted.
type ring struct {
	t     *testing.T
	looks *looks

	mu       sync.Mutex
	counts   map[string]int
	port     uint16
	killable int
	done     int // of those: dead and freed
	kept     int // dead, and their port kept by the kernel alone: see judge
	spared   int // bystanders that were looked at after a round
}

func (r *ring) count(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
}

// address picks one that nobody had before, not even a run a minute ago whose
// closed connections still count. Its port is outside the range that the
// system gives away.
func (r *ring) address() netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		r.port++
		if bind.Once(sockets.TCP, netip.AddrPortFrom(netip.IPv4Unspecified(), r.port), bind.Plain).Code == bind.OK {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), r.port)
		}
	}
}

func (r *ring) conclude(seed uint64, rounds int, took time.Duration) {
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(r.counts)) {
		fmt.Fprintf(&b, "\n%6d  %s", r.counts[what], what)
	}
	share := 100 * float64(r.done) / float64(max(r.killable, 1))
	r.t.Logf("seed %d: %d rounds in %v; %d killable, %d (%.2f %%) dead and freed; "+
		"%d dead, their closed connections keeping the port from everybody; %d not to be killed; %d times a bystander was found well%s",
		seed, rounds, took.Round(time.Second/10), r.killable, r.done, share, r.kept, rounds-r.killable-r.kept, r.spared, b.String())
	if share < 99 {
		r.t.Errorf("only %.2f %% of the killable were ended and their port freed, want 99 %%", share)
	}
	if r.killable < rounds/2 {
		r.t.Errorf("only %d of %d rounds had somebody to kill", r.killable, rounds)
	}
}

// lane plays rounds one after the other, among its bystanders.
type lane struct {
	*ring
	number     int
	bystanders []*play
}

func (l *lane) round(rnd *rand.Rand, n uint64) {
	sc := scenes[rnd.IntN(len(scenes))]
	addr := l.address()
	fail := func(format string, args ...any) {
		l.t.Errorf("round %d, %s on %v: %s", n, sc.name, addr, fmt.Sprintf(format, args...))
	}
	if sc.words == "" {
		l.ourselves(addr, fail)
		return
	}
	p, err := start(fmt.Sprintf(sc.words, addr), func(c *exec.Cmd) {
		if sc.as != nil {
			c.Args = sc.as
		}
	})
	if err != nil {
		fail("no actor: %v", err)
		return
	}
	defer p.end()

	aim := Aim{Port: addr.Port(), Proto: sockets.TCP}
	l.gather(rnd, &aim, addr, fail)
	defer l.disperse()

	plan, err := Make(bg, aim, Machine{Look: l.looks.look})
	if err != nil {
		fail("no plan: %v", err)
		return
	}
	defer plan.Close()
	o := Order{Grace: time.Duration(150+rnd.IntN(250)) * time.Millisecond, Force: rnd.IntN(8) == 0}
	if rnd.IntN(3) == 0 {
		o.Choice = rnd.IntN(len(plan.Choices))
	}
	c := &plan.Choices[o.Choice]
	others := l.family(p, c)
	killable := true
	switch {
	case sc.name == "gone before the signal":
		p.end()
		killable = false
	case c.Restarter != nil || sc.name == "respawned":
		killable = false // alone it comes back: that is to be said, not prevented
	}
	f, err := plan.Run(bg, o, nil)
	if err != nil {
		fail("%s: %v", c.Kind, err)
		return
	}
	l.count(fmt.Sprintf("%s, %s: %s", sc.name, c.Kind, f.Ending))
	l.judge(sc, killable, c, f, addr, fail)
	for _, id := range others {
		if now, err := process.Identify(id.PID); err != nil || now != id {
			fail("%s ended %v, which is no victim", c.Kind, id)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spared += len(others) + len(l.bystanders)
	for _, b := range l.bystanders {
		if !b.alive() {
			fail("bystander %d died", b.id.PID)
		}
	}
}

// family is whoever is of the actor's and no victim. Its children have none.
func (l *lane) family(p *play, c *Choice) (others []process.Identity) {
	if p.exits {
		return nil // it has ended by itself, its children are nobody's
	}
	all := []process.Identity{p.id}
	for _, text := range p.children {
		pid, _ := strconv.ParseInt(text, 10, 32)
		if id, err := process.Identify(int32(pid)); err == nil {
			all = append(all, id)
		}
	}
	return slices.DeleteFunc(all, c.ends)
}

// judge compares what a run says with what is.
func (l *lane) judge(sc scene, killable bool, c *Choice, f Final, addr netip.AddrPort, fail func(string, ...any)) {
	dead := !slices.ContainsFunc(c.Victims, func(v Victim) bool {
		// In this order: one that is buried in between is no zombie either.
		if zombie(v.PID) {
			return false
		}
		now, err := process.Identify(v.PID)
		return err == nil && now == v.Identity
	})
	var free bool
	if ln, err := net.Listen("tcp", addr.String()); err == nil {
		ln.Close()
		free = true
	}
	freed := f.Ending == EndFreed || f.Ending == EndLingering
	switch {
	case freed && !free:
		fail("%s ended as %q and the port can't be bound", c.Kind, f.Ending)
	case freed && !dead && !slices.ContainsFunc(f.Alive, c.ends):
		fail("%s ended as %q and a victim lives unsaid", c.Kind, f.Ending)
	case f.Ending == EndNotHeld && killable:
		fail("%s found nobody", c.Kind)
	}
	if !killable {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if dead && f.Ending == EndUnproven && f.Wait > 0 && strings.HasPrefix(sc.words, "plain") {
		// Nobody holds it. That no program can have it before the kernel's
		// time is over lies in how the server had opened it.
		l.kept++
		return
	}
	l.killable++
	if dead && freed && free {
		l.done++
	} else {
		l.t.Logf("not freed: %s on %v ended as %q (%v), holders %s, alive %v", c.Kind, addr, f.Ending, f.Err, names(f.Holders), f.Alive)
	}
}

func zombie(pid int32) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && (strings.Contains(string(b), ") Z ") || strings.Contains(string(b), ") X "))
}

// ourselves: a port of the test's own is refused.
func (l *lane) ourselves(addr netip.AddrPort, fail func(string, ...any)) {
	ln, err := net.Listen("tcp", addr.String())
	if err != nil {
		fail("%v", err)
		return
	}
	defer ln.Close()
	plan, err := Make(bg, Aim{Port: addr.Port()}, Machine{Look: l.looks.look})
	if err != nil {
		fail("no plan: %v", err)
		return
	}
	defer plan.Close()
	for i := range plan.Choices {
		if f, err := plan.Run(bg, Order{Choice: i, Force: true}, nil); !errors.Is(err, process.ErrProtected) {
			fail("we killed ourselves: %+v, %v", f, err)
		}
	}
	l.count("ourselves: refused")
}
