package process

import (
	"time"

	"golang.org/x/sys/windows"
)

func (h osHandle) allowed() error {
	switch {
	case h.ended():
		return ErrGone
	case h.denied:
		return ErrDenied
	}
	return nil
}

func privileged() bool { return windows.GetCurrentProcessToken().IsElevated() }

// startAt allows for clocks read a moment apart, as openIndex does.
func startAt(t time.Time) uint64 {
	const unixEpoch = 116444736000000000 // in 100 ns since 1601 (FILETIME)
	return uint64(t.Add(-100*time.Millisecond).UnixNano()/100 + unixEpoch)
}
