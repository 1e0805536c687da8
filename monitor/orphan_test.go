package monitor

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// family builds lineages for the table: "zsh!" has ended.
type family struct{ dead map[process.Identity]bool }

func (f *family) of(names ...string) (chain []process.Ancestor) {
	for i, n := range names {
		a := process.Ancestor{Identity: process.Identity{PID: int32(500 - i), Start: uint64(500 - i)}}
		n, ended := strings.CutSuffix(n, "!")
		f.dead[a.Identity] = ended
		switch n {
		case "init", "systemd", "s6-svscan":
			a.PID = 1
		case "systemd --user":
			n = "systemd"
		case "claude":
			n, a.Args = "node", []string{"node", "/usr/local/bin/claude"}
		}
		a.Name = n
		chain = append(chain, a)
	}
	return chain
}

func TestOrphans(t *testing.T) {
	type want struct {
		kind     OriginKind
		name     string
		ancestor string
	}
	never := want{}
	none := func(*process.Process) {}
	tests := []struct {
		name    string
		parents []string
		change  func(*process.Process)
		want    want
	}{
		{"its terminal is gone", []string{"npm!", "zsh!", "alacritty!", "systemd"}, none, want{OriginTerminal, "alacritty", "alacritty"}},
		{"its tab is closed, the terminal has others", []string{"npm!", "zsh!", "gnome-terminal-server", "systemd --user", "systemd"}, none, want{OriginTerminal, "gnome-terminal-server", "zsh"}},
		{"its tab is open, what ran it has ended", []string{"npm!", "bash!", "zsh", "kitty", "systemd"}, none, never},
		{"all is there", []string{"npm", "zsh", "kitty", "systemd"}, none, never},
		{"its login is over", []string{"bash!", "sshd!", "sshd", "systemd"}, none, want{OriginTerminal, "sshd", "sshd"}},
		{"its tmux window is closed", []string{"npm", "bash!", "tmux: server", "systemd"}, none, want{OriginTerminal, "tmux: server", "bash"}},
		{"the editor is gone", []string{"zsh!", "code!", "code!", "gnome-shell", "systemd"}, none, want{OriginIDE, "code", "code"}},
		{"the editor's terminal is closed", []string{"npm!", "zsh!", "code", "code", "systemd"}, none, want{OriginIDE, "code", "zsh"}},
		{"the agent is gone, its terminal isn't", []string{"npm!", "bash!", "claude!", "zsh", "kitty"}, nil, want{OriginAgent, "claude", "node"}},
		{"an agent's shell ends after each command", []string{"npm!", "bash!", "claude", "zsh", "kitty"}, nil, never},
		{"the desktop started it", []string{"sh!", "gnome-shell!", "systemd"}, none, never},
		{"outside a project a lost terminal counts all the same", []string{"zsh!", "foot!"}, func(p *process.Process) { p.Project, p.ProjectDir = "", "" }, want{OriginTerminal, "foot", "foot"}},

		{"nobody saw its shell, the first process adopted it", []string{"systemd"}, none, want{OriginOrphan, "", ""}},
		{"the user's manager adopted it", []string{"systemd --user", "systemd"}, none, want{OriginOrphan, "", ""}},
		{"adopted with what runs it", []string{"node", "npm", "sh", "systemd"}, none, want{OriginOrphan, "", ""}},
		{"an unknown terminal's shell is gone", []string{"npm!", "zsh!", "rio", "systemd"}, none, want{OriginOrphan, "", "zsh"}},
		{"an unknown terminal's shell is there", []string{"npm!", "zsh", "rio", "systemd"}, none, never},
		{"an unknown program's child", []string{"rio!", "systemd"}, none, never},
		{"adopted outside a project", []string{"systemd"}, func(p *process.Process) { p.Project, p.ProjectDir = "", "" }, never},
		{"adopted, and put itself in the background", []string{"systemd"}, func(p *process.Process) { p.Name = "redis-server" }, never},
		{"a worker of a server in the background", []string{"python3", "systemd"}, func(p *process.Process) { p.Args = []string{"detached parent"} }, never},
		{"a container's first process may have started it", []string{"s6-svscan"}, none, never},
		{"no parent may be read", nil, none, never},

		{"a service", []string{"systemd"}, func(p *process.Process) { p.Unit = "shop.service" }, never},
		{"a scope is no service", []string{"systemd"}, func(p *process.Process) { p.Unit = "vte-spawn-1.scope" }, want{OriginOrphan, "", ""}},
		{"in a container", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.Container = "abc" }, never},
		{"another user's", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.UID = 0 }, never},
		{"a user that can't be read", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.HasUID = false }, never},
		{"an editor itself", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.Name = "emacs" }, never},
		{"the server of a remote editor", []string{"bash!", "sshd!"}, func(p *process.Process) { p.Exe = "/home/a/.vscode-server/bin/x/node" }, never},
		{"ourselves", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.PID = 99 }, never},
		{"it has ended itself", []string{"zsh!", "kitty!"}, func(p *process.Process) { p.PID = 98 }, never},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &family{dead: map[process.Identity]bool{{PID: 98}: true}}
			p := &process.Process{
				Identity: process.Identity{PID: 1000}, Name: "vite", HasUID: true, UID: 1000,
				Project: "shop", ProjectDir: "/home/a/shop", Cwd: "/home/a/shop/web", Parents: f.of(tt.parents...),
			}
			if tt.change != nil {
				tt.change(p)
			}
			o := &orphanage{
				self:  &process.Process{Identity: process.Identity{PID: 99}, HasUID: true, UID: 1000},
				alive: func(id process.Identity) bool { return !f.dead[id] },
				detached: func(id process.Identity) bool {
					return p.Name == "redis-server" || len(p.Args) > 0 && id != p.Identity
				},
			}
			gone, ok := o.lost(p)
			if got := (want{gone.Kind, gone.Name, gone.Ancestor.Name}); ok != (tt.want != never) || got != tt.want {
				t.Errorf("got %+v %v, want %+v", got, ok, tt.want)
			}
		})
	}
}

