package tray

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

func key(addr string) monitor.Key {
	proto, addr := sockets.TCP, addr
	if rest, ok := strings.CutPrefix(addr, "udp/"); ok {
		proto, addr = sockets.UDP, rest
	}
	return monitor.Key{Proto: proto, Addr: netip.MustParseAddrPort(addr)}
}

// listening is an endpoint of a user's process; a name "" is a hidden one.
func listening(addr string, uid uint32, name, project string) monitor.Endpoint {
	k := key(addr)
	e := monitor.Endpoint{Key: k, State: sockets.Listen, Owner: monitor.OwnerKnown, Exposure: monitor.ExposureAll,
		Sockets: []sockets.Socket{{UID: uid, HasUID: true}}}
	if k.Addr.Addr().IsLoopback() {
		e.Exposure = monitor.ExposureLoopback
	}
	if name == "" {
		e.Owner = monitor.OwnerHidden
		return e
	}
	h := uint64(0)
	for _, r := range name + project {
		h = h*31 + uint64(r)
	}
	p := &process.Process{Identity: process.Identity{PID: int32(h%30000) + 2, Start: h}, Name: name, Project: project, UID: uid, HasUID: true}
	e.Holders = []monitor.Holder{{Process: p}}
	return e
}

func snapshot(es ...monitor.Endpoint) *monitor.Snapshot {
	slices.SortFunc(es, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	return &monitor.Snapshot{Endpoints: es}
}

func me() State {
	return State{UID: 1000, HasUID: true, View: view.Options{Ephemeral: view.PortRange{First: 32768, Last: 60999}}}
}

func TestModelPutsTheDevelopersPortsFirst(t *testing.T) {
	m := NewBuilder().Build(snapshot(
		listening("0.0.0.0:22", 0, "", ""),
		listening("127.0.0.1:631", 0, "cupsd", ""),
		listening("127.0.0.1:40123", 1000, "gopls", "shop"),
		listening("127.0.0.1:6600", 1000, "mpd", ""),
		listening("127.0.0.1:5432", 1000, "postgres", ""),
		listening("127.0.0.1:3000", 1000, "node", "shop"),
		listening("[::1]:3000", 1000, "node", "shop"),
		listening("udp/0.0.0.0:5353", 1000, "chrome", ""),
	), me())
	var got []string
	for _, p := range m.Ports {
		got = append(got, p.Title)
	}
	want := []string{"3000  node · shop", "5432  postgres", "6600  mpd", "40123  gopls · shop", "22  (hidden)", "631  cupsd"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("ports %q, want %q", got, want)
	}
	if m.Ports[0].Key != key("127.0.0.1:3000") {
		t.Errorf("the merged port opens %v, want IPv4 loopback", m.Ports[0].Key.Addr)
	}
	if m.Status != "6 listening · 1 reachable from outside" {
		t.Errorf("status %q", m.Status)
	}
	if m.Ports[4].Free || !m.Ports[0].Free {
		t.Error("kill is offered for a hidden holder, or not for a known one")
	}
}

func TestModelShowsTwelvePortsAndCountsTheRest(t *testing.T) {
	var es []monitor.Endpoint
	for i := range 30 {
		es = append(es, listening(fmt.Sprintf("127.0.0.1:%d", 3000+i), 1000, "node", "shop"))
	}
	m := NewBuilder().Build(snapshot(es...), me())
	if len(m.Ports) != MaxPorts || m.More != "and 18 more…" {
		t.Errorf("%d ports, %q", len(m.Ports), m.More)
	}
}

func TestModelLeavesOutWhatTheUserHides(t *testing.T) {
	st := me()
	st.View.HideSystem = true
	q, err := view.Parse("mpd")
	if err != nil {
		t.Fatal(err)
	}
	st.View.Ignore = []view.Query{q}
	m := NewBuilder().Build(snapshot(
		listening("127.0.0.1:631", 0, "cupsd", ""),
		listening("127.0.0.1:6600", 1000, "mpd", ""),
	), st)
	if len(m.Ports) != 0 || m.Status != "Nothing is listening" {
		t.Errorf("ports %v, status %q", m.Ports, m.Status)
	}
}

func TestPortlightDoesNotOfferToKillItself(t *testing.T) {
	e := listening("127.0.0.1:3000", 1000, "portlight", "")
	st := me()
	st.View.Self = e.Holders[0].Identity
	if m := NewBuilder().Build(snapshot(e), st); len(m.Ports) != 1 || m.Ports[0].Free {
		t.Errorf("ports %+v", m.Ports)
	}
}

func TestHostileNamesStayOnTheirLine(t *testing.T) {
	for _, name := range []string{"two\nlines\x00\x1b[2J", strings.Repeat("x", 5000), "exe.\u202egpj", "$(calc)&<b>"} {
		m := NewBuilder().Build(snapshot(listening("127.0.0.1:3000", 1000, name, name)), me())
		title := m.Ports[0].Title
		if strings.ContainsAny(title, "\n\x00\x1b\u202e") || len([]rune(title)) > maxTitle {
			t.Errorf("%.20q became %q", name, title)
		}
	}
}

func TestIconSaysTheWorstFirst(t *testing.T) {
	for _, tt := range []struct {
		st   State
		want assets.TrayState
	}{
		{State{}, assets.TrayNormal},
		{State{Changed: true}, assets.TrayChanged},
		{State{Changed: true, Paused: true}, assets.TrayPaused},
		{State{Warning: true, Paused: true}, assets.TrayWarning},
		{State{Warning: true, Err: errors.New("x")}, assets.TrayError},
	} {
		if m := NewBuilder().Build(nil, tt.st); m.Icon != tt.want {
			t.Errorf("%+v: icon %d, want %d", tt.st, m.Icon, tt.want)
		}
	}
}

func BenchmarkBuildOf5000Listeners(b *testing.B) {
	var es []monitor.Endpoint
	for i := range 5000 {
		es = append(es, listening(fmt.Sprintf("127.0.0.1:%d", 2000+i), 1000, fmt.Sprintf("node%d", i%100), "shop"))
	}
	one, other := snapshot(es...), snapshot(slices.Clone(es)...)
	builder := NewBuilder()
	for i := 0; b.Loop(); i++ {
		builder.Build([]*monitor.Snapshot{one, other}[i%2], me())
	}
}
