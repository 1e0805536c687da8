//go:build !linux && !windows

package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shirou/gopsutil/v3/process"
)

// identify returns the identity that has the PID now.
func identify(pid int32) (Identity, error) {
	s, err := statusOf(pid)
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, Start: s.start}, nil
}

// parentOf returns the parent's PID.
func parentOf(id Identity) (int32, error) {
	s, err := statusOf(id.PID)
	if err != nil {
		return 0, err
	}
	if s.start != id.Start {
		return 0, ErrGone
	}
	return s.parent, nil
}

// status is what the system tells everybody of a process.
type status struct {
	start  uint64 // Identity.Start
	parent int32
	hasUID bool
	uid    uint32 // effective
	comm   string // the kernel's own name of it, cut short
}

// readFacts reads what may be read. The start is compared once more at the
// end, so that facts of two processes are never mixed.
func readFacts(id Identity) (*Process, error) {
	s, err := statusOf(id.PID)
	if err != nil {
		return nil, err
	}
	if s.start != id.Start {
		return nil, ErrGone
	}
	p := &Process{Identity: id, Started: startedAt(s.start), HasUID: s.hasUID, UID: s.uid}
	p.Exe, p.Args = imageOf(id.PID)
	facts := process.Process{Pid: id.PID}
	p.Cwd, _ = facts.Cwd()
	p.Name = s.comm
	if p.Exe != "" {
		p.Name = filepath.Base(p.Exe)
	}
	if again, err := statusOf(id.PID); err != nil || again.start != id.Start {
		return nil, ErrGone
	}
	return p, nil
}

// isKernel: the kernel is PID 0, its threads are no processes.
func isKernel(id Identity) bool { return id.PID == 0 }

// gone translates gopsutil's and the system's words for "no such process".
func gone(pid int32, err error) error {
	switch {
	case errors.Is(err, process.ErrorProcessNotRunning), errors.Is(err, os.ErrProcessDone), errors.Is(err, os.ErrNotExist):
		return ErrGone
	case errors.Is(err, os.ErrPermission):
		return ErrDenied
	}
	return fmt.Errorf("process %d: %w", pid, err)
}
