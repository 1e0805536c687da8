package monitor

import (
	"path/filepath"
	"strings"

	"github.com/portlight-app/portlight/monitor/process"
)

// launchers are the programs a lineage ends at, by executable name without
// ".exe". A name that is here decides; the nearest one counts.
var launchers = map[string]OriginKind{
	// terminals, multiplexers and remote logins
	"gnome-terminal-server": OriginTerminal, "konsole": OriginTerminal, "xterm": OriginTerminal,
	"alacritty": OriginTerminal, "kitty": OriginTerminal, "wezterm-gui": OriginTerminal, "foot": OriginTerminal,
	"ghostty": OriginTerminal, "tilix": OriginTerminal, "terminator": OriginTerminal, "ptyxis-agent": OriginTerminal,
	"xfce4-terminal": OriginTerminal, "kgx": OriginTerminal, "lxterminal": OriginTerminal, "urxvt": OriginTerminal,
	"tmux": OriginTerminal, "tmux: server": OriginTerminal, "screen": OriginTerminal, "zellij": OriginTerminal,
	"sshd": OriginTerminal, "sshd-session": OriginTerminal, "login": OriginTerminal,
	"windowsterminal": OriginTerminal, "openconsole": OriginTerminal, "conhost": OriginTerminal,
	"terminal": OriginTerminal, "iterm2": OriginTerminal, "warp": OriginTerminal, "hyper": OriginTerminal,
	// editors and IDEs
	"code": OriginIDE, "code-insiders": OriginIDE, "codium": OriginIDE, "code-oss": OriginIDE, "cursor": OriginIDE,
	"windsurf": OriginIDE, "zed": OriginIDE, "zed-editor": OriginIDE, "idea": OriginIDE, "idea64": OriginIDE,
	"goland": OriginIDE, "goland64": OriginIDE, "pycharm": OriginIDE, "pycharm64": OriginIDE,
	"webstorm": OriginIDE, "webstorm64": OriginIDE, "clion": OriginIDE, "clion64": OriginIDE, "rider": OriginIDE,
	"rider64": OriginIDE, "phpstorm": OriginIDE, "phpstorm64": OriginIDE, "rubymine": OriginIDE,
	"studio": OriginIDE, "studio64": OriginIDE, "eclipse": OriginIDE, "devenv": OriginIDE, "sublime_text": OriginIDE,
	"emacs": OriginIDE, "nvim": OriginIDE, "vim": OriginIDE, "xcode": OriginIDE, "fleet": OriginIDE,
	// coding agents
	"claude": OriginAgent, "codex": OriginAgent, "aider": OriginAgent, "opencode": OriginAgent,
	"gemini": OriginAgent, "goose": OriginAgent, "amp": OriginAgent, "crush": OriginAgent,
	// desktop sessions
	"gnome-shell": OriginDesktop, "plasmashell": OriginDesktop, "xfce4-panel": OriginDesktop, "xfdesktop": OriginDesktop,
	"openbox": OriginDesktop, "i3": OriginDesktop, "sway": OriginDesktop, "hyprland": OriginDesktop,
	"cinnamon": OriginDesktop, "mate-panel": OriginDesktop, "explorer": OriginDesktop, "finder": OriginDesktop, "dock": OriginDesktop,
}

// originOf reads a lineage: container, then the nearest launcher, then the
// service, then whether anybody is left at all.
func originOf(p *process.Process) Origin {
	if p.Container != "" {
		return Origin{Kind: OriginContainer, Name: p.Container, Chain: p.Parents}
	}
	desktop := -1
	for i, a := range p.Parents {
		switch kind := launcherOf(a); kind {
		case "":
		case OriginDesktop:
			if desktop < 0 {
				desktop = i
			}
		default:
			return Origin{Kind: kind, Name: a.Name, Chain: p.Parents[:i+1]}
		}
	}
	if isService(p.Unit) {
		return Origin{Kind: OriginService, Name: p.Unit, Chain: p.Parents}
	}
	if desktop >= 0 {
		return Origin{Kind: OriginDesktop, Name: p.Parents[desktop].Name, Chain: p.Parents[:desktop+1]}
	}
	if isOrphan(p) {
		return Origin{Kind: OriginOrphan, Chain: p.Parents}
	}
	return Origin{Kind: OriginUnknown, Chain: p.Parents}
}

// LauncherOf tells whether the program is a terminal, an editor, a coding agent
// or part of the desktop: something people work in. It is "" for all others.
func LauncherOf(name string, args []string) OriginKind {
	return launcherOf(process.Ancestor{Name: name, Args: args})
}

// launcherOf classifies one ancestor. Agents and some editors run under an
// interpreter: their script's name is looked at too.
func launcherOf(a process.Ancestor) OriginKind {
	if k, ok := launchers[programKey(a.Name)]; ok {
		return k
	}
	switch programKey(a.Name) {
	case "node", "bun", "deno", "python", "python3":
		if len(a.Args) > 1 {
			if k := launchers[programKey(filepath.Base(a.Args[1]))]; k == OriginAgent {
				return k
			}
		}
	}
	return ""
}

func programKey(name string) string {
	return strings.TrimSuffix(strings.ToLower(name), ".exe")
}

// isService reports whether the unit is a service; units of login sessions
// and of applications in scopes say nothing of who started what.
func isService(unit string) bool {
	return unit != "" && !strings.HasSuffix(unit, ".scope")
}

// isOrphan: the process was adopted by the first process, or a user's service
// manager, without being a service of either.
func isOrphan(p *process.Process) bool {
	if len(p.Parents) == 0 {
		return p.PID != 1
	}
	a := p.Parents[0]
	return a.PID == 1 || a.Name == "systemd" || a.Name == "launchd"
}
