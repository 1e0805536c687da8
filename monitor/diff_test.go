package monitor

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// apply makes next's endpoints out of prev's and the changes between them.
func apply(prev []Endpoint, changes []Change) []Endpoint {
	out := slices.Clone(prev)
	for _, c := range changes {
		i, found := slices.BinarySearchFunc(out, c.Key, func(e Endpoint, k Key) int { return e.Key.Compare(k) })
		switch {
		case c.Kind == Closed && found:
			out = slices.Delete(out, i, i+1)
		case c.Kind == Opened && !found:
			out = slices.Insert(out, i, *c.After)
		case found:
			out[i] = *c.After
		}
	}
	return out
}

// randomSnapshot draws endpoints from a small world, so that two of them have
// many in common.
func randomSnapshot(r *rand.Rand, procs []*process.Process) *Snapshot {
	s := &Snapshot{Taken: time.Unix(r.Int64N(1000), 0)}
	for port := range uint16(12) {
		for _, addr := range []string{"0.0.0.0", "127.0.0.1", "::", "fe80::1%eth0"} {
			if r.IntN(3) == 0 {
				continue
			}
			e := Endpoint{
				Key:     Key{sockets.TCP, netip.AddrPortFrom(netip.MustParseAddr(addr), port+1), ""},
				Owner:   Owner(1 + r.IntN(4)),
				Sockets: []sockets.Socket{{Handle: uint64(r.IntN(3)), RecvQueue: uint32(r.IntN(2))}},
			}
			for range r.IntN(3) {
				e.Holders = append(e.Holders, Holder{procs[r.IntN(len(procs))], time.Unix(r.Int64N(9), 0)})
			}
			if r.IntN(4) == 0 {
				e.Container = &Container{ID: fmt.Sprint(r.IntN(2))}
			}
			s.Endpoints = append(s.Endpoints, e)
		}
	}
	slices.SortFunc(s.Endpoints, func(a, b Endpoint) int { return a.Key.Compare(b.Key) })
	return s
}

func TestDiff_LeadsFromOneSnapshotToTheNext(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	procs := make([]*process.Process, 4)
	for i := range procs {
		procs[i] = &process.Process{Identity: process.Identity{PID: int32(i + 1), Start: 7}}
	}
	for range 2000 {
		prev, next := randomSnapshot(r, procs), randomSnapshot(r, procs)
		changes := Diff(prev, next)
		got := apply(prev.Endpoints, changes)
		if len(got) != len(next.Endpoints) {
			t.Fatalf("applied: %d endpoints, want %d", len(got), len(next.Endpoints))
		}
		for i := range got {
			if got[i].Key != next.Endpoints[i].Key || compare(&got[i], &next.Endpoints[i]) != 0 {
				t.Fatalf("endpoint %v differs after applying the changes", got[i].Key)
			}
		}
		if !slices.IsSortedFunc(changes, func(a, b Change) int { return a.Key.Compare(b.Key) }) {
			t.Fatal("changes aren't in key order")
		}
		if again := Diff(next, next); len(again) != 0 {
			t.Fatalf("a snapshot differs from itself: %+v", again)
		}
	}
}

func TestDiff_TellsTheKindOfChange(t *testing.T) {
	key := Key{sockets.TCP, netip.MustParseAddrPort("127.0.0.1:80"), ""}
	one := &process.Process{Identity: process.Identity{PID: 1, Start: 1}, Name: "one"}
	reused := &process.Process{Identity: process.Identity{PID: 1, Start: 2}, Name: "one"}
	exec := &process.Process{Identity: process.Identity{PID: 1, Start: 1}, Name: "two"}
	base := Endpoint{Key: key, State: sockets.Listen, Owner: OwnerKnown, Holders: []Holder{{Process: one}}, Sockets: []sockets.Socket{{Handle: 5}}}
	with := func(f func(e *Endpoint)) *Endpoint {
		e := base
		f(&e)
		return &e
	}
	tests := []struct {
		name          string
		before, after *Endpoint
		want          ChangeKind
	}{
		{"a new key is opened", nil, &base, Opened},
		{"a key that is gone is closed", &base, nil, Closed},
		{"the same is no change", &base, with(func(e *Endpoint) {}), 0},
		{"the same PID started anew is another holder", &base, with(func(e *Endpoint) { e.Holders = []Holder{{Process: reused}} }), HolderChanged},
		{"a second holder is a change of holders", &base, with(func(e *Endpoint) { e.Holders = []Holder{{Process: one}, {Process: reused}} }), HolderChanged},
		{"a holder that exited is one", &base, with(func(e *Endpoint) { e.Holders, e.Owner = nil, OwnerExited }), HolderChanged},
		{"a process that ran another program is the same holder", &base, with(func(e *Endpoint) { e.Holders = []Holder{{Process: exec}} }), Updated},
		{"a socket bound again by the same holder is no other holder", &base, with(func(e *Endpoint) { e.Sockets = []sockets.Socket{{Handle: 6}} }), Updated},
		{"a container that got its name is shown", &base, with(func(e *Endpoint) { e.Container = &Container{Name: "db"} }), Updated},
		{"a longer queue is no change", &base, with(func(e *Endpoint) { e.Sockets = []sockets.Socket{{Handle: 5, RecvQueue: 3}} }), 0},
		{"a fresh look is no change", &base, with(func(e *Endpoint) { e.Holders = []Holder{{one, time.Unix(9, 0)}} }), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := func(e *Endpoint) *Snapshot {
				s := &Snapshot{}
				if e != nil {
					s.Endpoints = []Endpoint{*e}
				}
				return s
			}
			changes := Diff(snap(tt.before), snap(tt.after))
			var got ChangeKind
			if len(changes) > 0 {
				got = changes[0].Kind
			}
			if got != tt.want || len(changes) > 1 {
				t.Errorf("got %v (%d changes), want %v", got, len(changes), tt.want)
			}
		})
	}
}
