package process

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// osHandle is a pidfd (pidfd_open(2), Linux ≥ 5.3). Without one the identity
// is compared right before each signal, which leaves a moment open.
type osHandle struct {
	id Identity
	fd int // -1 without a pidfd
}

// openHandle opens the pidfd first and compares the identity afterwards: from
// then on the descriptor can't come to mean another process.
func openHandle(id Identity) (osHandle, error) {
	fd, err := unix.PidfdOpen(int(id.PID), 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return osHandle{fd: -1}, ErrGone
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
		fd = -1
	case err != nil:
		return osHandle{fd: -1}, fmt.Errorf("open pidfd of process %d: %w", id.PID, err)
	}
	h := osHandle{id: id, fd: fd}
	if err := h.same(); err != nil {
		h.close()
		return osHandle{fd: -1}, err
	}
	return h, nil
}

func (h osHandle) signal(sig unix.Signal) error {
	var err error
	if h.fd >= 0 {
		err = unix.PidfdSendSignal(h.fd, sig, nil, 0)
	} else if err = h.same(); err == nil {
		err = unix.Kill(int(h.id.PID), sig)
	}
	switch {
	case errors.Is(err, unix.ESRCH):
		return ErrGone
	case errors.Is(err, unix.EPERM):
		return ErrDenied
	}
	return err
}

// wait polls the pidfd, which becomes readable when the process ends.
func (h osHandle) wait(ctx context.Context) error {
	if h.fd < 0 {
		return h.watch(ctx)
	}
	for ctx.Err() == nil {
		fds := []unix.PollFd{{Fd: int32(h.fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(watchStep.Milliseconds()))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %d: %w", h.id.PID, err)
		}
		if n > 0 {
			return nil
		}
	}
	return ctx.Err()
}

func (h osHandle) close() error {
	if h.fd < 0 {
		return nil
	}
	return unix.Close(h.fd)
}
