package notify

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// A stage plays a machine: programs open and close ports on it, and every tick
// goes the way of the real data: snapshot, Diff, Settler, Policy.
type stage struct {
	now     time.Time
	held    map[monitor.Key]monitor.Endpoint
	prev    *monitor.Snapshot
	settler *monitor.Settler
	policy  *Policy
	pids    int32
	toasts  []Toast
	told    []Notice
}

func newStage(r Rules) *stage {
	return &stage{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), held: map[monitor.Key]monitor.Endpoint{},
		settler: monitor.NewSettler(0, 0), policy: NewPolicy(r), pids: 1000}
}

// program returns a new process of a name, in a project.
func (s *stage) program(name, project string, parents ...*process.Process) *process.Process {
	s.pids++
	p := &process.Process{Identity: process.Identity{PID: s.pids, Start: uint64(s.pids)}, Name: name, Project: project}
	if project != "" {
		p.ProjectDir = "/home/dev/" + project
	}
	for _, a := range parents {
		p.Parents = append(p.Parents, process.Ancestor{Identity: a.Identity, Name: a.Name})
	}
	return p
}

func key(addr string) monitor.Key {
	proto, addr := sockets.TCP, addr
	if rest, ok := strings.CutPrefix(addr, "udp/"); ok {
		proto, addr = sockets.UDP, rest
	}
	return monitor.Key{Proto: proto, Addr: netip.MustParseAddrPort(addr)}
}

func (s *stage) open(addr string, holders ...*process.Process) {
	k := key(addr)
	e := monitor.Endpoint{Key: k, State: sockets.Listen, Owner: monitor.OwnerKnown, Exposure: monitor.ExposureNetwork}
	switch a := k.Addr.Addr(); {
	case a.IsUnspecified():
		e.Exposure = monitor.ExposureAll
	case a.IsLoopback():
		e.Exposure = monitor.ExposureLoopback
	}
	for _, p := range holders {
		e.Holders = append(e.Holders, monitor.Holder{Process: p})
	}
	s.held[k] = e
}

func (s *stage) close(addr string) { delete(s.held, key(addr)) }

// tick lets a second pass.
func (s *stage) tick() {
	s.now = s.now.Add(time.Second)
	next := &monitor.Snapshot{Taken: s.now}
	for _, e := range s.held {
		next.Endpoints = append(next.Endpoints, e)
	}
	slices.SortFunc(next.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	if s.prev == nil {
		s.policy.Baseline(next, s.now)
	} else {
		s.policy.Take(s.settler.Settle(monitor.Diff(s.prev, next), s.now), next, s.now)
	}
	s.prev = next
	if batch := s.policy.Due(s.now); batch != nil {
		s.told = append(s.told, batch...)
		s.toasts = append(s.toasts, Words(batch))
	}
}

func (s *stage) wait(d time.Duration) {
	for range int(d / time.Second) {
		s.tick()
	}
}
