package process

import (
	"errors"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// windowSearch collects the windows of one process.
type windowSearch struct {
	pid uint32
	// windows are a program's own; consoles are those that a console's host
	// shows and Windows counts as the program's that they were opened for.
	windows, consoles []windows.HWND
}

// A callback lives as long as the program, so there is one for all searches.
var collectWindow = windows.NewCallback(func(window windows.HWND, s *windowSearch) uintptr {
	const ownerWindow, goOn = 4, 1 // GW_OWNER
	var pid uint32
	if _, err := windows.GetWindowThreadProcessId(window, &pid); err != nil || pid != s.pid {
		return goOn
	}
	owner, _, _ := user32.NewProc("GetWindow").Call(uintptr(window), ownerWindow)
	if owner != 0 || !windows.IsWindowVisible(window) {
		return goOn
	}
	var class [64]uint16
	n, err := windows.GetClassName(window, &class[0], int32(len(class)))
	if err == nil && windows.UTF16ToString(class[:n]) == "ConsoleWindowClass" {
		s.consoles = append(s.consoles, window)
	} else {
		s.windows = append(s.windows, window)
	}
	return goOn
})

var user32 = windows.NewLazySystemDLL("user32.dll")

// windowsOf finds the visible, unowned top-level windows of a process. Hidden
// windows are left alone, they are a program's inner workings.
func windowsOf(pid int32) *windowSearch {
	s := &windowSearch{pid: uint32(pid)}
	var pin runtime.Pinner // Windows hands the pointer back while we run
	pin.Pin(s)
	defer pin.Unpin()
	// Its only errors are those of the callback: there is nothing to tell.
	_ = windows.EnumWindows(collectWindow, unsafe.Pointer(s))
	return s
}

// closeWindows asks windows to close, as a click on their ✕ does: the program
// may ask its user to save. A console's window tells every program in that
// console (CTRL_CLOSE_EVENT).
func closeWindows(list []windows.HWND) error {
	const wmClose = 0x0010
	post := user32.NewProc("PostMessageW")
	var first error
	for _, window := range list {
		if ok, _, err := post.Call(uintptr(window), wmClose, 0, 0); ok == 0 && first == nil {
			// User Interface Privilege Isolation: a program with more rights
			// takes no messages from one with less.
			if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
				err = ErrDenied
			}
			first = err
		}
	}
	return first
}
