package process

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func (h osHandle) ended() bool {
	if h.fd < 0 {
		// Without a pidfd: a zombie keeps its PID and start value.
		st, err := statOf(h.id.PID)
		return errors.Is(err, ErrGone) || err == nil && (st.start != h.id.Start || st.zombie)
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(h.fd), Events: unix.POLLIN}}, 0)
	return err == nil && n > 0
}

// allowed sends signal 0, which only checks (kill(2)).
func (h osHandle) allowed() error {
	if h.ended() {
		return ErrGone
	}
	return h.signal(0)
}

func privileged() bool { return os.Geteuid() == 0 }

// startAt: the kernel keeps no times of sockets to compare with.
func startAt(time.Time) uint64 { return 0 }
