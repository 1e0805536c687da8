//go:build !linux && !windows && !darwin

package process

import (
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// statusOf reads through gopsutil, whose start is in milliseconds: all that
// these systems are served with.
func statusOf(pid int32) (status, error) {
	p := process.Process{Pid: pid}
	created, err := p.CreateTime()
	if err != nil {
		return status{}, gone(pid, err)
	}
	s := status{start: uint64(created)}
	s.parent, _ = p.Ppid()
	s.comm, _ = p.Name()
	if uids, err := p.Uids(); err == nil && len(uids) > 0 {
		s.hasUID, s.uid = true, uint32(uids[min(1, len(uids)-1)]) // real, effective, saved
	}
	return s, nil
}

func imageOf(pid int32) (exe string, args []string) {
	p := process.Process{Pid: pid}
	exe, _ = p.Exe()
	args, _ = p.CmdlineSlice()
	return exe, args
}

func startedAt(milliseconds uint64) time.Time { return time.UnixMilli(int64(milliseconds)) }
