package uitest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Now is the time at which the made-up machine is looked at, Login when its
// user logged in.
var (
	Now   = time.Date(2026, 6, 3, 14, 25, 10, 0, time.UTC)
	Login = Now.Add(-5*time.Hour - 12*time.Minute)
)

// Proc makes a process of the user alice.
func Proc(pid int32, name, project, cwd string, ago time.Duration, args ...string) *process.Process {
	exe := "/usr/bin/" + name
	if len(args) > 0 && strings.HasPrefix(args[0], "/") {
		exe = args[0]
	}
	p := &process.Process{
		Identity: process.Identity{PID: pid, Start: uint64(pid) * 1000},
		Name:     name, Exe: exe, Args: args, HasUID: true, UID: 1000, User: "alice",
		Cwd: cwd, Project: project, Started: Now.Add(-ago),
		Parents: []process.Ancestor{
			{Identity: process.Identity{PID: 4100, Start: 1}, Name: "zsh", Exe: "/usr/bin/zsh"},
			{Identity: process.Identity{PID: 4021, Start: 1}, Name: "tmux", Exe: "/usr/bin/tmux"},
		},
	}
	if project != "" {
		p.ProjectDir = cwd
	}
	return p
}

func service(pid int32, name, unit, user string, uid uint32, ago time.Duration, args ...string) *process.Process {
	p := Proc(pid, name, "", "/", ago, args...)
	p.User, p.UID, p.Unit = user, uid, unit
	p.Parents = []process.Ancestor{{Identity: process.Identity{PID: 1, Start: 1}, Name: "systemd", Exe: "/usr/lib/systemd/systemd"}}
	return p
}

// Endpoint makes an endpoint; addr is as in "127.0.0.1:80".
func Endpoint(proto sockets.Proto, addr string, since time.Time, holders ...*process.Process) monitor.Endpoint {
	ap := netip.MustParseAddrPort(addr)
	e := monitor.Endpoint{
		Key:   monitor.Key{Proto: proto, Addr: ap},
		State: sockets.Listen, Exposure: monitor.ExposureNetwork, Owner: monitor.OwnerKnown,
		HoldersComplete: true, FirstSeen: since,
	}
	if proto == sockets.UDP {
		e.State = sockets.Bound
	}
	switch a := ap.Addr(); {
	case a.IsUnspecified():
		e.Exposure = monitor.ExposureAll
	case a.IsLoopback():
		e.Exposure = monitor.ExposureLoopback
	}
	e.Sockets = []sockets.Socket{{Proto: proto, State: e.State, Local: ap, Handle: uint64(ap.Port()) + 90_000}}
	if e.State == sockets.Listen {
		e.Sockets[0].SendQueue = 511
	}
	for _, p := range holders {
		e.Holders = append(e.Holders, monitor.Holder{Process: p, VerifiedAt: Now})
	}
	if len(holders) == 0 {
		e.Owner, e.HoldersComplete = monitor.OwnerHidden, false
	}
	return e
}

