package process

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/unix"
)

// proc is opened once: boot and its time don't change while we run.
var openProc = sync.OnceValues(openProcfs)

// identify returns the identity that has the PID now.
func identify(pid int32) (Identity, error) {
	st, err := statOf(pid)
	if err != nil {
		return Identity{}, err
	}
	fs, err := openProc()
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, Start: st.start, Boot: fs.boot}, nil
}

func statOf(pid int32) (procStat, error) {
	fs, err := openProc()
	if err != nil {
		return procStat{}, err
	}
	d, err := fs.open(pid)
	if err != nil {
		return procStat{}, err
	}
	defer d.close()
	return d.stat(make([]byte, 1024))
}

// parentOf returns the parent's PID.
func parentOf(id Identity) (int32, error) {
	st, err := statOf(id.PID)
	if err != nil {
		return 0, err
	}
	if st.start != id.Start {
		return 0, ErrGone
	}
	return st.parent, nil
}

// isKernel reports whether the process is one of the kernel's own.
func isKernel(id Identity) bool {
	st, err := statOf(id.PID)
	return err == nil && st.start == id.Start && st.kernel
}

// readFacts reads what may be read. gopsutil reads by PID, one file after the
// other; the start value is compared afterwards, so that facts of two
// processes are never mixed.
func readFacts(id Identity) (*Process, error) {
	fs, err := openProc()
	if err != nil {
		return nil, err
	}
	d, err := fs.open(id.PID)
	if err != nil {
		return nil, err
	}
	defer d.close()
	buf := make([]byte, 4096)
	st, err := d.stat(buf)
	if err != nil {
		return nil, err
	}
	if st.start != id.Start {
		return nil, ErrGone
	}
	p := &Process{Identity: id, Started: fs.started(id.Start)}

	facts := process.Process{Pid: id.PID}
	p.Args, _ = facts.CmdlineSlice()
	p.Cwd, _ = facts.Cwd()
	p.Exe, _ = facts.Exe()
	// The kernel marks an executable that was replaced (d_path).
	p.Exe, p.ExeDeleted = strings.CutSuffix(p.Exe, " (deleted)")
	p.Name = programName(st.comm, p.Exe, p.Args)

	var own unix.Stat_t
	if unix.Fstat(d.fd, &own) == nil {
		p.UID, p.HasUID = own.Uid, true
		if b, err := d.read("status", buf); err == nil {
			// The folder belongs to root when the process may not be dumped;
			// the effective user is the second number of Uid.
			if uid, ok := effectiveUID(b); ok {
				p.UID = uid
			}
		}
	}
	if b, err := d.read("cgroup", buf); err == nil {
		at := ParseCgroup(cgroupPath(b))
		p.Unit, p.Container = at.Unit, at.Container
	}
	if again, err := d.stat(buf); err != nil || again.start != id.Start {
		return nil, ErrGone
	}
	return p, nil
}

// programName picks the name people know a program by. The kernel cuts comm
// at 15 bytes (TASK_COMM_LEN) and programs write into it; the executable's
// name is better where it may be read, else the first argument where it is
// the same name uncut.
func programName(comm, exe string, args []string) string {
	if exe != "" {
		return filepath.Base(exe)
	}
	const commMax = 15
	if len(comm) == commMax && len(args) > 0 {
		first, _, _ := strings.Cut(args[0], " ")
		if base := filepath.Base(first); strings.HasPrefix(base, comm) {
			return base
		}
	}
	return comm
}

func effectiveUID(status []byte) (uint32, bool) {
	_, rest, ok := bytes.Cut(status, []byte("\nUid:"))
	if !ok {
		return 0, false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	f := bytes.Fields(line)
	if len(f) < 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(f[1]), 10, 32)
	return uint32(n), err == nil
}
