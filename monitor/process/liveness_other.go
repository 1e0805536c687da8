//go:build !linux && !windows

package process

import (
	"errors"
	"os"
	"syscall"
	"time"
)

func (h osHandle) ended() bool { return errors.Is(h.same(), ErrGone) }

// allowed sends signal 0, which only checks (kill(2)).
func (h osHandle) allowed() error { return h.signal(syscall.Signal(0)) }

func privileged() bool { return os.Geteuid() == 0 }

// startAt: the kernel tells no times of sockets to compare with.
func startAt(time.Time) uint64 { return 0 }
