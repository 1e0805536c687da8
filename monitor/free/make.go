package free

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
)

// Make looks at the machine and plans how the aim could be reached. It changes
// nothing. ErrNobody says that there is nothing to free, process.ErrGone that
// the aim's process has ended. The plan must be closed.
func Make(ctx context.Context, aim Aim, m Machine) (*Plan, error) {
	m = m.orDefaults()
	if aim.Process.PID != 0 && aim.Process.Start == 0 {
		id, err := process.Identify(aim.Process.PID)
		if err != nil {
			return nil, fmt.Errorf("process %d: %w", aim.Process.PID, err)
		}
		aim.Process = id
	}
	s, err := m.Look(ctx, true)
	if err != nil {
		return nil, fmt.Errorf("read the ports: %w", err)
	}
	p := &Plan{Aim: aim, Made: s.Taken, Targets: targets(s, aim), machine: m, held: make(map[process.Identity]*process.Handle)}
	if p.Made.IsZero() {
		p.Made = time.Now()
	}
	if len(p.Targets) == 0 {
		return nil, ErrNobody
	}
	newDraft(ctx, p, s).choose()
	p.letGoOfOthers()
	return p, nil
}

// targets are the endpoints aimed at.
func targets(s *monitor.Snapshot, aim Aim) []monitor.Endpoint {
	var found []monitor.Endpoint
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		switch {
		case aim.Port != 0 && e.Addr.Port() != aim.Port,
			aim.Proto != 0 && e.Proto != aim.Proto,
			aim.Addr.IsValid() && e.Addr.Addr().Unmap() != aim.Addr.Unmap() && e.Addr.Addr().Unmap().WithZone("") != aim.Addr.Unmap(),
			aim.Process.PID != 0 && !e.HeldBy(aim.Process):
			continue
		case aim.Port == 0 && aim.Process.PID == 0:
			continue // everything is no aim
		}
		found = append(found, *e)
	}
	return found
}

// hold opens a process for the plan's life. It fails with process.ErrGone once
// the process has ended, or isn't the same any more; any other error says that
// it is there and can't be had.
func (p *Plan) hold(id process.Identity) error {
	if _, ok := p.held[id]; ok {
		return nil
	}
	h, err := p.machine.open(id)
	if err != nil {
		return err
	}
	p.held[id] = h
	return nil
}

// letGoOfOthers closes the handles of processes that are in no choice after
// all.
func (p *Plan) letGoOfOthers() {
	for id, h := range p.held {
		if !slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.ends(id) }) {
			h.Close()
			delete(p.held, id)
		}
	}
}

// ends reports whether the process is among the victims.
func (c *Choice) ends(id process.Identity) bool {
	return slices.ContainsFunc(c.Victims, func(v Victim) bool { return v.Identity == id })
}

// draft is a plan in the making.
type draft struct {
	ctx   context.Context
	plan  *Plan
	s     *monitor.Snapshot
	facts *process.Reader
	self  *process.Process
	all   []process.Relation // of the whole machine

	// holders are those of the targets, or the aim's process alone; the
	// others hold a target as well.
	holders, others []*process.Process
	heirs           bool // holders are guessed: their parent made the socket and is gone
	service         map[process.Identity]bool

	services  []Choice    // the units they belong to
	ephemeral *bind.Range // nil: not yet asked for
}

func newDraft(ctx context.Context, p *Plan, s *monitor.Snapshot) *draft {
	d := &draft{ctx: ctx, plan: p, s: s, facts: process.NewReader(), self: &process.Process{}, service: make(map[process.Identity]bool)}
	if id, err := process.Self(); err == nil {
		d.self = d.read(id)
	}
	// Without the list there are no trees; what is held by whom stays true.
	d.all, _ = process.Census()
	for i := range p.Targets {
		e := &p.Targets[i]
		for j, origin := range monitor.Tell(s, e).Origins {
			h := e.Holders[j].Process
			d.service[h.Identity] = origin.Kind == monitor.OriginService
			list := &d.holders
			if p.Aim.Process.PID != 0 && h.Identity != p.Aim.Process {
				list = &d.others
			}
			if !slices.ContainsFunc(*list, func(o *process.Process) bool { return o.Identity == h.Identity }) {
				*list = append(*list, h)
			}
		}
	}
	if len(d.holders) == 0 {
		d.findHeirs()
	}
	return d
}

// read reads the facts of a process, of which nothing but the identity may be
// known.
func (d *draft) read(id process.Identity) *process.Process {
	return d.facts.Facts(d.ctx, process.Claim{Identity: id})
}

// findHeirs looks for those who inherited a socket whose maker is dead, where
// the table still names the dead one.
func (d *draft) findHeirs() {
	for i := range d.plan.Targets {
		e := &d.plan.Targets[i]
		for _, row := range e.Sockets {
			if e.Owner != monitor.OwnerExited || row.PID == 0 || row.Created == 0 {
				continue
			}
			var successor *process.Identity
			if id, err := process.Identify(row.PID); err == nil {
				successor = &id
			}
			for _, id := range process.Heirs(d.all, row.PID, process.StartAt(row.CreatedAt()), successor) {
				d.holders = append(d.holders, d.read(id))
				d.heirs = true
			}
		}
	}
}

// choose fills in the plan's choices, the right one first: one that can be
// taken before those that can't, and among them the one that frees the port
// for good with the least harm.
func (d *draft) choose() {
	d.services = d.units()
	all := slices.Concat(d.containers(), d.services, d.watchers())
	one, tree := d.alone(), d.tree()
	switch {
	case tree == nil:
		all = append(all, one)
	case tree.Reason == ReasonPrefork && sameVictims(tree, &one):
		all = append(all, *tree)
	case tree.Reason == ReasonPrefork:
		all = append(all, *tree, one)
	default:
		all = append(all, one, *tree)
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return cmp.Compare(rank(&a), rank(&b)) })
	for i := 1; i < len(all); i++ {
		all[i].Reason = ""
	}
	d.plan.Choices = all
}

// rank puts what can be done first, then what somebody's rights stand against,
// then what is never done.
func rank(c *Choice) int {
	switch c.Blocked {
	case "":
		return 0
	case BlockedRights, BlockedHidden:
		return 1
	}
	return 2
}

func sameVictims(a, b *Choice) bool {
	return len(a.Victims) == len(b.Victims) && !slices.ContainsFunc(a.Victims, func(v Victim) bool { return !b.ends(v.Identity) })
}
