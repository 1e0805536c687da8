package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var kernel32 = windows.NewLazySystemDLL("kernel32.dll")

// hasConsole reports whether the process is attached to a console.
func hasConsole(id Identity) bool {
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, id.PID)
	if err != nil {
		return false
	}
	defer windows.CloseHandle(h)
	if host, ok := consoleHost(h); ok {
		return host != 0
	}
	return parametersOf(id.PID, tokenUser(h)).console
}

// consoleHost returns the PID of a process's console's host, 0 without a
// console; not ok where Windows doesn't tell (before 8, Wine).
func consoleHost(h windows.Handle) (pid uintptr, ok bool) {
	const processConsoleHostProcess = 49 // ntpsapi.h of phnt
	err := windows.NtQueryInformationProcess(h, processConsoleHostProcess,
		unsafe.Pointer(&pid), uint32(unsafe.Sizeof(pid)), nil)
	return pid &^ 3, err == nil // the lowest two bits are flags
}

// companions asks every process for its console's host: one that may not be
// opened is another user's and in a console of its own.
func (h osHandle) companions() ([]Identity, bool) {
	host, ok := consoleHost(h.h)
	if !ok {
		return nil, false
	}
	if host == 0 {
		return nil, true
	}
	everybody, err := census()
	if err != nil {
		return nil, false
	}
	var all []Identity
	for _, r := range everybody {
		if r.PID == h.id.PID || uintptr(r.PID) == host {
			continue
		}
		p, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, r.PID)
		if err != nil {
			continue
		}
		if its, ok := consoleHost(p); ok && its == host {
			all = append(all, r.Identity)
		}
		windows.CloseHandle(p)
	}
	return all, true
}

// sharesOurConsole reports whether a CTRL_BREAK to the process would reach us
// and the shell we run under as well.
func sharesOurConsole(pid int32) bool {
	list := make([]uint32, 64)
	proc := kernel32.NewProc("GetConsoleProcessList")
	for range 3 {
		n, _, _ := proc.Call(uintptr(unsafe.Pointer(&list[0])), uintptr(len(list)))
		if int(n) <= len(list) { // 0: we have no console
			return slices.Contains(list[:n], uint32(pid))
		}
		list = make([]uint32, n+16)
	}
	return true // unknown: leave it alone
}

func (h osHandle) politeWay() Way {
	way, _ := wayTo(h.id)
	return way
}

// wayTo finds the polite way to a process, and the windows to close for it. For
// WayConsole those are of use if the console's host isn't known to answer.
func wayTo(id Identity) (Way, []windows.HWND) {
	found := windowsOf(id.PID)
	switch {
	case len(found.windows) > 0:
		return WayWindow, found.windows
	case sharesOurConsole(id.PID):
		// PowerShell takes a CTRL_BREAK for a call of its debugger, and we
		// would get it as well.
		return WayNone, nil
	case hasConsole(id), len(found.consoles) > 0:
		return WayConsole, found.consoles
	}
	return WayNone, nil
}

// breakConsole asks through a short-lived copy of our own program.
func (h osHandle) breakConsole() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own program: %w", err)
	}
	// It only attaches, sends and ends.
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, ConsoleBreakVerb,
		strconv.Itoa(int(h.id.PID)), strconv.FormatUint(h.id.Start, 10))
	// Without a console of its own: it gets the other's.
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS, HideWindow: true}
	var said strings.Builder
	cmd.Stderr = &said
	err = cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("ask process %d through its console: %w", h.id.PID, ctx.Err())
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		switch exit.ExitCode() {
		case consoleBreakGone:
			return ErrGone
		case consoleBreakDenied:
			return ErrDenied
		case consoleBreakNone:
			return ErrNoPoliteStop
		}
	}
	return fmt.Errorf("ask process %d through its console: %w %s", h.id.PID, err, strings.TrimSpace(said.String()))
}

// ConsoleBreak serves ConsoleBreakVerb with the arguments after it: it sends a
// CTRL_BREAK to the console of the process with that PID and start value, and
// returns the exit code.
func ConsoleBreak(args []string) int {
	if len(args) != 2 {
		return consoleBreakRefused
	}
	pid, err := strconv.ParseInt(args[0], 10, 32)
	if err != nil {
		return consoleBreakRefused
	}
	start, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return consoleBreakRefused
	}
	err = sendBreak(Identity{PID: int32(pid), Start: start})
	if err == nil {
		return consoleBreakSent
	}
	fmt.Fprintln(os.Stderr, err)
	switch {
	case errors.Is(err, ErrGone):
		return consoleBreakGone
	case errors.Is(err, ErrDenied):
		return consoleBreakDenied
	case errors.Is(err, ErrNoPoliteStop):
		return consoleBreakNone
	}
	return consoleBreakRefused
}

// handled is a console control handler that says "handled". A callback lives as
// long as the program, so there is one.
var handled = windows.NewCallback(func(uint32) uintptr { return 1 })

func sendBreak(id Identity) error {
	h, err := Open(id) // from here on the PID is nobody else's
	if err != nil {
		return err
	}
	defer h.Close()
	if why := newGuard().byIdentity(id); why != "" {
		return ErrProtected
	}
	// Fails if there is none to leave, which is as well.
	_, _, _ = kernel32.NewProc("FreeConsole").Call()
	if ok, _, err := kernel32.NewProc("AttachConsole").Call(uintptr(id.PID)); ok == 0 {
		switch {
		case h.os.ended():
			return ErrGone
		case errors.Is(err, windows.ERROR_ACCESS_DENIED):
			return ErrDenied
		case errors.Is(err, windows.ERROR_INVALID_HANDLE), errors.Is(err, windows.ERROR_GEN_FAILURE):
			return ErrNoPoliteStop
		}
		return fmt.Errorf("attach to its console: %w", err)
	}
	// Attaching resets the handlers, Go's own included, so this comes second. A
	// NULL handler would shield from CTRL_C only.
	// https://learn.microsoft.com/windows/console/setconsolectrlhandler
	const add = 1
	if ok, _, err := kernel32.NewProc("SetConsoleCtrlHandler").Call(handled, add); ok == 0 {
		return fmt.Errorf("shield ourselves: %w", err)
	}
	const everybody = 0
	if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, everybody); err != nil {
		return fmt.Errorf("send CTRL_BREAK: %w", err)
	}
	return nil
}
