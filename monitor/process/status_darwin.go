package process

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// statusOf asks sysctl kern.proc.pid for a kinfo_proc (sys/sysctl.h), which
// tells everybody about every process. Its p_starttime is the very timeval
// that proc_bsdinfo has, to the microsecond, and is had without cgo.
func statusOf(pid int32) (status, error) {
	k, err := unix.SysctlKinfoProc("kern.proc.pid", int(pid))
	// For a PID that is nobody's sysctl succeeds and writes nothing, which
	// the wrapper reports as EIO.
	if errors.Is(err, unix.EIO) || errors.Is(err, unix.ESRCH) || err == nil && k.Proc.P_pid != pid {
		return status{}, ErrGone
	}
	if err != nil {
		return status{}, gone(pid, err)
	}
	const zombie = 5 // SZOMB, sys/proc.h: it has ended and holds nothing
	if k.Proc.P_stat == zombie {
		return status{}, ErrGone
	}
	start := k.Proc.P_starttime
	return status{
		start:  uint64(start.Sec)*1e6 + uint64(start.Usec),
		parent: k.Eproc.Ppid,
		hasUID: true,
		uid:    k.Eproc.Ucred.Uid,
		comm:   unix.ByteSliceToString(k.Proc.P_comm[:]),
	}, nil
}

// imageOf reads the executable and arguments with sysctl kern.procargs2; the
// kernel allows it for our own user's processes.
func imageOf(pid int32) (exe string, args []string) {
	b, err := unix.SysctlRaw("kern.procargs2", int(pid))
	if err != nil {
		return "", nil
	}
	return parseProcArgs(b)
}

func startedAt(microseconds uint64) time.Time { return time.UnixMicro(int64(microseconds)) }
