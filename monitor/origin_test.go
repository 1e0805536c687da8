package monitor

import (
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestOriginOf(t *testing.T) {
	chain := func(names ...string) (c []process.Ancestor) {
		for i, n := range names {
			pid := int32(1000 - i)
			if n == "systemd" && i == len(names)-1 {
				pid = 1
			}
			c = append(c, process.Ancestor{Identity: process.Identity{PID: pid}, Name: n})
		}
		return c
	}
	agent := chain("sh", "node", "zsh", "gnome-terminal-server", "systemd")
	agent[1].Args = []string{"node", "/usr/local/bin/claude"}
	tests := []struct {
		name    string
		process process.Process
		kind    OriginKind
		by      string
		steps   int
	}{
		{"a shell in a terminal", process.Process{Parents: chain("npm", "zsh", "gnome-terminal-server", "systemd")}, OriginTerminal, "gnome-terminal-server", 3},
		{"the nearest launcher counts", process.Process{Parents: chain("bash", "code", "gnome-shell", "systemd")}, OriginIDE, "code", 2},
		{"an agent under an interpreter", process.Process{Parents: agent}, OriginAgent, "node", 2},
		{"Windows' names", process.Process{Parents: chain("cmd.exe", "WindowsTerminal.exe", "explorer.exe")}, OriginTerminal, "WindowsTerminal.exe", 2},
		{"a service", process.Process{Unit: "nginx.service", Parents: chain("systemd")}, OriginService, "nginx.service", 1},
		{"a terminal beats the unit around it", process.Process{Unit: "vte.service", Parents: chain("bash", "kitty", "systemd")}, OriginTerminal, "kitty", 2},
		{"a container beats everything", process.Process{Container: "abc", Unit: "docker.service", Parents: chain("containerd-shim", "systemd")}, OriginContainer, "abc", 2},
		{"started from the desktop", process.Process{Unit: "app-firefox.scope", Parents: chain("gnome-shell", "systemd")}, OriginDesktop, "gnome-shell", 1},
		{"adopted by the first process", process.Process{Identity: process.Identity{PID: 7}, Parents: chain("systemd")}, OriginOrphan, "", 1},
		{"no parent left", process.Process{Identity: process.Identity{PID: 7}}, OriginOrphan, "", 0},
		{"nothing known", process.Process{Parents: chain("bash", "something")}, OriginUnknown, "", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := originOf(&tt.process)
			if o.Kind != tt.kind || o.Name != tt.by || len(o.Chain) != tt.steps {
				t.Errorf("got %s %q in %d steps, want %s %q in %d", o.Kind, o.Name, len(o.Chain), tt.kind, tt.by, tt.steps)
			}
		})
	}
}
