package process

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// census takes the kernel's list of all processes, which needs no rights and
// has the parents and creation times of those that may not be opened, too.
func census() ([]Relation, error) {
	var l processList
	if err := l.read(); err != nil {
		return nil, err
	}
	const size = uintptr(unsafe.Sizeof(windows.SYSTEM_PROCESS_INFORMATION{}))
	var all []Relation
	for at := uintptr(0); at+size <= uintptr(len(l.buf)); {
		e := (*windows.SYSTEM_PROCESS_INFORMATION)(unsafe.Pointer(&l.buf[at]))
		all = append(all, Relation{
			Identity{PID: int32(e.UniqueProcessID), Start: uint64(e.CreateTime)},
			int32(e.InheritedFromUniqueProcessID),
		})
		if e.NextEntryOffset == 0 {
			break
		}
		at += uintptr(e.NextEntryOffset)
	}
	return all, nil
}
