package cli

import (
	"os"
	"time"

	"golang.org/x/term"
)

// System is the Env of this process: its standard streams and variables.
func System(e Engine) Env {
	return Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Engine: e,
		Root:           os.Geteuid() == 0,
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Width: func() int {
			fd := int(os.Stdout.Fd())
			if !term.IsTerminal(fd) {
				return 0
			}
			if w, _, err := term.GetSize(fd); err == nil && w > 0 {
				return w
			}
			return 80 // a terminal that doesn't tell, such as a serial line
		},
	}
}
