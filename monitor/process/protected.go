package process

import (
	"os"
	"slices"
	"strings"
)

// Protection is a reason never to signal a process.
type Protection string

// The reasons.
const (
	ProtectedSystem   Protection = "system"   // PID 0, 1 or the kernel: its threads, PID 4 on Windows
	ProtectedSelf     Protection = "self"     // Portlight itself
	ProtectedAncestor Protection = "ancestor" // a process Portlight runs under
	ProtectedCritical Protection = "critical" // the OS fails without it
)

// Protected reports why a process must never be signalled, "" if it may be.
func Protected(p *Process) Protection { return newGuard().of(p) }

// guard decides whom to protect. It asks the operating system through hooks,
// so that the decisions are the same everywhere and can be tested anywhere.
type guard struct {
	// lineage is ourselves, then our ancestors, nearest first.
	lineage  []Identity
	kernel   func(Identity) bool
	critical func(*Process) bool
}

func newGuard() guard {
	return guard{lineage: ownLineage(), kernel: isKernel, critical: isCritical}
}

func (g guard) of(p *Process) Protection {
	if why := g.byIdentity(p.Identity); why != "" {
		return why
	}
	if g.critical(p) {
		return ProtectedCritical
	}
	return ""
}

// byIdentity decides without knowing what the process is called.
func (g guard) byIdentity(id Identity) Protection {
	// 0 is the idle process, kernel_task or nobody at all, 1 is init. Below 0
	// are process groups (kill(2)).
	if id.PID <= 1 || g.kernel(id) {
		return ProtectedSystem
	}
	switch i := slices.Index(g.lineage, id); {
	case i == 0:
		return ProtectedSelf
	case i > 0:
		return ProtectedAncestor
	}
	return ""
}

// ownLineage reads who we are and under whom we run. It is read anew each
// time: when a parent ends, another takes its place.
func ownLineage() []Identity {
	self, err := identify(int32(os.Getpid()))
	if err != nil {
		return nil
	}
	line := []Identity{self}
	for child := self; len(line) <= maxAncestors; {
		pid, err := parentOf(child)
		if err != nil || pid <= 0 {
			break
		}
		parent, err := identify(pid)
		// A parent is older than its child, or the PID was given on.
		if err != nil || parent.Start > child.Start {
			break
		}
		line = append(line, parent)
		child = parent
	}
	return line
}

// isCriticalName reports whether that is one of the processes without which
// Windows stops or the session ends. A program of the same name elsewhere
// than in systemDir is somebody's own; where the path can't be read, the name
// alone decides.
func isCriticalName(name, exe, systemDir string) bool {
	switch strings.TrimSuffix(strings.ToLower(name), ".exe") {
	case "csrss", "dwm", "logonui", "lsass", "lsm", "services", "smss", "wininit", "winlogon":
	default:
		return false
	}
	dir := strings.TrimSuffix(strings.ToLower(exe), strings.ToLower(name))
	return exe == "" || systemDir == "" || dir == strings.ToLower(systemDir)+`\`
}
