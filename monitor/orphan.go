package monitor

import (
	"cmp"
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// OrphanGroup are the orphans of one project.
type OrphanGroup struct {
	// Project is its name, "" where the folder belongs to none; Dir is the
	// project's folder, then the working directory.
	Project, Dir string
	Orphans      []Orphan // oldest first
}

// Orphan is a process that still listens although what it was started from is
// gone.
type Orphan struct {
	Holder Holder
	Keys   []Key // in key order
	Gone   Gone
}

// Gone is what an orphan lost.
type Gone struct {
	// Kind is OriginTerminal, OriginIDE or OriginAgent; OriginOrphan where
	// nobody saw what it was started from.
	Kind OriginKind
	// Name is the terminal's, editor's or agent's, "" with OriginOrphan.
	Name string
	// Ancestor is the process that ended: the terminal itself, or the shell of
	// one of its tabs; the zero value if it wasn't seen.
	Ancestor process.Ancestor
}

// Orphans finds programs of our own user that listen on TCP and have lost what
// they were started from:
//
//   - the terminal, editor or agent in their recorded lineage has ended, or
//     the shell in it (a tab that was closed). An agent's shells don't count:
//     they end after each command, and what runs on is still the agent's.
//   - or nobody saw what it was, and the lineage leads through nothing but
//     shells and runners to the process that adopts the parentless (PID 1, the
//     user's systemd), or to such that have all ended. Then it must belong to
//     a project and must not have put itself in the background.
//
// Never: containers, services, what the desktop started, terminals, editors
// and their remote servers themselves, and daemons: a program that leaves its
// parent by itself does so before it listens, so nothing else is ever recorded
// as its parent, and points its standard streams at /dev/null (daemon(7)).
//
// alive reports whether an identity still runs; it must say yes where that
// can't be told. Lineages are recorded when a process is first seen, so a
// monitor that has run for a while knows more than a single reading.
func Orphans(s *Snapshot, alive func(process.Identity) bool) []OrphanGroup {
	if s == nil {
		return nil
	}
	o := orphanage{alive: alive, detached: detached, vanish: runtime.GOOS == "windows"}
	self, err := process.Self()
	if err != nil {
		return nil // whose orphans are ours?
	}
	o.self = process.NewReader().Facts(context.Background(), process.Claim{Identity: self})
	return o.find(s)
}

// orphanage decides who is an orphan.
type orphanage struct {
	self  *process.Process
	alive func(process.Identity) bool
	// detached reports whether a process has put itself in the background.
	detached func(process.Identity) bool
	// vanish: parents that end leave no trace, nobody adopts their children.
	vanish bool
}

func (o *orphanage) find(s *Snapshot) []OrphanGroup {
	found := make(map[process.Identity]*Orphan)
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if e.Container != nil {
			continue
		}
		for _, h := range e.Holders {
			if known, ok := found[h.Identity]; ok {
				if known != nil {
					known.Keys = append(known.Keys, e.Key)
				}
				continue
			}
			if e.Proto != sockets.TCP {
				continue // TCP comes first in key order
			}
			found[h.Identity] = nil
			if gone, ok := o.lost(h.Process); ok {
				found[h.Identity] = &Orphan{Holder: h, Keys: []Key{e.Key}, Gone: gone}
			}
		}
	}
	return grouped(found)
}

func grouped(found map[process.Identity]*Orphan) []OrphanGroup {
	type place struct{ project, dir string }
	groups := make(map[place]*OrphanGroup)
	for _, f := range found {
		if f == nil {
			continue
		}
		at := place{f.Holder.Project, f.Holder.ProjectDir}
		if at.dir == "" {
			at = place{dir: f.Holder.Cwd}
		}
		g := groups[at]
		if g == nil {
			g = &OrphanGroup{Project: at.project, Dir: at.dir}
			groups[at] = g
		}
		g.Orphans = append(g.Orphans, *f)
	}
	out := make([]OrphanGroup, 0, len(groups))
	for _, g := range groups {
		slices.SortFunc(g.Orphans, func(a, b Orphan) int {
			return cmp.Or(cmp.Compare(a.Holder.Start, b.Holder.Start), cmp.Compare(a.Holder.PID, b.Holder.PID))
		})
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b OrphanGroup) int {
		return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.Dir, b.Dir))
	})
	return out
}

