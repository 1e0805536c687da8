//go:build !windows

package process

import (
	"context"
	"syscall"
	"time"
)

// same fails with ErrGone unless the PID still is the identity's.
func (h osHandle) same() error {
	now, err := identify(h.id.PID)
	if err != nil {
		return err
	}
	if now != h.id {
		return ErrGone
	}
	return nil
}

func (h osHandle) stop() error { return h.signal(syscall.SIGTERM) }
func (h osHandle) kill() error { return h.signal(syscall.SIGKILL) }

// watchStep is how often an end is looked for where nothing tells of it.
const watchStep = 50 * time.Millisecond

// watch waits for the end of a process by looking again and again.
func (h osHandle) watch(ctx context.Context) error {
	for !h.ended() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(watchStep):
		}
	}
	return nil
}
