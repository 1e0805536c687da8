package process

import "golang.org/x/sys/windows"

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
