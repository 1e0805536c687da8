package monitor

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// A puppet is a process that opens, closes, replaces, passes and inherits
// listening sockets on command, and reports what it did: so a test knows the
// truth at every moment.
type puppet struct {
	t    testing.TB
	cmd  *exec.Cmd
	pid  int32
	in   io.WriteCloser
	out  *bufio.Scanner
	path string // its datagram socket, to be passed descriptors at
}

const puppetEnv = "PORTLIGHT_PUPPET"

func TestMain(m *testing.M) {
	if path := os.Getenv(puppetEnv); path != "" {
		if err := playPuppet(path); err != nil {
			fmt.Fprintln(os.Stderr, "puppet:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func newPuppet(t testing.TB, dir string, n int) *puppet {
	t.Helper()
	p := &puppet{t: t, path: filepath.Join(dir, strconv.Itoa(n))}
	p.cmd = exec.Command(os.Args[0])
	// Under the race detector every process would sleep a second at its end.
	p.cmd.Env = append(os.Environ(), puppetEnv+"="+p.path, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.pid = int32(p.cmd.Process.Pid)
	t.Cleanup(p.end)
	p.do("hello")
	return p
}

// end closes the puppet's input, upon which it exits.
func (p *puppet) end() {
	p.in.Close()
	p.cmd.Wait()
}

// do sends one command and returns the answer's numbers.
func (p *puppet) do(format string, args ...any) []uint64 {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Errorf("puppet %d: %v", p.pid, err)
		return nil
	}
	if !p.out.Scan() {
		p.t.Errorf("puppet %d ended on %q: %v", p.pid, fmt.Sprintf(format, args...), p.out.Err())
		return nil
	}
	var nums []uint64
	for f := range strings.FieldsSeq(p.out.Text()) {
		n, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			p.t.Errorf("puppet %d on %q: %s", p.pid, fmt.Sprintf(format, args...), p.out.Text())
			return nil
		}
		nums = append(nums, n)
	}
	return nums
}

// playPuppet is the child's side.
func playPuppet(path string) error {
	// Package os forks once in a process's life to see whether the kernel
	// hands out pidfds: now, while that child has no sockets to inherit that
	// the test knows nothing of.
	if _, err := os.FindProcess(os.Getpid()); err != nil {
		return err
	}
	mail, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(mail, &unix.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	held := make(map[uint64]int) // inode → descriptor
	open := func() (uint64, int, error) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return 0, 0, err
		}
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return 0, 0, err
		}
		if err := unix.Listen(fd, 1); err != nil {
			return 0, 0, err
		}
		return inodeOf(fd), fd, nil
	}
	var children []*exec.Cmd
	for sc := bufio.NewScanner(os.Stdin); sc.Scan(); {
		verb, arg, _ := strings.Cut(sc.Text(), " ")
		arg, to, _ := strings.Cut(arg, " ")
		inode, _ := strconv.ParseUint(arg, 10, 64)
		var answer string
		var err error
		switch verb {
		case "open": // a new listener
			var fd int
			if inode, fd, err = open(); err == nil {
				held[inode] = fd
				answer = fmt.Sprint(inode)
			}
		case "close":
			err = unix.Close(held[inode])
			delete(held, inode)
		case "replace": // another listener in the place of one: the count stays
			var fd int
			var fresh uint64
			if fresh, fd, err = open(); err == nil {
				if err = unix.Dup3(fd, held[inode], unix.O_CLOEXEC); err == nil {
					held[fresh] = held[inode]
					delete(held, inode)
					err = unix.Close(fd)
				}
			}
			answer = fmt.Sprint(fresh)
		case "give": // pass the socket, keeping it
			err = unix.Sendmsg(mail, []byte{0}, unix.UnixRights(held[inode]), &unix.SockaddrUnix{Name: to}, 0)
		case "take":
			if inode, err = take(mail, held); err == nil {
				answer = fmt.Sprint(inode)
			}
		case "spawn": // a child that inherits the socket and outlives nothing
			cmd := exec.Command("/bin/sleep", "60")
			f := os.NewFile(uintptr(held[inode]), "inherited")
			cmd.ExtraFiles = []*os.File{f}
			if err = cmd.Start(); err == nil {
				children = append(children, cmd)
				answer = fmt.Sprint(cmd.Process.Pid)
			}
			// os.File would close the descriptor when collected.
			if fd, derr := unix.FcntlInt(uintptr(held[inode]), unix.F_DUPFD_CLOEXEC, 3); derr == nil {
				f.Close()
				held[inode] = fd
			}
		case "reap": // end the oldest child
			if len(children) > 0 {
				children[0].Process.Kill()
				children[0].Wait()
				answer = fmt.Sprint(children[0].Process.Pid)
				children = children[1:]
			}
		}
		if err != nil {
			answer = verb + ": " + err.Error()
		}
		fmt.Println(answer)
	}
	for _, c := range children {
		c.Process.Kill()
		c.Wait()
	}
	return nil
}

func take(mail int, held map[uint64]int) (uint64, error) {
	oob := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(mail, make([]byte, 1), oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(msgs) != 1 {
		return 0, fmt.Errorf("no descriptor came: %v", err)
	}
	fds, err := unix.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		return 0, fmt.Errorf("no descriptor came: %v", err)
	}
	inode := inodeOf(fds[0])
	if _, twice := held[inode]; twice {
		return inode, unix.Close(fds[0])
	}
	held[inode] = fds[0]
	return inode, nil
}

func inodeOf(fd int) uint64 {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return 0
	}
	return st.Ino
}
