//go:build !linux && !windows

package process

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// osHandle is the identity, compared once more right before each signal: there
// is nothing here to hold on to a process by. Between the comparison and the
// signal a few microseconds remain in which the PID could be given on.
type osHandle struct{ id Identity }

func openHandle(id Identity) (osHandle, error) {
	h := osHandle{id}
	return h, h.same()
}

func (h osHandle) signal(sig syscall.Signal) error {
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

func (h osHandle) wait(ctx context.Context) error { return h.watch(ctx) }

func (h osHandle) close() error { return nil }
