// Package quiet keeps libraries from writing to the terminal while the program
// starts. Fyne's package lang logs in its init function where the locale is
// "C" or unset; a command line's error output belongs to its commands.
//
// The Go specification orders it ("Program initialization"): of the packages
// whose imports are initialized, the one that is first by import path is next.
// This package needs only io and log, so it is ready before text/template is,
// which sorts after it and which lang waits for.
package quiet

import (
	"io"
	"log"
)

func init() { Hush() }

// Hush keeps the standard logger from writing, also when the program ends: Fyne
// then truncates its preferences while another of its goroutines watches the
// file and reads it, and logs that it found nothing ("EOF").
func Hush() { log.SetOutput(io.Discard) }

// Restore lets the standard logger write again, to w.
func Restore(w io.Writer) { log.SetOutput(w) }
