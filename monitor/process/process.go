// Package process says who a process is: an identity that survives PID reuse,
// the facts people recognise a program by, and which sockets it holds where
// the kernel's socket table does not tell.
package process

import (
	"encoding/hex"
	"strings"
	"time"
)

// BootID tells one boot of a machine from the next, because start values
// count from boot on Linux. It is zero where start values are absolute.
type BootID [16]byte

// String returns the id in hexadecimal.
func (b BootID) String() string { return hex.EncodeToString(b[:]) }

// Identity names one process for ever. A PID alone doesn't: it is given to
// another process after the first has ended.
type Identity struct {
	PID int32
	// Start is the kernel's own start value, never rounded: field 22 of
	// /proc/PID/stat in clock ticks since boot (proc(5)), the creation
	// FILETIME on Windows (GetProcessTimes), microseconds since the epoch on
	// macOS (proc_bsdinfo). 0 means it could not be read.
	Start uint64
	Boot  BootID
}

// Process is what is known of one identity. It is read once and never
// changed afterwards, so it can be shared freely.
type Process struct {
	Identity

	Name string // the name people know: the executable's, not a cut comm
	Exe  string // full path, "" if it may not be read
	// ExeDeleted is set when the executable was replaced or removed while
	// running: typically a rebuilt program that still runs its old code.
	ExeDeleted bool
	Args       []string

	HasUID bool
	UID    uint32
	User   string // account name; the number as text if it has no name

	Cwd string
	// Project is the git root's or package's name of the working directory,
	// ProjectDir its folder; both "" where there is none.
	Project, ProjectDir string

	// Started is derived from the start value, to the second or better.
	Started time.Time

	// Unit is the systemd unit or Windows service, "" if none; the services of
	// a shared host are separated by ", ".
	Unit      string
	Container string // container id (full) the process runs in, "" if none

	// Parents is the chain of ancestors, nearest first, as it was when the
	// process was first seen: later a parent may be gone.
	Parents []Ancestor
}

// serviceSeparator stands between the names of services in Unit.
const serviceSeparator = ", "

// Ancestor is one step of a process's lineage.
type Ancestor struct {
	Identity
	Name string
	Exe  string
	Args []string
}

// CommandLine joins the arguments into one line that a shell would read back
// as the same arguments (POSIX quoting; display only, never executed). A line
// that the program wrote over its arguments (setproctitle(3): "nginx: master
// process …") is no command and stays as it is.
func (p *Process) CommandLine() string {
	if len(p.Args) == 1 && p.Args[0] != p.Exe && strings.Contains(p.Args[0], " ") {
		return p.Args[0]
	}
	return JoinArgs(p.Args)
}

// JoinArgs quotes and joins arguments as a POSIX shell would read them.
func JoinArgs(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		if a != "" && !strings.ContainsAny(a, " \t\n\"'\\$`|&;<>()*?[]#~!{}") {
			b.WriteString(a)
			continue
		}
		b.WriteByte('\'')
		b.WriteString(strings.ReplaceAll(a, "'", `'\''`))
		b.WriteByte('\'')
	}
	return b.String()
}
