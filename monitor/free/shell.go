package free

import (
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// shells run what a user types, or a script.
var shells = []string{"sh", "bash", "zsh", "fish", "dash", "ash", "ksh", "mksh", "tcsh", "csh", "nu", "xonsh", "elvish", "pwsh", "powershell", "cmd"}

// isWorkplace reports whether people work in the ancestor: a terminal, an
// editor, or a shell that waits for commands. What is above it starts the
// workplace again, if anything, and not what was run in it.
func isWorkplace(a process.Ancestor) bool {
	return monitor.LauncherOf(a.Name, a.Args) != "" || isInteractive(a)
}

// isInteractive reports whether the ancestor is a shell that was given nothing
// to run: no script, and no command by -c. Of a shell whose arguments can't be
// read nothing is known.
func isInteractive(a process.Ancestor) bool {
	if len(a.Args) == 0 {
		return false
	}
	// A login shell calls itself "-bash" (login(1)).
	first := program(strings.TrimPrefix(a.Args[0], "-"))
	if !slices.Contains(shells, first) && !slices.Contains(shells, program(a.Name)) {
		return false
	}
	for i := 1; i < len(a.Args); i++ {
		arg := strings.ToLower(a.Args[i])
		switch {
		case arg == "-i", arg == "/k", arg == "-noexit": // it stays after what it was given
			return true
		case arg == "--rcfile", arg == "--init-file":
			i++ // read before the first prompt
		case strings.HasPrefix(arg, "--"), arg == "-nologo", arg == "-noprofile", arg == "/d", arg == "/q":
		case !strings.HasPrefix(arg, "-"), strings.Contains(arg, "c"): // a script; -c, -lc, -command
			return false
		}
	}
	return true
}
