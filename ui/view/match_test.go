package view

import (
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestQuery_Match(t *testing.T) {
	web := proc(3000, "node", func(p *process.Process) {
		p.Args = []string{"node", "server.js", "--name", "My App"}
		p.Project, p.ProjectDir = "Shop", "/home/alice/shop"
	})
	db := proc(77, "postgres", func(p *process.Process) { p.User, p.UID, p.Unit = `WORK\Bob`, 112, "postgresql.service" })
	hidden := endpoint(sockets.TCP, "0.0.0.0:80")
	hidden.Creators = []monitor.Creator{{HasUID: true, UID: 0, User: "root", Unit: "nginx.service"}}
	boxed := endpoint(sockets.TCP, "127.0.0.1:6379")
	boxed.Container = &monitor.Container{ID: "0123456789abcdef", Name: "cache", Image: "redis:7", Project: "shop"}
	s := snapshot([]monitor.Endpoint{
		endpoint(sockets.TCP, "127.0.0.1:8000", web),
		endpoint(sockets.TCP, "[::]:3000", db),
		endpoint(sockets.UDP, "192.168.1.5:5353", db),
		endpoint(sockets.TCP, "[fe80::1%eth0]:22", db),
		hidden, boxed,
	}, connection("127.0.0.1:40000", "127.0.0.1:5432", 9, web))
	const (
		node, pg, mdns, ssh = "tcp 127.0.0.1:8000", "tcp [::]:3000", "udp 192.168.1.5:5353", "tcp [fe80::1%eth0]:22"
		nginx, redis, conn  = "tcp 0.0.0.0:80", "tcp 127.0.0.1:6379", "tcp 127.0.0.1:40000"
	)
	for _, c := range []struct {
		is, q string
		want  []string
	}{
		{"a number is a port and never a PID", "3000", []string{pg}},
		{"a PID needs its key", "pid:3000", []string{node, conn}},
		{"a port counts at the far end too", "5432", []string{conn}},
		{"a range", "3000-8000", []string{pg, mdns, redis, node, conn}},
		{"a negated range", "-1-39999", []string{}},
		{"a word in the process name", "NODE", []string{node, conn}},
		{"a word in the project", "shop", []string{redis, node, conn}},
		{"a word in the command line", `"my app"`, []string{node, conn}},
		{"a word in the unit", "postgresql.serv", []string{ssh, pg, mdns}},
		{"a word in the unit of a hidden holder", "nginx", []string{nginx}},
		{"a word in the container's name or image", "redis:7", nil},
		{"the same in quotes", `"redis:7"`, []string{redis}},
		{"a word is never looked for in a port", "800", []string{}},
		{"proto", "proto:udp", []string{mdns}},
		{"a program by its whole name", "process:NODE", []string{node, conn}},
		{"a program is whole, not a part", "process:nod", []string{}},
		{"nor is it its command line or its project", "process:shop,server.js", []string{}},
		{"any of several programs", `process:"postgres",node`, []string{ssh, pg, mdns, node, conn}},
		{"all but a program", "-process:postgres", []string{nginx, redis, node, conn}},
		{"user by name", "user:alice", []string{node, conn}},
		{"user by number", "user:0", []string{nginx}},
		{"user without the domain", "user:bob", []string{ssh, pg, mdns}},
		{"a user is whole, not a part", "user:ali", []string{}},
		{"state", "state:established", []string{conn}},
		{"a literal address", "addr:127.0.0.1", []string{redis, node, conn}},
		{"a literal address with any zone", "addr:fe80::1", []string{ssh}},
		{"a literal address with another zone", "addr:fe80::1%eth1", []string{}},
		{"the beginning of an address", "addr:192.168.", []string{mdns}},
		{"a network", "addr:192.168.0.0/16", []string{mdns}},
		{"localhost is every loopback address", "addr:localhost", []string{redis, node, conn}},
		{"the star is every interface, v4 and v6", "addr:*", []string{nginx, pg}},
		{"an address and port, held at every interface", "127.0.0.1:3000", []string{pg}},
		{"another address", "[::1]:6379", []string{}},
		{"terms are joined by and", "shop proto:tcp -state:established -node", []string{redis}},
	} {
		t.Run(c.is, func(t *testing.T) {
			if c.want == nil {
				if _, err := Parse(c.q); err == nil {
					t.Errorf("%q must be an error: it looks like a key", c.q)
				}
				return
			}
			got := locals(Build(s, query(t, c.q), Options{All: true}).Rows)
			slices.Sort(got)
			want := slices.Sorted(slices.Values(c.want))
			if !slices.Equal(got, want) {
				t.Errorf("%q shows %q, want %q", c.q, got, want)
			}
		})
	}
}