// Machine is a developer's machine on an ordinary day.
func Machine() *monitor.Snapshot {
	vite := Proc(48213, "node", "storefront", "/home/alice/src/storefront", 43*time.Minute,
		"node", "/home/alice/src/storefront/node_modules/.bin/vite", "--port", "3000", "--host")
	api := Proc(47960, "api", "orders", "/home/alice/src/orders", 71*time.Minute, "./bin/api", "-listen", "127.0.0.1:8080", "-db", "postgres://localhost/orders")
	django := Proc(45510, "python3.12", "billing", "/home/alice/src/billing", 3*time.Hour, "python3", "manage.py", "runserver", "0.0.0.0:8000")
	pg := service(1890, "postgres", "postgresql@16-main.service", "postgres", 117, 26*time.Hour, "/usr/lib/postgresql/16/bin/postgres", "-D", "/var/lib/postgresql/16/main")
	redis := service(1777, "redis-server", "redis-server.service", "redis", 118, 26*time.Hour, "/usr/bin/redis-server", "127.0.0.1:6379")
	nginx := service(1502, "nginx", "nginx.service", "root", 0, 26*time.Hour, "nginx:", "master", "process", "/usr/sbin/nginx")
	worker := service(1503, "nginx", "nginx.service", "www-data", 33, 26*time.Hour, "nginx:", "worker", "process")
	sshd := service(1201, "sshd", "ssh.service", "root", 0, 26*time.Hour, "/usr/sbin/sshd", "-D")
	resolved := service(812, "systemd-resolved", "systemd-resolved.service", "systemd-resolve", 101, 26*time.Hour, "/usr/lib/systemd/systemd-resolved")
	avahi := service(840, "avahi-daemon", "avahi-daemon.service", "avahi", 107, 26*time.Hour, "avahi-daemon: running [lark.local]")
	cups := service(902, "cupsd", "cups.service", "root", 0, 26*time.Hour, "/usr/sbin/cupsd", "-l")
	code := Proc(4410, "code", "", "/home/alice", 5*time.Hour, "/usr/share/code/code", "--type=utility", "--utility-sub-type=node.mojom.NodeService")
	gopls := Proc(47101, "gopls", "orders", "/home/alice/src/orders", 2*time.Hour, "/home/alice/go/bin/gopls", "-listen=127.0.0.1:37373")
	firefox := Proc(4300, "firefox", "", "/home/alice", 5*time.Hour, "/usr/lib/firefox/firefox")
	proxy := service(30411, "docker-proxy", "docker.service", "root", 0, 4*time.Hour, "/usr/bin/docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "9200")
	jupyter := Proc(45120, "jupyter-lab", "notebooks", "/home/alice/notebooks", 4*time.Hour, "/usr/bin/python3", "/home/alice/.local/bin/jupyter-lab", "--no-browser")

	e := func(proto sockets.Proto, addr string, ago time.Duration, holders ...*process.Process) monitor.Endpoint {
		return Endpoint(proto, addr, Now.Add(-ago), holders...)
	}
	all := []monitor.Endpoint{
		e(sockets.TCP, "0.0.0.0:22", 26*time.Hour, sshd), e(sockets.TCP, "[::]:22", 26*time.Hour, sshd),
		e(sockets.TCP, "127.0.0.53:53", 26*time.Hour, resolved), e(sockets.UDP, "127.0.0.53:53", 26*time.Hour, resolved),
		e(sockets.TCP, "0.0.0.0:80", 26*time.Hour, nginx, worker), e(sockets.TCP, "0.0.0.0:443", 26*time.Hour, nginx, worker),
		e(sockets.TCP, "127.0.0.1:631", 26*time.Hour, cups), e(sockets.TCP, "[::1]:631", 26*time.Hour, cups),
		e(sockets.TCP, "0.0.0.0:3000", 43*time.Minute, vite), e(sockets.TCP, "127.0.0.1:24678", 43*time.Minute, vite),
		e(sockets.TCP, "127.0.0.1:5432", 26*time.Hour, pg), e(sockets.TCP, "127.0.0.1:6379", 26*time.Hour, redis),
		e(sockets.TCP, "0.0.0.0:8000", 3*time.Hour, django), e(sockets.TCP, "127.0.0.1:8080", 71*time.Minute, api),
		e(sockets.TCP, "127.0.0.1:8888", 4*time.Hour, jupyter), e(sockets.TCP, "[::1]:8888", 4*time.Hour, jupyter),
		e(sockets.TCP, "0.0.0.0:9200", 4*time.Hour, proxy),
		e(sockets.TCP, "127.0.0.1:37373", 2*time.Hour, gopls), e(sockets.TCP, "127.0.0.1:41207", 5*time.Hour, code),
		e(sockets.TCP, "127.0.0.1:33060", 26*time.Hour), e(sockets.TCP, "192.168.1.23:7946", 26*time.Hour),
		e(sockets.UDP, "0.0.0.0:5353", 26*time.Hour, avahi), e(sockets.UDP, "[::]:5353", 26*time.Hour, avahi),
		e(sockets.UDP, "0.0.0.0:47812", 9*time.Minute, firefox), e(sockets.UDP, "0.0.0.0:58613", 4*time.Minute, firefox),
		e(sockets.UDP, "192.168.1.23:123", 26*time.Hour), e(sockets.UDP, "0.0.0.0:51820", 26*time.Hour),
	}
	for i := range all {
		for _, h := range all[i].Holders[:min(1, len(all[i].Holders))] {
			all[i].Sockets[0].HasUID, all[i].Sockets[0].UID = true, h.UID
		}
		switch all[i].Addr.Port() {
		case 9200:
			all[i].Container = &monitor.Container{ID: "3f1c0a77b2d9", Name: "shop-search-1", Image: "opensearch:2.15", Project: "shop"}
		case 33060:
			all[i].Creators = []monitor.Creator{{HasUID: true, UID: 110, User: "mysql", Unit: "mysql.service"}}
			all[i].Sockets[0].HasUID, all[i].Sockets[0].UID = true, 110
		case 7946, 123:
			all[i].Creators = []monitor.Creator{{HasUID: true, UID: 0, User: "root", Unit: map[uint16]string{7946: "consul.service", 123: "chrony.service"}[all[i].Addr.Port()]}}
			all[i].Sockets[0].HasUID = true
		case 51820:
			all[i].Owner, all[i].HoldersComplete = monitor.OwnerKernel, true
		case 22, 8000:
			if !all[i].Addr.Addr().Is4() {
				all[i].DualStack = sockets.No
			}
		}
	}
	conn := func(local, remote string, state sockets.State, holders ...*process.Process) monitor.Connection {
		c := monitor.Connection{Owner: monitor.OwnerKnown, HoldersComplete: true}
		c.Socket = sockets.Socket{Proto: sockets.TCP, State: state, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote)}
		c.Handle = 700_000 + uint64(c.Local.Port()) + uint64(c.Remote.Port())
		for _, p := range holders {
			c.Holders = append(c.Holders, monitor.Holder{Process: p, VerifiedAt: Now})
		}
		if len(holders) == 0 {
			c.Owner = monitor.OwnerHidden
		}
		return c
	}
	conns := []monitor.Connection{
		conn("127.0.0.1:3000", "127.0.0.1:52110", sockets.Established, vite), conn("127.0.0.1:52110", "127.0.0.1:3000", sockets.Established, firefox),
		conn("127.0.0.1:3000", "127.0.0.1:52114", sockets.Established, vite), conn("127.0.0.1:52114", "127.0.0.1:3000", sockets.Established, firefox),
		conn("127.0.0.1:5432", "127.0.0.1:40022", sockets.Established, pg), conn("127.0.0.1:40022", "127.0.0.1:5432", sockets.Established, api),
		conn("192.168.1.23:51144", "140.82.121.4:443", sockets.Established, firefox), conn("192.168.1.23:51880", "34.107.243.93:443", sockets.TimeWait),
		conn("192.168.1.23:3000", "192.168.1.40:60231", sockets.Established, vite),
	}
	slices.SortFunc(all, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(conns, func(a, b monitor.Connection) int { return sockets.Compare(&a.Socket, &b.Socket) })
	return &monitor.Snapshot{
		Seq: 1200, Taken: Now, Endpoints: all, Connections: conns, WithConnections: true,
		Warnings: []monitor.Warning{{Code: monitor.WarnUnreadable, Count: 41}},
		Cost:     monitor.Cost{Wall: 3400 * time.Microsecond, Read: 2200 * time.Microsecond, Resolve: 1200 * time.Microsecond},
	}
}

// Story is what the machine tells of one of its endpoints, with what only the
// kernel knows of the connections.
func Story(s *monitor.Snapshot, k monitor.Key) monitor.Story {
	e, ok := s.Endpoint(k)
	if !ok {
		panic(fmt.Sprintf("no endpoint %v", k))
	}
	st := monitor.Story{Endpoint: *e, BacklogLimit: 511, HasBacklog: e.State == sockets.Listen}
	for _, h := range e.Holders {
		o := monitor.Origin{Kind: monitor.OriginTerminal, Name: "tmux", Chain: h.Parents}
		if h.Unit != "" {
			o = monitor.Origin{Kind: monitor.OriginService, Name: h.Unit, Chain: h.Parents}
		}
		st.Origins = append(st.Origins, o)
	}
	for i := range s.Connections {
		c := s.Connections[i]
		if c.Proto != k.Proto || c.Local.Port() != k.Addr.Port() {
			continue
		}
		p := monitor.Peer{Connection: c, Info: &sockets.Info{BytesReceived: 48_200 + uint64(c.Remote.Port()), BytesAcked: 1_930_000, RTT: 180 * time.Microsecond}}
		for j := range s.Connections {
			if o := &s.Connections[j]; o.Local == c.Remote && o.Remote == c.Local {
				p.Local = o.Holders
			}
		}
		st.Peers = append(st.Peers, p)
	}
	return st
}

// Many is a machine with n listening endpoints of a hundred processes.
func Many(n int) *monitor.Snapshot {
	procs := make([]*process.Process, 100)
	for i := range procs {
		procs[i] = Proc(int32(5000+i), fmt.Sprintf("server-%02d", i), fmt.Sprintf("project-%02d", i%20), fmt.Sprintf("/srv/project-%02d", i%20), time.Hour, "server", fmt.Sprintf("--id=%d", i), "--listen", "--verbose")
	}
	s := &monitor.Snapshot{Seq: 1, Taken: Now}
	for i := range n {
		addr := netip.AddrFrom4([4]byte{127, 0, byte(i / 60_000), 1})
		s.Endpoints = append(s.Endpoints, Endpoint(sockets.TCP, netip.AddrPortFrom(addr, uint16(1024+i%60_000)).String(), Now.Add(-time.Hour), procs[i%100]))
	}
	slices.SortFunc(s.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	return s
}
