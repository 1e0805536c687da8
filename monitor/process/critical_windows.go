package process

import "golang.org/x/sys/windows"

// isCritical reports whether Windows stops or the session ends without the
// process: it is one of the well-known, or marked so that its end is a bug
// check (RtlSetProcessIsCritical).
func isCritical(p *Process) bool {
	if isCriticalName(p.Name, p.Exe, systemDirectory()) {
		return true
	}
	h, err := openProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, p.PID)
	if err != nil {
		return false // what can't even be looked at can't be ended either
	}
	defer windows.CloseHandle(h)
	return breaksOnTermination(h)
}

// systemDirectory returns C:\Windows\System32 or its like, "" if unknown.
func systemDirectory() string {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		return ""
	}
	return dir
}
