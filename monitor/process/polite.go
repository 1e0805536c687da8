package process

// Way is how a process can be asked to end.
type Way uint8

// The ways.
const (
	// WayNone: there is no polite way, only Kill. Handle.Stop returns
	// ErrNoPoliteStop.
	WayNone Way = iota + 1
	// WaySignal is SIGTERM, which reaches that process alone.
	WaySignal
	// WayWindow is WM_CLOSE to its windows (Windows): it may ask its user to
	// save first.
	WayWindow
	// WayConsole is CTRL_BREAK (Windows): everything in the same console gets
	// it too, the shell included, which lives on.
	WayConsole
)

// PoliteWay reports how Stop would ask the process now.
func (h *Handle) PoliteWay() Way { return h.os.politeWay() }

// Companions are the others in the process's console, whom Stop would reach as
// well if its way is WayConsole: the shell, who lives on, wrappers, and whatever
// else was started there. known is false where the system doesn't tell.
func (h *Handle) Companions() (all []Identity, known bool) { return h.os.companions() }

// ConsoleBreakVerb is the command by which Stop starts our own program anew, on
// Windows, to send a CTRL_BREAK: `portlight console-break PID START`. A program
// may only be attached to one console, so the one that shows a window or talks
// to a terminal can't do it itself. The program's main hands the rest of the
// arguments to ConsoleBreak and exits with what that returns.
const ConsoleBreakVerb = "console-break"

// The exit codes of ConsoleBreak: far from those of a program that fails for
// reasons of its own, 1 and 2.
const (
	consoleBreakSent    = 0
	consoleBreakGone    = 11
	consoleBreakDenied  = 12
	consoleBreakNone    = 13 // the process has no console
	consoleBreakRefused = 14 // arguments wrong, protected, or another failure
)
