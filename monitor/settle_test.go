package monitor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// stage builds endpoints on 127.0.0.1:3000 for the tests of this file.
type stage struct{ start time.Time }

func (stage) key() Key {
	return Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort("127.0.0.1:3000")}
}

// held is the endpoint held by processes written "name:pid@project".
func (st stage) held(by ...string) *Endpoint {
	e := &Endpoint{Key: st.key(), State: sockets.Listen, Owner: OwnerKnown}
	for _, s := range by {
		var p process.Process
		name, rest, _ := strings.Cut(s, ":")
		pid, project, _ := strings.Cut(rest, "@")
		p.Name, p.ProjectDir = name, project
		if _, err := fmt.Sscan(pid, &p.PID); err != nil {
			panic(err)
		}
		p.Start = uint64(p.PID)
		e.Holders = append(e.Holders, Holder{Process: &p})
	}
	return e
}

// hidden is the endpoint with an inode and a creating unit only.
func (st stage) hidden(inode uint64, unit string) *Endpoint {
	return &Endpoint{Key: st.key(), State: sockets.Listen, Owner: OwnerHidden,
		Sockets: []sockets.Socket{{Handle: inode}}, Creators: []Creator{{Unit: unit}}}
}

// at is what holds the endpoint from a millisecond on; nil: nobody.
type at struct {
	ms int
	e  *Endpoint
}

func TestSettler(t *testing.T) {
	st := stage{start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	node1, node2, node3 := st.held("node:1@/shop"), st.held("node:2@/shop"), st.held("node:3@/shop")
	other := st.held("node:9@/blog")
	for name, tt := range map[string]struct {
		was  *Endpoint
		then []at
		want string // kind@ms of happening, in the order told
	}{
		"an opening is told after a rest":                   {nil, []at{{0, node1}}, "opened@0"},
		"a closing is told after the restart window":        {node1, []at{{0, nil}}, "closed@0"},
		"opened and closed at once is nothing":              {nil, []at{{0, node1}, {500, nil}}, ""},
		"a crash loop is nothing":                           {nil, []at{{0, node1}, {400, nil}, {2000, node2}, {2400, nil}, {4000, node3}, {4400, nil}}, ""},
		"the same program on a new process is a restart":    {node1, []at{{0, nil}, {3000, node2}}, "restarted@3000"},
		"three restarts in a row are one":                   {node1, []at{{0, nil}, {300, node2}, {600, nil}, {900, node3}}, "restarted@900"},
		"after the window it is a closing and an opening":   {node1, []at{{0, nil}, {12000, node2}}, "closed@0 opened@12000"},
		"another project took the port":                     {node1, []at{{0, nil}, {2000, other}}, "holder_changed@2000"},
		"the same process reopened its socket":              {node1, []at{{0, nil}, {700, node1}}, ""},
		"a restart too quick for a poll to see the gap":     {node1, []at{{0, node2}}, "restarted@0"},
		"a worker more of the same program":                 {node1, []at{{0, st.held("node:1@/shop", "node:2@/shop")}}, ""},
		"a worker less":                                     {st.held("nginx:1", "nginx:2"), []at{{0, st.held("nginx:1")}}, ""},
		"another program joins":                             {node1, []at{{0, st.held("node:1@/shop", "nc:7@/tmp")}}, "holder_changed@0"},
		"a joined program leaves again at once":             {node1, []at{{0, st.held("node:1@/shop", "nc:7@/tmp")}, {300, node1}}, ""},
		"an owner found late belongs to the opening":        {nil, []at{{0, st.hidden(5, "")}, {600, node1}}, "opened@0"},
		"an owner becoming readable is no event":            {st.hidden(5, ""), []at{{0, node1}}, ""},
		"a hidden service restarts":                         {st.hidden(5, "nginx.service"), []at{{0, nil}, {900, st.hidden(6, "nginx.service")}}, "restarted@900"},
		"another hidden service takes over":                 {st.hidden(5, "nginx.service"), []at{{0, nil}, {900, st.hidden(6, "caddy.service")}}, "holder_changed@900"},
		"a hidden socket that was only seen better":         {st.hidden(5, ""), []at{{0, st.hidden(5, "nginx.service")}}, ""},
		"changes that never rest are told all the same":     {nil, flap(st, 0, 15000, 500), "opened@0 restarted@14500"},
		"a change long after the last belongs to a new one": {nil, []at{{0, node1}, {60000, nil}}, "opened@0 closed@60000"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSettler(0, 0)
			state := tt.was
			var got []string
			take := func(events []Event) {
				for _, e := range events {
					got = append(got, fmt.Sprintf("%v@%d", e.Kind, e.At.Sub(st.start).Milliseconds()))
				}
			}
			for ms := 0; ms <= 120_000; ms += 100 {
				now := st.start.Add(time.Duration(ms) * time.Millisecond)
				var changes []Change
				for _, a := range tt.then {
					if a.ms != ms {
						continue
					}
					prev, next := &Snapshot{}, &Snapshot{Taken: now}
					if state != nil {
						prev.Endpoints = []Endpoint{*state}
					}
					if a.e != nil {
						next.Endpoints = []Endpoint{*a.e}
					}
					changes = append(changes, Diff(prev, next)...)
					state = a.e
				}
				take(s.Settle(changes, now))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("told %q, want %q", s, tt.want)
			}
			if next, ok := s.Next(); ok {
				t.Errorf("still waits until %v", next)
			}
		})
	}
}

// flap makes an endpoint change its holders every step of milliseconds.
func flap(st stage, from, to, step int) (out []at) {
	for ms := from; ms < to; ms += step {
		out = append(out, at{ms, st.held(fmt.Sprintf("node:%d@/shop", ms+1))})
	}
	return out
}

func TestSettlerSleepsExactlyUntilNext(t *testing.T) {
	st := stage{start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	s := NewSettler(2*time.Second, 5*time.Second)
	if _, ok := s.Next(); ok {
		t.Fatal("an idle settler waits for something")
	}
	e := st.held("node:1@/shop")
	s.Settle([]Change{{Kind: Opened, Key: e.Key, After: e, At: st.start}}, st.start)
	next, ok := s.Next()
	if !ok || !next.Equal(st.start.Add(2*time.Second)) {
		t.Fatalf("Next = %v, %v; want the start + 2 s", next, ok)
	}
	if got := s.Settle(nil, next.Add(-1)); len(got) != 0 {
		t.Errorf("told %v before it was due", got)
	}
	got := s.Settle(nil, next)
	if len(got) != 1 || got[0].Kind != EventOpened || got[0].After != e {
		t.Errorf("told %v when it was due", got)
	}
}

func TestSettlerTellsEventsInKeyOrder(t *testing.T) {
	now := time.Unix(1e9, 0)
	var changes []Change
	for _, port := range []uint16{9000, 80, 3000} {
		k := Key{Proto: sockets.TCP, Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), port)}
		changes = append(changes, Change{Kind: Opened, Key: k, After: &Endpoint{Key: k}, At: now})
	}
	s := NewSettler(0, 0)
	s.Settle(changes, now)
	got := s.Settle(nil, now.Add(DefaultRest))
	if len(got) != 3 || !slices.IsSortedFunc(got, func(a, b Event) int { return a.Key.Compare(b.Key) }) {
		t.Errorf("told %v", got)
	}
}
