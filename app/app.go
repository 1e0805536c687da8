// Package app is the composition root: it builds the engine and picks a face,
// the window or the command line. It is the only package that knows them all.
package app

// Run runs Portlight with the arguments after the program's name and returns
// the exit code.
func Run(args []string) int { return 0 }
