//go:build !linux && !windows

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// osHandle is the identity, compared once more right before each signal: there
// is nothing here to hold on to a process by. Between the comparison and the
// signal a few microseconds remain in which the PID could be given on.
type osHandle struct{ id Identity }

func openHandle(id Identity) (osHandle, error) {
	h := osHandle{id}
	return h, h.same()
}

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
func (h osHandle) kill() error { return h.signal(os.Kill) }

func (h osHandle) signal(sig os.Signal) error {
	p, err := os.FindProcess(int(h.id.PID))
	if err != nil {
		return fmt.Errorf("process %d: %w", h.id.PID, err)
	}
	defer p.Release()
	if err := h.same(); err != nil {
		return err
	}
	if err := p.Signal(sig); err != nil {
		return gone(h.id.PID, err)
	}
	return nil
}

func (h osHandle) wait(ctx context.Context) error {
	for {
		if errors.Is(h.same(), ErrGone) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (h osHandle) close() error { return nil }
