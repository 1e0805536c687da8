package view

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestBuild_sortsNumbersAsNumbersAndKeepsUnknownLast(t *testing.T) {
	s := snapshot([]monitor.Endpoint{
		endpoint(sockets.TCP, "127.0.0.1:80", proc(1000, "b")),
		endpoint(sockets.TCP, "127.0.0.1:9", proc(200, "B")),
		endpoint(sockets.TCP, "127.0.0.1:443", proc(30, "a", func(p *process.Process) { p.Project = "zoo" })),
		endpoint(sockets.TCP, "10.0.0.1:443"),
	})
	for _, c := range []struct {
		col  Column
		desc bool
		want string
	}{
		{ColPort, false, "[tcp 127.0.0.1:9 tcp 127.0.0.1:80 tcp 10.0.0.1:443 tcp 127.0.0.1:443]"},
		{ColPort, true, "[tcp 10.0.0.1:443 tcp 127.0.0.1:443 tcp 127.0.0.1:80 tcp 127.0.0.1:9]"},
		{ColPID, false, "[tcp 127.0.0.1:443 tcp 127.0.0.1:9 tcp 127.0.0.1:80 tcp 10.0.0.1:443]"},
		{ColPID, true, "[tcp 127.0.0.1:80 tcp 127.0.0.1:9 tcp 127.0.0.1:443 tcp 10.0.0.1:443]"},
		{ColProject, true, "[tcp 127.0.0.1:443 tcp 127.0.0.1:9 tcp 127.0.0.1:80 tcp 10.0.0.1:443]"},
		{ColAddress, false, "[tcp 10.0.0.1:443 tcp 127.0.0.1:9 tcp 127.0.0.1:80 tcp 127.0.0.1:443]"},
	} {
		got := fmt.Sprint(locals(Build(s, Query{}, Options{Sort: c.col, Desc: c.desc}).Rows))
		if got != c.want {
			t.Errorf("by %v (descending %v): %s, want %s", c.col, c.desc, got, c.want)
		}
	}
}

func TestBuild_everyColumnSortsBothWays(t *testing.T) {
	s := crowd(50, 50)
	for _, c := range Columns() {
		for _, desc := range []bool{false, true} {
			if n := len(Build(s, Query{}, Options{Sort: c, Desc: desc, All: true}).Rows); n != 100 {
				t.Errorf("by %v: %d rows, want 100", c, n)
			}
		}
		if back, _, err := ParseSort("-" + c.String()); err != nil || back != c {
			t.Errorf("ParseSort(-%v) = %v, %v", c, back, err)
		}
		if c.Title() == "" {
			t.Errorf("column %v has no title", c)
		}
	}
}

func TestBuild_countsWhatItLeavesOutUnderTheFirstReason(t *testing.T) {
	kernel := endpoint(sockets.UDP, "0.0.0.0:4789")
	kernel.Owner = monitor.OwnerKernel
	s := snapshot([]monitor.Endpoint{
		endpoint(sockets.TCP, "127.0.0.1:3000", proc(10, "node")),
		endpoint(sockets.TCP, "127.0.0.1:3001", proc(11, "noise")),
		endpoint(sockets.UDP, "127.0.0.53:53", proc(12, "systemd-resolved")),
		kernel,
	})
	res := Build(s, query(t, "-port:53"), Options{HideSystem: true, Ignore: []Query{query(t, "noise"), {}}})
	if got := fmt.Sprint(locals(res.Rows)); got != "[tcp 127.0.0.1:3000]" {
		t.Errorf("shown: %s", got)
	}
	if want := (Hidden{Filter: 1, Ignored: 1, System: 1}); res.Hidden != want || res.Total != 4 {
		t.Errorf("hidden %+v of %d, want %+v of 4", res.Hidden, res.Total, want)
	}
}

func TestBuild_connectionsOnlyWhenAskedFor(t *testing.T) {
	s := snapshot([]monitor.Endpoint{endpoint(sockets.TCP, "127.0.0.1:80", proc(1, "x"))},
		connection("127.0.0.1:80", "127.0.0.1:5000", 1, proc(1, "x")), connection("10.0.0.1:40", "10.0.0.2:80", 2, proc(1, "x")))
	b := NewBuilder()
	if n := len(b.Build(s, Query{}, Options{}).Rows); n != 1 {
		t.Errorf("listening: %d rows, want 1", n)
	}
	all := b.Build(s, Query{}, Options{All: true}).Rows
	if got := fmt.Sprint(locals(all)); got != "[tcp 10.0.0.1:40 tcp 127.0.0.1:80 tcp 127.0.0.1:80]" {
		t.Errorf("all: %s", got)
	}
	if all[1].Endpoint == nil || all[2].Connection == nil || !all[2].ID.IsConnection() || all[1].ID.IsConnection() {
		t.Error("an endpoint comes before its connections")
	}
}

