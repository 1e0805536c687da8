package process

import (
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// servicesOf returns the names of the services that run in the process, in
// order. A shared host (svchost.exe) runs several; ServiceByTag says which of
// them a socket belongs to.
func servicesOf(pid int32, name string) []string {
	// Services run in session 0; the per-user ones do so in svchost. Asking
	// for the list costs a millisecond, so nobody else is asked about.
	var session uint32
	err := windows.ProcessIdToSessionId(uint32(pid), &session)
	if (err != nil || session != 0) && !strings.EqualFold(name, "svchost.exe") {
		return nil
	}
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT|windows.SC_MANAGER_ENUMERATE_SERVICE)
	if err != nil {
		return nil
	}
	defer windows.CloseServiceHandle(manager)

	var names []string
	buf := make([]byte, 64<<10)
	var resume uint32 // where the next part of a long list begins
	for range 16 {
		var need, count uint32
		err := windows.EnumServicesStatusEx(manager, windows.SC_ENUM_PROCESS_INFO, windows.SERVICE_WIN32,
			windows.SERVICE_ACTIVE, &buf[0], uint32(len(buf)), &need, &count, &resume, nil)
		if err != nil && err != windows.ERROR_MORE_DATA {
			return nil
		}
		if room := uint32(len(buf)) / uint32(unsafe.Sizeof(windows.ENUM_SERVICE_STATUS_PROCESS{})); count > room {
			return nil
		}
		for _, s := range unsafe.Slice((*windows.ENUM_SERVICE_STATUS_PROCESS)(unsafe.Pointer(&buf[0])), count) {
			if int32(s.ServiceStatusProcess.ProcessId) == pid {
				names = append(names, windows.UTF16PtrToString(s.ServiceName))
			}
		}
		if err == nil {
			break
		}
	}
	slices.Sort(names)
	return names
}

// ServiceByTag names the service inside a process that a socket's service tag
// stands for; "" if it can't be told. It asks the service manager each time:
// remember the answer for the process's lifetime.
func ServiceByTag(pid int32, tag uint32) string {
	// I_QueryTagInformation is undocumented and may go away: its absence is
	// no error. Its first question is "which name has this tag?".
	const nameFromTag = 1
	proc := windows.NewLazySystemDLL("advapi32.dll").NewProc("I_QueryTagInformation")
	if tag == 0 || proc.Find() != nil {
		return ""
	}
	var query struct {
		pid, tag uint32
		kind     uint32
		name     *uint16
	}
	query.pid, query.tag = uint32(pid), tag
	r, _, _ := proc.Call(0, nameFromTag, uintptr(unsafe.Pointer(&query)))
	if query.name == nil {
		return ""
	}
	defer windows.LocalFree(windows.Handle(unsafe.Pointer(query.name)))
	if r != 0 {
		return ""
	}
	return windows.UTF16PtrToString(query.name)
}