func TestOrphans_WhereParentsVanish(t *testing.T) {
	f := &family{dead: map[process.Identity]bool{}}
	o := &orphanage{
		self: &process.Process{User: `CORP\ada`}, vanish: true,
		alive: func(process.Identity) bool { return true }, detached: func(process.Identity) bool { return false },
	}
	p := &process.Process{Identity: process.Identity{PID: 7}, User: `CORP\ada`, ProjectDir: `C:\shop`, Parents: f.of("npm", "cmd.exe")}
	if _, ok := o.lost(p); !ok {
		t.Error("a lineage that ends nowhere is no orphan's")
	}
	p.User = "SYSTEM"
	if _, ok := o.lost(p); ok {
		t.Error("another account's process is")
	}
}

func TestOrphans_AreGroupedByProject(t *testing.T) {
	f := &family{dead: map[process.Identity]bool{}}
	line := f.of("zsh!", "kitty!")
	lost := func(pid int32, project, dir, cwd string) Holder {
		return Holder{Process: &process.Process{
			Identity: process.Identity{PID: pid, Start: uint64(pid)}, HasUID: true, UID: 1000,
			Project: project, ProjectDir: dir, Cwd: cwd, Parents: line,
		}}
	}
	web, api, files := lost(20, "shop", "/a/shop", "/a/shop/web"), lost(10, "shop", "/a/shop", "/a/shop/api"), lost(30, "", "", "/a/files")
	at := func(proto sockets.Proto, addr string, holders ...Holder) Endpoint {
		return Endpoint{Key: Key{Proto: proto, Addr: netip.MustParseAddrPort(addr)}, Holders: holders}
	}
	contained := at(sockets.TCP, "127.0.0.1:9000", lost(40, "x", "/x", "/x"))
	contained.Container = &Container{ID: "abc"}
	s := &Snapshot{Endpoints: []Endpoint{
		at(sockets.TCP, "127.0.0.1:3000", web), at(sockets.TCP, "127.0.0.1:4000", api, web), at(sockets.TCP, "127.0.0.1:8000", files),
		contained,
		at(sockets.UDP, "127.0.0.1:3000", web), at(sockets.UDP, "127.0.0.1:5353", lost(50, "y", "/y", "/y")),
	}}
	o := &orphanage{
		self:  &process.Process{Identity: process.Identity{PID: 99}, HasUID: true, UID: 1000},
		alive: func(id process.Identity) bool { return !f.dead[id] }, detached: func(process.Identity) bool { return false },
	}
	groups := o.find(s)
	if len(groups) != 2 || groups[0].Dir != "/a/files" || groups[0].Project != "" || groups[1].Project != "shop" || groups[1].Dir != "/a/shop" {
		t.Fatalf("groups are %+v", groups)
	}
	shop := groups[1].Orphans
	if len(shop) != 2 || shop[0].Holder.PID != 10 || shop[1].Holder.PID != 20 {
		t.Fatalf("the shop's are %+v, want the older first", shop)
	}
	if keys := shop[1].Keys; len(keys) != 3 || keys[2].Proto != sockets.UDP {
		t.Errorf("the web server's keys are %v, want three", keys)
	}
	if len(Orphans(nil, nil)) != 0 {
		t.Error("no snapshot has orphans")
	}
}
