package monitor

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestShadows_AlarmOnlyWhatAClientCouldConfuse(t *testing.T) {
	run := func(pid int32, exe string, parents ...int32) *process.Process {
		p := &process.Process{Identity: process.Identity{PID: pid, Start: uint64(pid)}, Exe: exe, Name: exe}
		for _, pp := range parents {
			p.Parents = append(p.Parents, process.Ancestor{Identity: process.Identity{PID: pp, Start: uint64(pp)}, Exe: "/bin/bash"})
		}
		return p
	}
	in := func(p *process.Process, unit, container string) *process.Process {
		p.Unit, p.Container = unit, container
		return p
	}
	endpoint := func(proto sockets.Proto, addr string, uid uint32, holders ...*process.Process) Endpoint {
		at := netip.MustParseAddrPort(addr)
		e := Endpoint{Key: Key{Proto: proto, Addr: at}, Exposure: exposureOf(at.Addr())}
		e.Sockets = []sockets.Socket{{Proto: proto, Local: at, UID: uid, HasUID: true}}
		for _, h := range holders {
			e.Holders = append(e.Holders, Holder{Process: h})
		}
		if at.Addr() == netip.IPv6Unspecified() {
			e.DualStack = sockets.No
		}
		return e
	}
	tcp := func(addr string, holders ...*process.Process) Endpoint {
		return endpoint(sockets.TCP, addr, 1000, holders...)
	}
	udp := func(addr string, holders ...*process.Process) Endpoint {
		return endpoint(sockets.UDP, addr, 1000, holders...)
	}
	node, ruby := run(10, "node", 5, 1), run(20, "ruby", 5, 1)
	for _, tt := range []struct {
		name string
		have []Endpoint
		want []string
	}{
		{"a wildcard beside an address it covers", []Endpoint{tcp("0.0.0.0:80", node), tcp("127.0.0.1:80", ruby)}, []string{"0.0.0.0:80", "127.0.0.1:80"}},
		{"localhost is of both families", []Endpoint{tcp("127.0.0.1:80", node), tcp("[::1]:80", ruby)}, []string{"127.0.0.1:80", "[::1]:80"}},
		{"a wildcard of the other family", []Endpoint{tcp("127.0.0.1:80", node), tcp("[::]:80", ruby)}, []string{"127.0.0.1:80", "[::]:80"}},
		{"two addresses of a network", []Endpoint{tcp("192.0.2.1:80", node), tcp("192.0.2.2:80", ruby)}, nil},
		{"localhost beside a network's address", []Endpoint{tcp("127.0.0.1:80", node), tcp("192.0.2.2:80", ruby)}, nil},
		{"localhost beside another address of loopback", []Endpoint{tcp("127.0.0.1:53", node), tcp("127.0.0.53:53", ruby)}, nil},
		{"an unrelated third isn't named", []Endpoint{tcp("127.0.0.1:80", node), tcp("192.0.2.2:80", ruby), tcp("[::1]:80", ruby)}, []string{"127.0.0.1:80", "[::1]:80"}},
		{"different ports", []Endpoint{tcp("127.0.0.1:80", node), tcp("[::1]:81", ruby)}, nil},
		{"different protocols", []Endpoint{tcp("127.0.0.1:80", node), udp("127.0.0.1:80", ruby)}, nil},
		{"one process on both", []Endpoint{tcp("127.0.0.1:80", node), tcp("[::1]:80", node)}, nil},
		{"one holder in common", []Endpoint{tcp("127.0.0.1:80", node, ruby), tcp("[::1]:80", ruby)}, nil},
		{"a master and its worker", []Endpoint{tcp("127.0.0.1:80", run(5, "/bin/bash")), tcp("[::1]:80", node)}, nil},
		{"two programs of one shell", []Endpoint{tcp("127.0.0.1:80", run(10, "/usr/bin/node", 5)), tcp("[::1]:80", run(11, "/usr/bin/node", 5))}, []string{"127.0.0.1:80", "[::1]:80"}},
		{"two workers of one master", []Endpoint{tcp("127.0.0.1:80", run(10, "/bin/bash", 5)), tcp("[::1]:80", run(11, "/bin/bash", 5))}, nil},
		{"Docker's two relays of a port", []Endpoint{tcp("0.0.0.0:80", run(10, "docker-proxy", 5)), tcp("[::]:80", run(11, "docker-proxy", 5))}, nil},
		{"one service", []Endpoint{tcp("0.0.0.0:80", in(run(10, "a"), "nginx.service", "")), tcp("127.0.0.1:80", in(run(11, "b"), "nginx.service", ""))}, nil},
		{"one login session is no service", []Endpoint{tcp("0.0.0.0:80", in(run(10, "a"), "session-1.scope", "")), tcp("127.0.0.1:80", in(run(11, "b"), "session-1.scope", ""))}, []string{"0.0.0.0:80", "127.0.0.1:80"}},
		{"a container and a program", []Endpoint{tcp("0.0.0.0:80", in(run(30, "a"), "", "c1")), tcp("127.0.0.1:80", node)}, []string{"0.0.0.0:80", "127.0.0.1:80"}},
		{"an unknown owner of the same user claims nothing", []Endpoint{tcp("0.0.0.0:80", node), tcp("127.0.0.1:80")}, nil},
		{"an unknown owner of another user does", []Endpoint{tcp("0.0.0.0:80", node), endpoint(sockets.TCP, "127.0.0.1:80", 0)}, []string{"0.0.0.0:80", "127.0.0.1:80"}},
		{"two unknown of one user claim nothing", []Endpoint{endpoint(sockets.TCP, "0.0.0.0:80", 0), endpoint(sockets.TCP, "127.0.0.1:80", 0)}, nil},
		{"UDP shadows too", []Endpoint{udp("0.0.0.0:9000", node), udp("127.0.0.1:9000", ruby)}, []string{"0.0.0.0:9000", "127.0.0.1:9000"}},
		{"but not where sharing is the rule", []Endpoint{udp("0.0.0.0:5353", node), udp("[::]:5353", ruby)}, nil},
		{"nor in a multicast group", []Endpoint{udp("0.0.0.0:9000", node), udp("224.0.0.9:9000", ruby)}, nil},
	} {
		slices.SortFunc(tt.have, func(a, b Endpoint) int { return a.Key.Compare(b.Key) })
		var got []string
		for _, s := range Shadows(&Snapshot{Endpoints: tt.have}) {
			for _, k := range s.Keys {
				got = append(got, k.Addr.String())
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := Shadows(nil); got != nil {
		t.Errorf("of no snapshot: %v", got)
	}
}
