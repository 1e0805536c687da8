package process

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// procStat is what Portlight reads from /proc/PID/stat (proc(5)).
type procStat struct {
	comm   string
	parent int32
	kernel bool   // PF_KTHREAD (linux/sched.h): a kernel thread
	zombie bool   // ended, not yet waited for, and no thread of it lives on
	start  uint64 // field 22, clock ticks since boot
}

const pfKthread = 0x00200000

var errProcStat = errors.New("malformed stat")

// parseStat reads a stat line. The command may contain spaces, parentheses
// and newlines: it ends at the last ')'.
func parseStat(b []byte) (procStat, error) {
	open, shut := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || shut < open {
		return procStat{}, errProcStat
	}
	s := procStat{comm: string(b[open+1 : shut])}
	field := 2
	for _, f := range bytes.Fields(b[shut+1:]) {
		field++
		var err error
		switch field {
		case 3:
			s.zombie = f[0] == 'Z' || f[0] == 'X'
		case 4:
			var n int64
			n, err = strconv.ParseInt(string(f), 10, 32)
			s.parent = int32(n)
		case 9:
			var flags uint64
			flags, err = strconv.ParseUint(string(f), 10, 64)
			s.kernel = flags&pfKthread != 0
		case 20:
			// A process whose first thread has ended looks like a zombie too.
			var threads uint64
			threads, err = strconv.ParseUint(string(f), 10, 32)
			s.zombie = s.zombie && threads <= 1
		case 22:
			if s.start, err = strconv.ParseUint(string(f), 10, 64); err == nil {
				return s, nil
			}
		}
		if err != nil {
			return procStat{}, fmt.Errorf("%w: field %d is %q", errProcStat, field, f)
		}
	}
	return procStat{}, errProcStat
}

// socketInode reads the target of a /proc/PID/fd link, "socket:[4711]"; 0 if
// it is something else.
func socketInode(link []byte) uint64 {
	digits, ok := bytes.CutPrefix(link, []byte("socket:["))
	if !ok || len(digits) < 2 || digits[len(digits)-1] != ']' {
		return 0
	}
	var n uint64
	for _, c := range digits[:len(digits)-1] {
		if c < '0' || c > '9' || n > (1<<63)/10 {
			return 0
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

// Place is where a cgroup puts a process.
type Place struct {
	Unit      string // systemd unit: a .service, .socket or .scope
	Container string // container id (64 hexadecimal digits) or machine name
}

// ParseCgroup reads the place from a cgroup's path, such as
// "/system.slice/nginx.service" or
// "/system.slice/docker-0123….scope". Paths as made by systemd, Docker,
// containerd, CRI-O, Podman, Kubernetes, LXC and systemd-nspawn.
func ParseCgroup(p string) Place {
	var at Place
	for seg := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		name, suffix := seg, path.Ext(seg)
		if suffix == ".scope" || suffix == ".service" {
			name = strings.TrimSuffix(seg, suffix)
		}
		switch id := containerID(name); {
		case id != "":
			return Place{Container: id}
		case suffix == ".scope" && strings.HasPrefix(name, "machine-"):
			return Place{Container: unescapeUnit(strings.TrimPrefix(name, "machine-"))}
		case strings.HasPrefix(seg, "lxc.payload."):
			return Place{Container: strings.TrimPrefix(seg, "lxc.payload.")}
		case suffix == ".scope" && (strings.HasPrefix(name, "session-") || name == "init"):
			// a login session or PID 1 itself: says nothing of the program
		case suffix == ".service" && strings.HasPrefix(name, "user@"):
			// the user's own manager; a unit below it says more
		case suffix == ".service" || suffix == ".scope" || suffix == ".socket":
			at.Unit = seg
		}
	}
	return at
}

// containerID finds the 64 hexadecimal digits that container engines name a
// cgroup by, alone or after "docker-", "libpod-", "crio-", "cri-containerd-".
func containerID(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 && len(name)-i-1 == 64 {
		name = name[i+1:]
	}
	if len(name) != 64 || strings.Trim(name, "0123456789abcdef") != "" {
		return ""
	}
	return name
}

// unescapeUnit undoes systemd's escaping ("\x2d" is "-"; systemd-escape(1)).
func unescapeUnit(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if c, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cgroupPath picks the path from /proc/PID/cgroup that says most: the unified
// hierarchy's, or systemd's own where cgroup v2 is mounted beside v1.
func cgroupPath(b []byte) string {
	best := ""
	for line := range strings.Lines(string(b)) {
		hierarchy, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		controllers, p, ok := strings.Cut(rest, ":")
		if !ok {
			continue
		}
		if hierarchy == "0" && p != "/" {
			return p
		}
		if controllers == "name=systemd" || best == "" && p != "/" && containerPath(p) {
			best = p
		}
	}
	return best
}

func containerPath(p string) bool { return ParseCgroup(p).Container != "" }
