package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// This file asks the kernel what the documented functions don't tell, by the
// information classes of winternl.h and ntexapi.h (phnt). All of them need no
// more than PROCESS_QUERY_LIMITED_INFORMATION or nothing at all.

// imagePath returns the executable's path in the form users know.
func imagePath(h windows.Handle) string {
	buf := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(buf))
	if err := windows.QueryFullProcessImageName(h, 0, &buf[0], &n); err != nil {
		return ""
	}
	return windows.UTF16ToString(buf[:n])
}

// imagePathOf returns the executable's path of a process that may not be
// opened (SystemProcessIdInformation), "" if the system doesn't tell.
func imagePathOf(pid int32) string {
	buf := make([]uint16, windows.MAX_LONG_PATH)
	query := struct {
		pid  uintptr
		name windows.NTUnicodeString
	}{uintptr(pid), windows.NTUnicodeString{MaximumLength: uint16(2 * (len(buf) - 1)), Buffer: &buf[0]}}
	err := windows.NtQuerySystemInformation(windows.SystemProcessIdInformation,
		unsafe.Pointer(&query), uint32(unsafe.Sizeof(query)), nil)
	if err != nil {
		return ""
	}
	return dosPath(windows.UTF16ToString(buf[:min(int(query.name.Length/2), len(buf))]))
}

// dosPath turns a path of the kernel's, \Device\HarddiskVolume3\…, into one
// with a drive letter; one on no drive is returned as it is.
func dosPath(path string) string {
	for letter := 'A'; letter <= 'Z'; letter++ {
		drive := string(letter) + ":"
		name, err := windows.UTF16PtrFromString(drive)
		if err != nil {
			return path
		}
		var target [windows.MAX_PATH]uint16
		if n, err := windows.QueryDosDevice(name, &target[0], uint32(len(target))); err != nil || n == 0 {
			continue
		}
		device := windows.UTF16ToString(target[:]) // the first of a list is the current one
		if rest, ok := strings.CutPrefix(path, device); ok && strings.HasPrefix(rest, `\`) {
			return drive + rest
		}
	}
	return path
}

// commandLine returns the command line as the process was started with; "" if
// it may not be read or this Windows is older than 8.1.
func commandLine(h windows.Handle) string {
	const header = int(unsafe.Sizeof(windows.NTUnicodeString{}))
	buf := make([]byte, 4<<10)
	for range 3 {
		var need uint32
		err := windows.NtQueryInformationProcess(h, windows.ProcessCommandLineInformation,
			unsafe.Pointer(&buf[0]), uint32(len(buf)), &need)
		if err == nil { // a UNICODE_STRING, its characters right behind it
			length := int(binary.LittleEndian.Uint16(buf))
			return utf16Text(buf[header:min(header+length, len(buf))])
		}
		if int(need) <= len(buf) || need > 1<<20 {
			return ""
		}
		buf = make([]byte, need)
	}
	return ""
}

// utf16Text reads little-endian UTF-16 up to the first NUL.
func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// basicInformation returns the parent's PID.
func basicInformation(h windows.Handle) (parent int32, err error) {
	var info windows.PROCESS_BASIC_INFORMATION
	err = windows.NtQueryInformationProcess(h, windows.ProcessBasicInformation,
		unsafe.Pointer(&info), uint32(unsafe.Sizeof(info)), nil)
	if err != nil {
		return 0, fmt.Errorf("read the parent: %w", err)
	}
	return int32(info.InheritedFromUniqueProcessId), nil
}

// breaksOnTermination reports whether Windows stops when the process ends.
func breaksOnTermination(h windows.Handle) bool {
	var flag uint32
	err := windows.NtQueryInformationProcess(h, windows.ProcessBreakOnTermination,
		unsafe.Pointer(&flag), uint32(unsafe.Sizeof(flag)), nil)
	return err == nil && flag != 0
}

// processList is the system's list of all processes, which anybody may read.
type processList struct {
	buf   []byte
	valid bool
}

// listed is what the list says of one process.
type listed struct {
	parent int32
	start  uint64 // FILETIME, the very value GetProcessTimes gives
	name   string // file name of the executable
}

func (l *processList) read() error {
	l.valid = false
	if l.buf == nil {
		l.buf = make([]byte, 256<<10)
	}
	for range 8 {
		var need uint32
		err := windows.NtQuerySystemInformation(windows.SystemProcessInformation,
			unsafe.Pointer(&l.buf[0]), uint32(len(l.buf)), &need)
		if err == nil {
			l.valid = true
			return nil
		}
		if !errors.Is(err, windows.STATUS_INFO_LENGTH_MISMATCH) && !errors.Is(err, windows.STATUS_BUFFER_TOO_SMALL) {
			return fmt.Errorf("list processes: %w", err)
		}
		// Processes and threads come and go between the calls.
		l.buf = make([]byte, max(int(need), len(l.buf))+64<<10)
	}
	return errors.New("list processes: the list kept growing")
}

// find looks a PID up. The name points into the same buffer and is copied.
func (l *processList) find(pid int32) (listed, bool) {
	const size = uintptr(unsafe.Sizeof(windows.SYSTEM_PROCESS_INFORMATION{}))
	for at := uintptr(0); l.valid && at+size <= uintptr(len(l.buf)); {
		e := (*windows.SYSTEM_PROCESS_INFORMATION)(unsafe.Pointer(&l.buf[at]))
		if int32(e.UniqueProcessID) == pid {
			return listed{
				parent: int32(e.InheritedFromUniqueProcessID),
				start:  uint64(e.CreateTime),
				name:   e.ImageName.String(),
			}, true
		}
		if e.NextEntryOffset == 0 {
			break
		}
		at += uintptr(e.NextEntryOffset)
	}
	return listed{}, false
}
