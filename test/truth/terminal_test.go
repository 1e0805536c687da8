//go:build linux

package truth

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// terminal is a command on a terminal of its own (pty(7)).
type terminal struct {
	t      *testing.T
	master *os.File
	code   chan int
	closed chan struct{} // nothing more will be shown

	mu    sync.Mutex
	shown strings.Builder
}

// onTerminal starts a command on a terminal.
func onTerminal(t *testing.T, p stage.Portlight, args []string, options ...stage.Option) *terminal {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	master := os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	// The request takes the flags to open the other end with as its argument.
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		t.Fatal(errno)
	}
	slave := os.NewFile(peer, "terminal")
	defer slave.Close()
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 100}); err != nil {
		t.Fatal(err)
	}
	cmd := p.Command(t, args, append(options, stage.Env("TERM=xterm", "NO_COLOR=1"))...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	x := &terminal{t: t, master: master, code: make(chan int, 1), closed: make(chan struct{})}
	go func() {
		defer close(x.closed)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			x.mu.Lock()
			x.shown.Write(buf[:n])
			x.mu.Unlock()
			if err != nil { // EIO once the command has closed its end
				return
			}
		}
	}()
	go func() {
		cmd.Wait()
		code := cmd.ProcessState.ExitCode()
		if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			code = 128 + int(s.Signal())
		}
		x.code <- code
	}()
	return x
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shown.String()
}

// await waits until the terminal shows the text.
func (x *terminal) await(text string) {
	x.t.Helper()
	stage.Eventually(x.t, stage.Patience, "the terminal shows "+text, func() (bool, string) {
		return strings.Contains(x.text(), text), x.text()
	})
}

// enter types; "\x03" is Ctrl+C.
func (x *terminal) enter(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the command's end and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	select {
	case code := <-x.code:
		<-x.closed
		return code
	case <-time.After(stage.Patience):
		x.t.Fatalf("the command doesn't end; the terminal shows\n%s", x.text())
		return -1
	}
}
