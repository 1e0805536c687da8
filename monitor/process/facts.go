package process

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"time"
)

// maxAncestors bounds a lineage; a real one has a dozen steps.
const maxAncestors = 32

// infancy is how long after its start a process may still be somebody else's
// image: between fork(2) and execve(2) its parent's, on Windows one without
// parameters. Facts read then are read once more when it is over.
const infancy = 2 * time.Second

// A Reader reads the facts of processes. The facts of one identity and image
// are read once, or twice if it was very young, and kept until Sweep drops
// them. It is not safe for concurrent use.
type Reader struct {
	known    map[factKey]*fact
	lineage  map[Identity][]Ancestor // of each ancestor, itself first
	projects *projects
	accounts accounts
	cgroups  cgroups
	// read reads a process's own facts, service names a service by its tag.
	read    func(Identity) (*Process, error)
	service func(pid int32, tag uint32) string

	now   time.Time // of this round, zero where there are none
	again time.Time // the next fact to be read again, zero if there is none
}

type factKey struct {
	Identity
	image uint32
}

type fact struct {
	*Process
	used     bool
	again    time.Time           // when to read it once more, zero if never
	services map[uint32]*Process // the same process as one of its services
}

// NewReader returns a Reader that knows nobody yet.
func NewReader() *Reader {
	return &Reader{
		known: make(map[factKey]*fact), lineage: make(map[Identity][]Ancestor), projects: newProjects(),
		read: readFacts, service: ServiceByTag,
	}
}

// Begin starts a round of questions at that time. It reports whether facts
// that were read too early can be read again now: asking for them does it.
func (r *Reader) Begin(now time.Time) (due bool) {
	r.now = now
	return !r.again.IsZero() && !now.Before(r.again)
}

// Facts returns what is known of a claim's process. What may not be read stays
// empty; for a process that has ended meanwhile the bare identity is returned.
// A shared host of services is named after the one that the claim is about.
// The result is shared and must not be changed.
func (r *Reader) Facts(ctx context.Context, c Claim) *Process {
	key := factKey{c.Identity, c.Image}
	f := r.known[key]
	switch {
	case f == nil:
		f = r.first(ctx, c.Identity)
		r.known[key] = f
	case !f.again.IsZero() && !r.now.Before(f.again):
		r.second(ctx, f)
	}
	f.used = true
	if c.ServiceTag != 0 {
		return r.oneService(f, c.ServiceTag)
	}
	return f.Process
}

// first reads a process's facts for the first time.
func (r *Reader) first(ctx context.Context, id Identity) *fact {
	p, err := r.read(id)
	if err != nil && p == nil {
		p = &Process{Identity: id}
	}
	f := &fact{Process: p}
	if errors.Is(err, ErrGone) {
		return f
	}
	r.complete(ctx, p)
	p.Parents = r.parents(id, 0)
	if !r.now.IsZero() && r.now.Sub(p.Started) < infancy {
		f.again = r.now.Add(infancy)
		r.expect(f.again)
	}
	return f
}

// second reads the facts of a process that was very young, for the last time.
// Its lineage stays as it was: a parent may be gone by now.
func (r *Reader) second(ctx context.Context, f *fact) {
	f.again = time.Time{}
	p, err := r.read(f.Identity)
	if err != nil {
		return
	}
	r.complete(ctx, p)
	p.Parents = f.Parents
	if !reflect.DeepEqual(p, f.Process) {
		f.Process, f.services = p, nil
	}
}

// complete adds what takes more than the process itself to know.
func (r *Reader) complete(ctx context.Context, p *Process) {
	if p.User == "" && p.HasUID {
		p.User = r.accounts.name(p.UID)
	}
	p.Project, p.ProjectDir = r.projects.of(ctx, p.Cwd)
}

func (r *Reader) expect(at time.Time) {
	if r.again.IsZero() || at.Before(r.again) {
		r.again = at
	}
}

// oneService returns the process as the one of its services that a tag stands
// for. Where it has but one, or the tag can't be named, it stays as it is.
func (r *Reader) oneService(f *fact, tag uint32) *Process {
	if !strings.Contains(f.Unit, serviceSeparator) {
		return f.Process
	}
	p, ok := f.services[tag]
	if !ok {
		p = f.Process
		if name := r.service(f.PID, tag); name != "" {
			one := *f.Process
			one.Unit = name
			p = &one
		}
		if f.services == nil {
			f.services = make(map[uint32]*Process)
		}
		f.services[tag] = p
	}
	return p
}

// User names a user id; one without a name is given as a number.
func (r *Reader) User(uid uint32) string { return r.accounts.name(uid) }

// Place says where a cgroup id puts a socket's creator; the zero Place if that
// can't be told.
func (r *Reader) Place(cgroup uint64) Place {
	if cgroup == 0 {
		return Place{}
	}
	return r.cgroups.place(cgroup)
}

// Sweep forgets the processes nobody asked for since the last Sweep.
func (r *Reader) Sweep() {
	r.again = time.Time{}
	for k, f := range r.known {
		if !f.used {
			delete(r.known, k)
			continue
		}
		f.used = false
		if !f.again.IsZero() {
			r.expect(f.again)
		}
	}
	if len(r.lineage) > 4*len(r.known)+maxAncestors {
		clear(r.lineage) // steps are read again when a new process needs them
	}
}

// parents returns the lineage of a process, nearest first. A step is believed
// only if it was there before its child: PIDs of dead parents are reused.
func (r *Reader) parents(child Identity, depth int) []Ancestor {
	pid, err := parentOf(child)
	if err != nil || pid <= 0 || pid == child.PID || depth == maxAncestors {
		return nil
	}
	parent, err := identify(pid)
	if err != nil || parent.Start > child.Start {
		return nil
	}
	if chain, ok := r.lineage[parent]; ok {
		return chain
	}
	p, err := readFacts(parent)
	if errors.Is(err, ErrGone) {
		return nil
	}
	step := Ancestor{Identity: parent}
	if p != nil {
		step.Name, step.Exe, step.Args = p.Name, p.Exe, p.Args
	}
	chain := append([]Ancestor{step}, r.parents(parent, depth+1)...)
	r.lineage[parent] = chain
	return chain
}
