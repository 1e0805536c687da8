package cli

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

func isBrokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}

// obeysSequences reports whether a console takes escape sequences, after
// asking it to: before Windows Terminal, consoles print them unless a program
// sets ENABLE_VIRTUAL_TERMINAL_PROCESSING (SetConsoleMode).
func obeysSequences(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return true
	}
	console := windows.Handle(f.Fd())
	var mode uint32
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
