package view

import (
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestRow_saysWhatIsKnownOfTheHolders(t *testing.T) {
	speak(t, "en_US.UTF-8")
	hidden := func(c ...monitor.Creator) monitor.Endpoint {
		e := endpoint(sockets.TCP, "0.0.0.0:80")
		e.Creators = c
		return e
	}
	owned := func(o monitor.Owner) monitor.Endpoint {
		e := endpoint(sockets.TCP, "0.0.0.0:80")
		e.Owner = o
		return e
	}
	published := endpoint(sockets.TCP, "0.0.0.0:5432", proc(9, "docker-proxy"))
	published.Container = &monitor.Container{ID: "abc", Name: "shop-db-1", Image: "postgres:16", Project: "shop"}
	for _, c := range []struct {
		is                                string
		e                                 monitor.Endpoint
		process, pid, user, owner, projct string
		category                          Category
	}{
		{"one holder", endpoint(sockets.TCP, "[::1]:3000", proc(7, "node")), "node", "7", "alice", "", "", CategoryRuntime},
		{"a prefork server is named once", endpoint(sockets.TCP, "[::]:80", proc(9, "nginx"), proc(8, "nginx"), proc(10, "nginx")),
			"nginx", "8 +2", "alice", "", "", CategoryWeb},
		{"different holders are each named", endpoint(sockets.TCP, "[::]:80", proc(8, "air"), proc(9, "server")),
			"air, server", "8 +1", "alice", "", "", CategoryRuntime},
		{"but not more than fit", endpoint(sockets.TCP, "[::]:80", proc(1, "a"), proc(2, "b"), proc(3, "c"), proc(4, "d")),
			"a, b +2", "1 +3", "alice", "", "", CategoryUnknown},
		{"hidden, the kernel names user and unit", hidden(monitor.Creator{HasUID: true, User: "root", Unit: "nginx.service"}),
			"(nginx.service)", "", "root", "hidden (root, nginx.service)", "", CategoryWeb},
		{"hidden, and only the number is known", hidden(), "(hidden)", "", "1000", "hidden (uid 1000)", "", CategoryUnknown},
		{"hidden in a container", hidden(monitor.Creator{HasUID: true, UID: 70, Container: "0123456789abcdef0123"}),
			"(0123456789ab)", "", "1000", "hidden (uid 1000, 0123456789ab)", "", CategoryContainer},
		{"exited", owned(monitor.OwnerExited), "(exited)", "", "1000", "exited (uid 1000)", "", CategoryUnknown},
		{"kernel: nobody's", owned(monitor.OwnerKernel), "(kernel)", "", "", "kernel", "", CategorySystem},
		{"a published container", published, "docker-proxy", "9", "alice", "", "shop", CategoryContainer},
	} {
		t.Run(c.is, func(t *testing.T) {
			r := Build(snapshot([]monitor.Endpoint{c.e}), Query{}, Options{}).Rows[0]
			for _, f := range []struct{ what, got, want string }{
				{"process", r.Process, c.process}, {"pid", r.PID, c.pid}, {"user", r.User, c.user},
				{"owner", r.Owner, c.owner}, {"project", r.Project, c.projct}, {"category", string(r.Category), string(c.category)},
			} {
				if f.got != f.want {
					t.Errorf("%s %q, want %q", f.what, f.got, f.want)
				}
			}
		})
	}
}

func TestRow_AgeSaysHowExactItIs(t *testing.T) {
	speak(t, "en_US.UTF-8")
	now := noon.Add(90 * time.Second)
	e := func(set func(*monitor.Endpoint)) monitor.Endpoint {
		e := endpoint(sockets.TCP, "[::]:80", proc(1, "x")) // started at nine
		set(&e)
		return e
	}
	for _, c := range []struct {
		is, want string
		e        monitor.Endpoint
	}{
		{"seen to appear", "1 min", e(func(e *monitor.Endpoint) { e.FirstSeen = noon.Add(time.Second) })},
		{"there before us: not older than its holder", "≤ 3 h", e(func(*monitor.Endpoint) {})},
		{"the system tells", "2 d", e(func(e *monitor.Endpoint) { e.CreatedAt = noon.Add(-60 * time.Hour) })},
		{"there before us, holder hidden", "", e(func(e *monitor.Endpoint) { e.Holders = nil })},
	} {
		r := Build(snapshot([]monitor.Endpoint{c.e}), Query{}, Options{Baseline: noon}).Rows[0]
		if got := r.Age(now); got != c.want {
			t.Errorf("%s: %q, want %q", c.is, got, c.want)
		}
	}
}

func TestRow_marksOurOwnAndTheBoundDevice(t *testing.T) {
	me := proc(42, "portlight")
	e := endpoint(sockets.TCP, "0.0.0.0:8080", me)
	e.Device = "eth1"
	r := Build(snapshot([]monitor.Endpoint{e}), Query{}, Options{Self: me.Identity}).Rows[0]
	if !r.Ours || r.Address != "0.0.0.0%eth1" || r.Service != "http-alt" {
		t.Errorf("ours %v, address %q, service %q", r.Ours, r.Address, r.Service)
	}
}

func TestHideSystem(t *testing.T) {
	exe := func(path string) func(*process.Process) { return func(p *process.Process) { p.Exe = path } }
	unit := func(u string) monitor.Endpoint {
		e := endpoint(sockets.TCP, "0.0.0.0:631")
		e.Creators = []monitor.Creator{{Unit: u}}
		return e
	}
	for _, c := range []struct {
		is   string
		e    monitor.Endpoint
		want bool
	}{
		{"PID 1", endpoint(sockets.TCP, "0.0.0.0:111", proc(1, "systemd")), true},
		{"a resolver", endpoint(sockets.UDP, "127.0.0.53:53", proc(9, "systemd-resolved", exe("/usr/lib/systemd/systemd-resolved"))), true},
		{"its name under another's folder", endpoint(sockets.TCP, "0.0.0.0:53", proc(9, "cupsd", exe("/home/bob/cupsd"))), false},
		{"a system holder beside one that isn't", endpoint(sockets.TCP, "0.0.0.0:80", proc(1, "systemd"), proc(9, "web")), false},
		{"Windows' System", endpoint(sockets.TCP, "0.0.0.0:445", proc(4, "System", exe(""))), true},
		{"PID 4 elsewhere", endpoint(sockets.TCP, "0.0.0.0:445", proc(4, "web", exe("/web"))), false},
		{"svchost", endpoint(sockets.TCP, "0.0.0.0:135", proc(900, "svchost.exe", exe(`C:\Windows\System32\svchost.exe`))), true},
		{"AirPlay's receiver", endpoint(sockets.TCP, "0.0.0.0:5000", proc(500, "ControlCenter", exe("/System/Library/CoreServices/ControlCenter.app/ControlCenter"))), true},
		{"sshd is a door", endpoint(sockets.TCP, "0.0.0.0:22", proc(9, "sshd")), false},
		{"a hidden holder in the system's unit", unit("cups.service"), true},
		{"a hidden holder in another unit", unit("nginx.service"), false},
		{"a hidden holder of unknown unit", unit(""), false},
		{"a browser's ephemeral UDP", endpoint(sockets.UDP, "0.0.0.0:40000", proc(9, "firefox")), true},
		{"a browser's mDNS", endpoint(sockets.UDP, "224.0.0.251:5353", proc(9, "chrome")), true},
		{"a browser's UDP elsewhere", endpoint(sockets.UDP, "0.0.0.0:4000", proc(9, "firefox")), false},
		{"a browser's TCP: remote debugging", endpoint(sockets.TCP, "127.0.0.1:40000", proc(9, "chrome")), false},
		{"another program's ephemeral UDP", endpoint(sockets.UDP, "0.0.0.0:40000", proc(9, "game")), false},
	} {
		res := Build(snapshot([]monitor.Endpoint{c.e}), Query{}, Options{HideSystem: true, Ephemeral: PortRange{32768, 60999}})
		if got := res.Hidden.System == 1; got != c.want {
			t.Errorf("%s: hidden %v, want %v", c.is, got, c.want)
		}
	}
}

func TestCategoryOf(t *testing.T) {
	for name, want := range map[string]Category{
		"nginx": CategoryWeb, "nginx: master process": CategoryWeb, "postgres": CategoryDatabase, "python3.12": CategoryRuntime,
		"Code.exe": CategoryEditor, "firefox": CategoryBrowser, "docker-proxy": CategoryContainer, "my-own-thing": CategoryUnknown,
		"": CategoryUnknown, "3": CategoryUnknown, "redis-server": CategoryDatabase, "svchost.exe": CategorySystem,
	} {
		if got := CategoryOf(name); got != want {
			t.Errorf("CategoryOf(%q) = %s, want %s", name, got, want)
		}
	}
	seen := map[string]Category{}
	for name, c := range byName {
		if other, twice := seen[name]; twice {
			t.Errorf("%s is both %s and %s", name, c, other)
		}
		seen[name] = c
	}
}
