package process

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// startParameters are what a process keeps of itself in its own memory
// (RTL_USER_PROCESS_PARAMETERS). The kernel knows no working directory.
type startParameters struct {
	directory   string
	commandLine string
	console     bool // it is attached to one
}

// parametersOf reads a process's memory, if it is one of our own user's: that
// is who has development servers. Others mostly refuse, and a port monitor
// that reads the memory of the system's processes looks like what endpoint
// protection hunts. Where it may not be read, both are "".
func parametersOf(pid int32, user *windows.SID) (p startParameters) {
	self, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil || user == nil || !self.User.Sid.Equals(user) {
		return p
	}
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION|windows.PROCESS_VM_READ, pid)
	if err != nil {
		return p
	}
	defer windows.CloseHandle(h)
	at, layout := parametersAt(h)
	if at == 0 {
		return p
	}
	p.directory = trimFolder(readText(h, at+layout.directory, layout.pointer))
	p.commandLine = readText(h, at+layout.commandLine, layout.pointer)
	// ConsoleHandle stands behind four ULONGs; all ones means "detached".
	const consoleHandle = 0x10
	console := readPointer(h, at+consoleHandle, layout.pointer)
	p.console = console != 0 && uint32(console) != 1<<32-1
	return p
}

// parametersLayout says where the parameters keep their strings.
type parametersLayout struct{ pointer, directory, commandLine uintptr }

// parametersAt finds the parameters through the process environment block;
// 0 if they can't be found.
func parametersAt(h windows.Handle) (uintptr, parametersLayout) {
	const pointer = unsafe.Sizeof(uintptr(0))
	if pointer == 8 {
		// A 32-bit process on 64-bit Windows has a second, 32-bit block, and
		// that is the one it keeps current. Offsets: PEB32 and
		// RTL_USER_PROCESS_PARAMETERS32 as in phnt's headers.
		var peb uintptr
		err := windows.NtQueryInformationProcess(h, windows.ProcessWow64Information,
			unsafe.Pointer(&peb), uint32(pointer), nil)
		if err == nil && peb != 0 {
			return readPointer(h, peb+0x10, 4), parametersLayout{4, 0x24, 0x40}
		}
	}
	var info windows.PROCESS_BASIC_INFORMATION
	err := windows.NtQueryInformationProcess(h, windows.ProcessBasicInformation,
		unsafe.Pointer(&info), uint32(unsafe.Sizeof(info)), nil)
	if err != nil || info.PebBaseAddress == nil {
		return 0, parametersLayout{}
	}
	peb := uintptr(unsafe.Pointer(info.PebBaseAddress))
	return readPointer(h, peb+unsafe.Offsetof(info.PebBaseAddress.ProcessParameters), pointer), parametersLayout{
		pointer,
		unsafe.Offsetof(windows.RTL_USER_PROCESS_PARAMETERS{}.CurrentDirectory),
		unsafe.Offsetof(windows.RTL_USER_PROCESS_PARAMETERS{}.CommandLine),
	}
}

// readText reads the string that the UNICODE_STRING at that address describes:
// its length in bytes, the room it has, and, aligned, a pointer.
func readText(h windows.Handle, at, pointer uintptr) string {
	var length uint16
	if !readMemory(h, at, unsafe.Pointer(&length), 2) || length == 0 {
		return ""
	}
	text := make([]byte, length)
	from := readPointer(h, at+pointer, pointer)
	if from == 0 || !readMemory(h, from, unsafe.Pointer(&text[0]), uintptr(length)) {
		return ""
	}
	return utf16Text(text)
}

// readPointer reads a pointer of that many bytes; 0 if it can't be read.
func readPointer(h windows.Handle, at, size uintptr) uintptr {
	var p uintptr // little-endian, so the upper half of a short one stays 0
	if !readMemory(h, at, unsafe.Pointer(&p), size) {
		return 0
	}
	return p
}

func readMemory(h windows.Handle, at uintptr, to unsafe.Pointer, size uintptr) bool {
	var n uintptr
	err := windows.ReadProcessMemory(h, at, (*byte)(to), size, &n)
	return err == nil && n == size
}

// trimFolder drops the trailing backslash that Windows keeps there, but for
// that of a root, without which the path would mean something else.
func trimFolder(path string) string {
	if trimmed := strings.TrimSuffix(path, `\`); !strings.HasSuffix(trimmed, ":") {
		return trimmed
	}
	return path
}
