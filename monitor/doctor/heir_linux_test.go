package doctor

import (
	"fmt"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMayServe_TakesWhatItCantTellForAServer(t *testing.T) {
	for wchan, want := range map[string]bool{
		"0": true, "": true, // running, or not told
		"inet_csk_accept": true, "poll_schedule_timeout.constprop.0": true, "do_select": true,
		"io_cqring_wait": true, "do_signal_stop": true, "do_sigtimedwait": true,
		"do_epoll_wait": false, "ep_poll": false, // its sets are looked at
		"hrtimer_nanosleep": false, "do_wait": false, "anon_pipe_read": false, "futex_do_wait": false,
	} {
		if got := mayServe(wchan); got != want {
			t.Errorf("waiting in %q: %v", wchan, got)
		}
	}
}

func TestClosesOnExec_ReadsOctalFlags(t *testing.T) {
	for info, want := range map[string]bool{
		"pos:\t0\nflags:\t02000002\nmnt_id:\t17\n": true,
		"pos:\t0\nflags:\t02\nmnt_id:\t17\n":       false,
		"pos:\t0\nflags:\tx\n":                     true,
		"":                                         true,
	} {
		if got := closesOnExec(info); got != want {
			t.Errorf("%q: %v", info, got)
		}
	}
}

// This very process serves with epoll, as Go does; a socket of ours that
// nothing waits for is told apart, and so is one that a child would inherit.
func TestWatched_FindsTheSocketInAnEpollSet(t *testing.T) {
	ln := listen(t, "tcp4", lo4, 0)
	raw, err := ln.(*net.TCPListener).SyscallConn()
	must(t, err)
	inode := func(fd int) uint64 {
		var st unix.Stat_t
		must(t, unix.Fstat(fd, &st))
		return st.Ino
	}
	self := fmt.Sprintf("/proc/%d", os.Getpid())
	var ours uint64
	must(t, raw.Control(func(fd uintptr) { ours = inode(int(fd)) }))
	if !watched(self, ours) {
		t.Error("our listener is in the runtime's epoll set")
	}
	fd := socket(t)
	if watched(self, inode(fd)) {
		t.Error("nothing waits for this one")
	}
	if inheritable(self, inode(fd)) {
		t.Error("it closes on exec")
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	if !inheritable(self, inode(fd)) {
		t.Error("a child would get it")
	}
	if isHeir("/proc/0", 1) {
		t.Error("a process that isn't there is an heir")
	}
}

func TestListensOn_ReadsTheKernelsTable(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 20 1
   1: 0100007F:0050 0100007F:8000 01 00000000:00000000 00:00000000 00000000  1000        0 21 1
`
	for port, want := range map[uint16]bool{8080: true, 80: false, 8000: false} {
		if got := listensOn(table, port); got != want {
			t.Errorf("port %d: %v", port, got)
		}
	}
	id := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	if got := containerIn("12:cpu:/\n0::/system.slice/docker-" + id + ".scope\n"); got != id {
		t.Errorf("container %q", got)
	}
	if got := containerIn("0::/user.slice\n"); got != "" {
		t.Errorf("container %q", got)
	}
}

func TestIsWSL_ByTheKernelsRelease(t *testing.T) {
	for release, want := range map[string]bool{"5.15.153.1-microsoft-standard-WSL2\n": true, "4.4.0-19041-Microsoft": true, "6.8.0-31-generic": false} {
		if got := isWSL(release); got != want {
			t.Errorf("%q: %v", release, got)
		}
	}
}