// lost says what the process has lost, ok false if it is no orphan.
func (o *orphanage) lost(p *process.Process) (gone Gone, ok bool) {
	switch {
	case p.Container != "", p.Identity == o.self.Identity, !o.ours(p), !o.alive(p.Identity),
		launcherOf(process.Ancestor{Name: p.Name, Args: p.Args}) != "", isRemoteEditor(p):
		return Gone{}, false
	}
	for i, a := range p.Parents {
		switch kind := launcherOf(a); {
		case kind == "":
			continue
		case kind == OriginDesktop:
			return Gone{}, false
		case !o.alive(a.Identity):
			return Gone{kind, launcherName(a), a}, true
		case kind != OriginAgent && i > 0 && !o.alive(p.Parents[i-1].Identity):
			return Gone{kind, launcherName(a), p.Parents[i-1]}, true
		default:
			return Gone{}, false
		}
	}
	if p.ProjectDir == "" || isService(p.Unit) {
		return Gone{}, false
	}
	return o.adrift(p)
}

// adrift looks at a lineage without anybody known in it.
func (o *orphanage) adrift(p *process.Process) (Gone, bool) {
	runners := 0
	for runners < len(p.Parents) && p.Parents[runners].PID != 1 && runs[programKey(p.Parents[runners].Name)] != 0 {
		runners++
	}
	line := p.Parents[:runners]
	gone := Gone{Kind: OriginOrphan}
	switch {
	case runners < len(p.Parents) && adopts(p.Parents[runners]):
	case runners == len(p.Parents) && o.vanish:
	case runners > 0 && !slices.ContainsFunc(line, func(a process.Ancestor) bool { return o.alive(a.Identity) }) &&
		slices.ContainsFunc(line, func(a process.Ancestor) bool { return runs[programKey(a.Name)] == shell }):
		gone.Ancestor = line[runners-1]
	default:
		return Gone{}, false
	}
	// A server's workers are as much in the background as the one they serve.
	for _, a := range line {
		if o.alive(a.Identity) && o.detached(a.Identity) {
			return Gone{}, false
		}
	}
	if o.detached(p.Identity) {
		return Gone{}, false
	}
	return gone, true
}

// launcherName is what people call it: of a script its own name, not its
// interpreter's.
func launcherName(a process.Ancestor) string {
	if _, ok := launchers[programKey(a.Name)]; !ok && len(a.Args) > 1 {
		return filepath.Base(a.Args[1])
	}
	return a.Name
}

// ours reports whether the process runs as the user we run as.
func (o *orphanage) ours(p *process.Process) bool {
	if p.HasUID && o.self.HasUID {
		return p.UID == o.self.UID
	}
	return p.User != "" && p.User == o.self.User
}

// adopts reports whether the process is one that takes in those whose parent
// has ended. A PID 1 of another name, as containers have, may have started
// them itself.
func adopts(a process.Ancestor) bool {
	switch a.Name {
	case "systemd", "launchd":
		return true
	case "init", "runit", "openrc-init", "dinit", "busybox", "tini", "dumb-init", "docker-init", "catatonit":
		return a.PID == 1
	}
	return false
}

// errand says how a program runs others.
type errand uint8

const (
	shell  errand = iota + 1
	runner        // an interpreter, package manager, build tool or watcher
)

// runs are the programs that stand between what people work in and a server,
// and are never the reason why somebody wants it to run.
var runs = map[string]errand{
	"sh": shell, "bash": shell, "zsh": shell, "fish": shell, "dash": shell, "ash": shell, "ksh": shell, "nu": shell,
	"cmd": shell, "powershell": shell, "pwsh": shell,
	"node": runner, "npm": runner, "npx": runner, "pnpm": runner, "yarn": runner, "bun": runner, "deno": runner, "nodemon": runner,
	"tsx": runner, "python": runner, "python3": runner, "uv": runner, "poetry": runner, "pipenv": runner, "hatch": runner,
	"ruby": runner, "bundle": runner, "foreman": runner, "overmind": runner, "php": runner, "composer": runner,
	"go": runner, "air": runner, "cargo": runner, "bacon": runner, "watchexec": runner, "entr": runner,
	"java": runner, "gradle": runner, "mvn": runner, "dotnet": runner, "make": runner, "just": runner, "task": runner,
	"mix": runner, "beam.smp": runner, "nohup": runner, "setsid": runner, "env": runner, "time": runner, "timeout": runner,
	"stdbuf": runner, "concurrently": runner, "turbo": runner, "mise": runner, "direnv": runner,
}

// remoteEditors are the folders in which editors keep the servers of their
// remote sessions, which outlive a connection on purpose.
var remoteEditors = [...]string{
	"/.vscode-server/", "/.vscode-server-insiders/", "/.vscodium-server/", "/.cursor-server/", "/.windsurf-server/",
	"/.zed_server/", "/JetBrains/RemoteDev/",
}

func isRemoteEditor(p *process.Process) bool {
	command := append([]string{p.Exe}, p.Args[:min(len(p.Args), 2)]...)
	return slices.ContainsFunc(command, func(path string) bool {
		return slices.ContainsFunc(remoteEditors[:], func(dir string) bool { return strings.Contains(path, dir) })
	})
}