func TestBuilder_showsWhatAFreshOneWouldAndReusesTheRest(t *testing.T) {
	b := NewBuilder()
	opt := Options{All: true, Baseline: noon}
	first := crowd(200, 200)
	before := b.Build(first, Query{}, opt)

	next := *first
	next.Endpoints = slices.Clone(first.Endpoints)
	next.Endpoints[3].Holders = []monitor.Holder{{Process: proc(9999, "changed")}}
	next.Endpoints = slices.Delete(next.Endpoints, 7, 9)
	next.Connections = slices.Clone(first.Connections)
	next.Connections[5].State = sockets.CloseWait
	added := endpoint(sockets.TCP, "127.0.0.1:1", proc(5, "early"))
	added.FirstSeen = noon.Add(time.Second)
	next.Endpoints = slices.Insert(next.Endpoints, 0, added)
	got, want := b.Build(&next, Query{}, opt), Build(&next, Query{}, opt)
	if len(got.Rows) != len(want.Rows) {
		t.Fatalf("%d rows, a fresh builder makes %d", len(got.Rows), len(want.Rows))
	}
	reused := 0
	for i := range got.Rows {
		for _, c := range Columns() {
			if g, w := got.Rows[i].Cell(c, noon), want.Rows[i].Cell(c, noon); g != w {
				t.Errorf("row %d, %v: %q, a fresh builder writes %q", i, c, g, w)
			}
		}
		if slices.ContainsFunc(before.Rows, func(r Row) bool { return r.Text == got.Rows[i].Text }) {
			reused++
		}
	}
	if fresh := len(got.Rows) - reused; fresh != 3 {
		t.Errorf("%d rows were written anew, want the 3 that changed", fresh)
	}
}

func TestBuild_ofNothing(t *testing.T) {
	if res := Build(nil, Query{}, Options{}); len(res.Rows) != 0 || res.Total != 0 {
		t.Errorf("nil snapshot: %+v", res)
	}
}

// crowd is a snapshot with that many listeners and connections of 100
// processes.
func crowd(listeners, connections int) *monitor.Snapshot {
	var ps []*process.Process
	for i := range 100 {
		ps = append(ps, proc(int32(1000+i), fmt.Sprintf("worker-%02d", i), func(p *process.Process) {
			p.Args = []string{p.Name, "--config", fmt.Sprintf("/home/alice/projects/app%d/config.yaml", i), "--workers", "16", "--verbose"}
			p.Project, p.ProjectDir = fmt.Sprintf("app%d", i), fmt.Sprintf("/home/alice/projects/app%d", i)
		}))
	}
	var es []monitor.Endpoint
	for i := range listeners {
		es = append(es, endpoint(sockets.TCP, fmt.Sprintf("127.0.0.1:%d", 10000+i), ps[i%100]))
	}
	var cs []monitor.Connection
	for i := range connections {
		cs = append(cs, connection(fmt.Sprintf("127.0.0.1:%d", 10000+i%5000), fmt.Sprintf("127.0.1.1:%d", 30000+i/2), uint64(i+1), ps[i%100]))
	}
	return snapshot(es, cs...)
}

// A keystroke: the same snapshot with another filter.
func BenchmarkKeystroke25k(b *testing.B) {
	s, bu := crowd(5000, 20000), NewBuilder()
	opt := Options{All: true, HideSystem: true, Ignore: []Query{query(b, "noise")}}
	words := []Query{query(b, "a"), query(b, "ap"), query(b, "app4"), query(b, "app42"), query(b, "zzz"), query(b, "3000 -node proto:tcp")}
	bu.Build(s, Query{}, opt)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		bu.Build(s, words[i%len(words)], opt)
	}
}

// A click on a header: the same snapshot in another order.
func BenchmarkSort25k(b *testing.B) {
	s, bu := crowd(5000, 20000), NewBuilder()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		bu.Build(s, Query{}, Options{All: true, Sort: []Column{ColCommand, ColRemote, ColProcess}[i%3], Desc: i%2 == 0})
	}
}

// A poll: the next snapshot, in which nothing changed.
func BenchmarkNextSnapshot25k(b *testing.B) {
	s, bu := crowd(5000, 20000), NewBuilder()
	b.ReportAllocs()
	for b.Loop() {
		next := *s
		bu.Build(&next, Query{}, Options{All: true})
	}
}

// The first look, with nothing remembered.
func BenchmarkFirst25k(b *testing.B) {
	s := crowd(5000, 20000)
	b.ReportAllocs()
	for b.Loop() {
		Build(s, Query{}, Options{All: true})
	}
}
