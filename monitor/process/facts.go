package process

import (
	"context"
	"errors"
)

// maxAncestors bounds a lineage; a real one has a dozen steps.
const maxAncestors = 32

// A Reader reads the facts of processes. The facts of one identity and image
// are read once and kept until Sweep drops them. It is not safe for
// concurrent use.
type Reader struct {
	known    map[factKey]*fact
	lineage  map[Identity][]Ancestor // of each ancestor, itself first
	projects *projects
	accounts accounts
	cgroups  cgroups
}

type factKey struct {
	Identity
	image uint32
}

type fact struct {
	*Process
	used bool
}

// NewReader returns a Reader that knows nobody yet.
func NewReader() *Reader {
	return &Reader{known: make(map[factKey]*fact), lineage: make(map[Identity][]Ancestor), projects: newProjects()}
}

// Facts returns what is known of a claim's process. What may not be read stays
// empty; for a process that has ended meanwhile the bare identity is returned.
// The result is shared and must not be changed.
func (r *Reader) Facts(ctx context.Context, c Claim) *Process {
	key := factKey{c.Identity, c.Image}
	if f, ok := r.known[key]; ok {
		f.used = true
		return f.Process
	}
	p, err := readFacts(c.Identity)
	if err != nil && p == nil {
		p = &Process{Identity: c.Identity}
	}
	if !errors.Is(err, ErrGone) {
		if p.User == "" && p.HasUID {
			p.User = r.accounts.name(p.UID)
		}
		p.Parents = r.parents(c.Identity, 0)
		p.Project, p.ProjectDir = r.projects.of(ctx, p.Cwd)
	}
	r.known[key] = &fact{p, true}
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
	for k, f := range r.known {
		if !f.used {
			delete(r.known, k)
			continue
		}
		f.used = false
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
