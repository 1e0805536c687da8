package process

import (
	"errors"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// windowSearch collects the windows of one process.
type windowSearch struct {
	pid   uint32
	found []windows.HWND
}

// A callback lives as long as the program, so there is one for all searches.
var collectWindow = windows.NewCallback(func(window windows.HWND, s *windowSearch) uintptr {
	const ownerWindow, goOn = 4, 1 // GW_OWNER
	var pid uint32
	if _, err := windows.GetWindowThreadProcessId(window, &pid); err != nil || pid != s.pid {
		return goOn
	}
	owner, _, _ := user32.NewProc("GetWindow").Call(uintptr(window), ownerWindow)
	if owner == 0 && windows.IsWindowVisible(window) {
		s.found = append(s.found, window)
	}
	return goOn
})

var user32 = windows.NewLazySystemDLL("user32.dll")

// closeWindows asks the visible, unowned top-level windows of a process to
// close, as a click on their ✕ does: the program may ask its user to save.
// Hidden windows are left alone, they are a program's inner workings. A console
// window counts as one of the program that it was opened for, and closing it
// tells every program in that console (CTRL_CLOSE_EVENT).
func closeWindows(pid int32) error {
	s := &windowSearch{pid: uint32(pid)}
	var pin runtime.Pinner // Windows hands the pointer back while we run
	pin.Pin(s)
	defer pin.Unpin()
	if err := windows.EnumWindows(collectWindow, unsafe.Pointer(s)); err != nil {
		return err
	}
	if len(s.found) == 0 {
		return ErrNoPoliteStop
	}
	const wmClose = 0x0010
	post := user32.NewProc("PostMessageW")
	var first error
	for _, window := range s.found {
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
