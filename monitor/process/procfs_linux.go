package process

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// procfs reads a /proc by descriptor: once a process's directory is open,
// everything read below it is of that very process, even if its PID is given
// to another meanwhile (reads then fail with ESRCH).
type procfs struct {
	fd   int
	boot BootID
	// began is when the machine booted: start values count from there.
	began time.Time
	// counts: stat of /proc/PID/fd tells the number of descriptors
	// (Linux ≥ 6.2, commit f1f1f2569901).
	counts bool
}

// clockTicks is USER_HZ, fixed at 100 for every architecture Go runs Linux on
// (sysconf(_SC_CLK_TCK), time(7)).
const clockTicks = 100

func openProcfs() (*procfs, error) {
	fd, err := unix.Open("/proc", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: "/proc", Err: err}
	}
	p := &procfs{fd: fd}
	if b, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		id, _ := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(b)), "-", ""))
		copy(p.boot[:], id)
	}
	if b, err := os.ReadFile("/proc/stat"); err == nil {
		if _, after, ok := bytes.Cut(b, []byte("\nbtime ")); ok {
			line, _, _ := bytes.Cut(after, []byte("\n"))
			sec, _ := strconv.ParseInt(string(line), 10, 64)
			p.began = time.Unix(sec, 0)
		}
	}
	// Three descriptors at the least are open here: a size of 0 is a kernel
	// that does not count.
	var st unix.Stat_t
	p.counts = unix.Fstatat(fd, "self/fd", &st, 0) == nil && st.Size > 0
	return p, nil
}

func (p *procfs) close() error { return unix.Close(p.fd) }

// started turns a start value into a time.
func (p *procfs) started(start uint64) time.Time {
	if p.began.IsZero() {
		return time.Time{}
	}
	return p.began.Add(time.Duration(start) * time.Second / clockTicks)
}

// pids appends the PIDs there are now.
func (p *procfs) pids(buf []byte, dst []int32) ([]int32, error) {
	if _, err := unix.Seek(p.fd, 0, 0); err != nil {
		return dst, err
	}
	err := readDir(p.fd, buf, func(pid int32) { dst = append(dst, pid) })
	return dst, err
}

// open opens a process's directory.
func (p *procfs) open(pid int32) (procDir, error) {
	fd, err := unix.Openat(p.fd, strconv.Itoa(int(pid)), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return procDir{}, gone(err)
	}
	return procDir{fd}, nil
}

// procDir is one process's open directory.
type procDir struct{ fd int }

func (d procDir) close() { unix.Close(d.fd) }

// read reads one small file whole.
func (d procDir) read(name string, buf []byte) ([]byte, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, gone(err)
	}
	defer unix.Close(fd)
	n := 0
	for {
		if n == len(buf) {
			buf = append(buf, make([]byte, len(buf)+512)...)
		}
		m, err := unix.Read(fd, buf[n:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, gone(err)
		}
		if m == 0 {
			return buf[:n], nil
		}
		n += m
	}
}

func (d procDir) stat(buf []byte) (procStat, error) {
	b, err := d.read("stat", buf)
	if err != nil {
		return procStat{}, err
	}
	return parseStat(b)
}

// fds calls yield for every descriptor that is a socket. The folder may be open
// to us and its links closed all the same (a capability lacks): that is an
// error too.
func (d procDir) fds(buf []byte, yield func(fd int32, inode uint64)) error {
	dir, err := unix.Openat(d.fd, "fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return gone(err)
	}
	defer unix.Close(dir)
	var link [48]byte
	var denied error
	err = readDir(dir, buf, func(fd int32) {
		if denied != nil {
			return
		}
		inode, err := readSocketLink(dir, fd, link[:])
		switch {
		case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
			denied = err
		case err == nil && inode != 0:
			yield(fd, inode)
		}
	})
	return cmp.Or(denied, gone(err))
}

// readSocketLink reads the inode behind a descriptor, 0 if it isn't a socket.
// The descriptor may be closed by now: that is an error.
func readSocketLink(dir int, fd int32, link []byte) (uint64, error) {
	n, err := unix.Readlinkat(dir, strconv.Itoa(int(fd)), link)
	if err != nil {
		return 0, err
	}
	return socketInode(link[:n]), nil
}

// gone turns the errors of a process that ended while it was read into
// ErrGone.
func gone(err error) error {
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) {
		return ErrGone
	}
	return err
}

// readDir calls yield for every name in a directory that is a number. Other
// names are passed over: in /proc and /proc/PID/fd only numbers matter, and
// strings for 10,000 names a second would be garbage.
func readDir(fd int, buf []byte, yield func(n int32)) error {
	const reclenAt, nameAt = 16, 19 // struct linux_dirent64, getdents(2)
	for {
		n, err := unix.Getdents(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return err
		}
		for b := buf[:n]; len(b) > nameAt; {
			size := int(binary.NativeEndian.Uint16(b[reclenAt:]))
			if size <= nameAt || size > len(b) {
				return nil
			}
			if v, ok := number(b[nameAt:size]); ok {
				yield(v)
			}
			b = b[size:]
		}
	}
}

// number reads a NUL-terminated decimal number.
func number(b []byte) (int32, bool) {
	var n int32
	for i, c := range b {
		if c == 0 {
			return n, i > 0
		}
		if c < '0' || c > '9' || i >= 9 {
			return 0, false
		}
		n = n*10 + int32(c-'0')
	}
	return 0, false
}
