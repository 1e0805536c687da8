package elevate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// CanStop tells whether an elevated program sees that Run's context ended.
const CanStop = false

// run starts this program with the verb "runas", upon which Windows asks its
// user (UAC). Nothing comes back from such a program but its exit code, and it
// can't be told to stop before its grace time is over.
func run(ctx context.Context, r Request, _ bool) (Result, error) {
	self, err := os.Executable()
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !filepath.IsAbs(self) {
		return Result{}, fmt.Errorf("%w: %q is no absolute path", ErrUnsafe, self)
	}
	process, err := runAs(self, windows.ComposeCommandLine(r.Args()))
	if err != nil {
		return Result{}, err
	}
	defer windows.CloseHandle(process)
	const step = 100 // ms
	for {
		event, err := windows.WaitForSingleObject(process, step)
		switch {
		case err != nil:
			return Result{}, fmt.Errorf("wait for the elevated program: %w", err)
		case event == windows.WAIT_OBJECT_0:
			var code uint32
			if err := windows.GetExitCodeProcess(process, &code); err != nil {
				return Result{}, fmt.Errorf("read how the elevated program ended: %w", err)
			}
			if res, ok := fromCode(int(code)); ok {
				return res, nil
			}
			return Result{}, fmt.Errorf("the elevated program ended with %d", code)
		case ctx.Err() != nil:
			return Result{}, fmt.Errorf("%w: %w", ErrOnItsOwn, ctx.Err())
		}
	}
}

// shellExecuteInfo is SHELLEXECUTEINFOW (shellapi.h).
type shellExecuteInfo struct {
	size       uint32
	mask       uint32
	window     windows.HWND
	verb       *uint16
	file       *uint16
	parameters *uint16
	directory  *uint16
	show       int32
	app        windows.Handle
	idList     uintptr
	class      *uint16
	classKey   windows.Handle
	hotKey     uint32
	icon       windows.Handle
	process    windows.Handle
}

var shellExecuteEx = windows.NewLazySystemDLL("shell32.dll").NewProc("ShellExecuteExW")

// runAs is ShellExecuteEx with "runas"; it waits for the user's answer.
func runAs(file, parameters string) (windows.Handle, error) {
	const (
		keepProcess = 0x40  // SEE_MASK_NOCLOSEPROCESS
		noAsync     = 0x100 // SEE_MASK_NOASYNC: this thread has no message loop
		noUI        = 0x400 // SEE_MASK_FLAG_NO_UI: errors are ours to tell
		canceled    = windows.ERROR_CANCELLED
	)
	verb, err := windows.UTF16PtrFromString("runas")
	if err != nil {
		return 0, err
	}
	name, err := windows.UTF16PtrFromString(file)
	if err != nil {
		return 0, err
	}
	line, err := windows.UTF16PtrFromString(parameters)
	if err != nil {
		return 0, err
	}
	// "Initialize COM before calling ShellExecuteEx" (Microsoft's page of it).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE) == nil {
		defer windows.CoUninitialize()
	}
	info := shellExecuteInfo{
		mask: keepProcess | noAsync | noUI, verb: verb, file: name, parameters: line, show: windows.SW_HIDE,
	}
	info.size = uint32(unsafe.Sizeof(info))
	ok, _, err := shellExecuteEx.Call(uintptr(unsafe.Pointer(&info)))
	switch {
	case ok != 0 && info.process != 0:
		return info.process, nil
	case ok != 0:
		return 0, fmt.Errorf("%w: Windows started no process", ErrUnavailable)
	case errors.Is(err, canceled):
		return 0, ErrDismissed
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return 0, fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
}
