package doctor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Linux doesn't tell who opened a socket, nor when. What can be seen is a
// process that has a listener without having any use for it: a child that got
// it with its other descriptors and outlived the server. unattended says so
// only if of every holder
//
//   - each descriptor of the socket is one that survives execve(2), which is
//     how such a child gets it; servers that mean to keep theirs mostly set
//     O_CLOEXEC,
//   - an ancestor is gone: its parent is the first process, or the leader of
//     its process group or session has ended,
//   - no thread waits for a connection: none is in accept(2), poll(2) or
//     select(2), and no epoll(7) set has the socket.
//
// A thread that runs, is stopped, or whose wait the kernel hides might attend
// to it. A server that opened its socket, lost its parent and then sleeps is
// taken for an heir: nobody will be served by either.
func unattended(p *monitor.Endpoint) bool {
	if p.Proto != sockets.TCP || len(p.Holders) == 0 {
		return false
	}
	for _, h := range p.Holders {
		for _, s := range p.Sockets {
			if !isHeir(fmt.Sprintf("/proc/%d", h.PID), s.Handle) {
				return false
			}
		}
	}
	return true
}

// isHeir is about one holder, by its folder in /proc. Whatever can't be read
// makes it a server.
func isHeir(proc string, inode uint64) bool {
	return lostAncestor(proc) && inheritable(proc, inode) && !attends(proc, inode)
}

// lostAncestor reads proc(5)'s stat: parent, process group and session are the
// second, third and fourth field after the name's parenthesis.
func lostAncestor(proc string) bool {
	b, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return false
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 4 {
		return false
	}
	gone := func(pid string) bool {
		if pid == "0" {
			return false // outside our PID namespace
		}
		_, err := os.Stat("/proc/" + pid)
		return os.IsNotExist(err)
	}
	return f[1] == "1" || gone(f[2]) || gone(f[3])
}

// inheritable: the process has the socket, and would pass on every descriptor.
func inheritable(proc string, inode uint64) bool {
	names, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return false
	}
	want, has := fmt.Sprintf("socket:[%d]", inode), false
	for _, n := range names {
		if link, err := os.Readlink(filepath.Join(proc, "fd", n.Name())); err != nil || link != want {
			continue
		}
		info, err := os.ReadFile(filepath.Join(proc, "fdinfo", n.Name()))
		if err != nil || closesOnExec(string(info)) {
			return false
		}
		has = true
	}
	return has
}

// closesOnExec reads the flags of proc_pid_fdinfo(5): octal, O_CLOEXEC among
// them. Flags that can't be read count as set.
func closesOnExec(info string) bool {
	const cloexec = 0o2000000
	for line := range strings.Lines(info) {
		if text, ok := strings.CutPrefix(line, "flags:"); ok {
			flags, err := strconv.ParseUint(strings.TrimSpace(text), 8, 64)
			return err != nil || flags&cloexec != 0
		}
	}
	return true
}

// attends: a thread waits for what comes in on the socket, or might.
func attends(proc string, inode uint64) bool {
	tasks, err := filepath.Glob(proc + "/task/*")
	if err != nil || len(tasks) == 0 {
		return true
	}
	for _, t := range tasks {
		in, err := os.ReadFile(t + "/wchan")
		if err != nil || mayServe(string(in)) {
			return true
		}
	}
	return watched(proc, inode)
}

// mayServe judges the kernel function a thread waits in (proc_pid_wchan(5)):
// "0" is a running thread, or one whose wait isn't told.
func mayServe(wchan string) bool {
	w := strings.TrimSpace(wchan)
	switch {
	case w == "" || w == "0":
		return true
	case strings.Contains(w, "epoll"), strings.HasPrefix(w, "ep_poll"):
		return false // its sets are looked at
	}
	for _, s := range [...]string{"accept", "poll", "select", "io_uring", "io_cq", "io_sq", "sigwait", "sigtimedwait", "signal_stop", "ptrace_stop"} {
		if strings.Contains(w, s) {
			return true
		}
	}
	return false
}

// watched: one of the process's epoll sets has the socket. fdinfo of such a
// set names its members' inodes in hexadecimal since Linux 4.12 or so.
func watched(proc string, inode uint64) bool {
	names, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return true
	}
	member := fmt.Sprintf(" ino:%x ", inode)
	for _, n := range names {
		link, err := os.Readlink(filepath.Join(proc, "fd", n.Name()))
		if err != nil || !strings.HasPrefix(link, "anon_inode:") {
			continue
		}
		if strings.Contains(link, "io_uring") {
			return true
		}
		if !strings.Contains(link, "eventpoll") {
			continue
		}
		info, err := os.ReadFile(filepath.Join(proc, "fdinfo", n.Name()))
		if err != nil || !strings.Contains(string(info), " ino:") && strings.Contains(string(info), "tfd:") ||
			strings.Contains(string(info), member) {
			return true
		}
	}
	return false
}
