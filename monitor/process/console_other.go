//go:build !windows

package process

func (h osHandle) politeWay() Way { return WaySignal }

func (h osHandle) companions() ([]Identity, bool) { return nil, true }

// ConsoleBreak serves ConsoleBreakVerb; there are such consoles on Windows only.
func ConsoleBreak([]string) int { return consoleBreakRefused }
