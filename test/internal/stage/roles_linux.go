package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A role opens its sockets and returns what is held; they stay open until the
// process ends.
type role func(args []string) (*Held, error)

var roles = map[string]role{
	"listen":    listen,
	"udp":       udp,
	"reuseport": reusePort,
	"prefork":   prefork,
	"inherit":   inherit,
	"pass":      pass,
	"receive":   receive,
	"http":      serveHTTP,
	"connect":   connect,
	"churn-udp": churnUDP,
	"churn-tcp": churnTCP,
	"loopback":  loopback,
	"spawn":     spawn,
	"stubborn":  stubborn,
	"respawn":   respawn,
	"reap":      reap,
	"leave":     leave,
}

// spawn EXE ARGS0 ROLE ARG…: starts a child of its own in another role, under
// another name: a link of a chain of ancestors. Several links nest, with ROLE
// "spawn" again.
func spawn(args []string) (*Held, error) {
	cmd := exec.Command(args[0])
	cmd.Args = strings.Fields(args[1])
	cmd.Env = append(os.Environ(), roleVariable+"="+args[2], argsVariable+"="+strings.Join(args[3:], "\x1f"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	kept = append(kept, in, out)
	held := &Held{}
	return held, json.NewDecoder(out).Decode(held)
}

// loopback brings up the loopback interface of the network it runs in
// (netdevice(7)), and ends.
func loopback([]string) (*Held, error) {
	if err := LoopbackUp(); err != nil {
		return nil, err
	}
	os.Exit(0)
	return nil, nil
}

// kept keeps files and listeners reachable: the garbage collector closes a
// descriptor that nobody refers to.
var kept []any

func me(port int) *Held {
	return &Held{Port: uint16(port), PIDs: []int{os.Getpid()}, UID: os.Getuid()}
}

// listen NETWORK ADDRESS: one listening TCP socket.
func listen(args []string) (*Held, error) {
	return alone(args[1], func() (io.Closer, int, error) {
		l, err := net.Listen(args[0], args[1])
		if err != nil {
			return nil, 0, err
		}
		return l, l.Addr().(*net.TCPAddr).Port, nil
	})
}

// udp NETWORK ADDRESS: one bound, unconnected UDP socket.
func udp(args []string) (*Held, error) {
	return alone(args[1], func() (io.Closer, int, error) {
		c, err := net.ListenPacket(args[0], args[1])
		if err != nil {
			return nil, 0, err
		}
		return c, c.LocalAddr().(*net.UDPAddr).Port, nil
	})
}

// alone opens a socket. If the kernel may choose the port, it is one that
// nobody else on the machine holds with another protocol or address: a test
// that knows all rows of its port must not meet a stranger's.
func alone(address string, open func() (io.Closer, int, error)) (*Held, error) {
	for {
		s, port, err := open()
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(address, ":0") && shared(port) {
			kept = append(kept, s) // keeping it makes the kernel choose another
			continue
		}
		for _, k := range kept {
			k.(io.Closer).Close()
		}
		kept = []any{s}
		return me(port), nil
	}
}

// shared reports whether the kernel's tables (proc(5)) hold the port more than
// once.
func shared(port int) bool {
	local, n := fmt.Sprintf(":%04X ", port), 0
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, _ := os.ReadFile("/proc/self/net/" + table)
		for _, line := range strings.Split(string(text), "\n") {
			// "sl local rem st …": the local address is the second field.
			if f := strings.Fields(line); len(f) > 3 && strings.HasSuffix(f[1]+" ", local) && (f[3] == "0A" || f[3] == "07") {
				n++
			}
		}
	}
	return n > 1
}

// reusePort PORT: one of several processes that share a port by SO_REUSEPORT.
func reusePort(args []string) (*Held, error) {
	lc := net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) error {
		var err error
		rc.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return err
	}}
	l, err := lc.Listen(context.Background(), "tcp4", "127.0.0.1:"+args[0])
	if err != nil {
		return nil, err
	}
	kept = append(kept, l)
	return me(l.Addr().(*net.TCPAddr).Port), nil
}

// prefork N: opens a socket and hands it to N workers, as prefork servers do.
func prefork(args []string) (*Held, error) {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	held := me(l.Addr().(*net.TCPAddr).Port)
	kept = append(kept, l, f)
	for range n {
		pid, err := worker("inherit", f)
		if err != nil {
			return nil, err
		}
		held.PIDs = append(held.PIDs, pid)
	}
	return held, nil
}

// inherit: a worker whose socket is descriptor 3.
func inherit([]string) (*Held, error) {
	kept = append(kept, os.NewFile(3, "inherited"))
	return nil, nil
}

// worker starts a child that ends with this process (its stdin is a pipe that
// only we hold) with f as its descriptor 3.
func worker(role string, f *os.File) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.ExtraFiles = []*os.File{f}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	kept = append(kept, stdin)
	return cmd.Process.Pid, nil
}

// pass: opens a socket, passes it to another process over a unix socket
// (SCM_RIGHTS, unix(7)) and closes its own: only the receiver holds it.
func pass([]string) (*Held, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	theirs := os.NewFile(uintptr(pair[1]), "pair")
	pid, err := worker("receive", theirs)
	if err != nil {
		return nil, err
	}
	theirs.Close()
	if err := unix.Sendmsg(pair[0], []byte{1}, unix.UnixRights(int(f.Fd())), nil, 0); err != nil {
		return nil, err
	}
	f.Close()
	l.Close()
	// The receiver answers once the descriptor is its own.
	if _, err := unix.Read(pair[0], make([]byte, 1)); err != nil {
		return nil, err
	}
	return &Held{Port: uint16(l.Addr().(*net.TCPAddr).Port), PIDs: []int{pid}, UID: os.Getuid()}, nil
}

// receive: the other side of pass; the unix socket is descriptor 3.
func receive([]string) (*Held, error) {
	buf, oob := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(3, buf, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return nil, err
	}
	messages, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("%d control messages, %w", len(messages), errors.Join(err))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, err
	}
	kept = append(kept, fds)
	_, err = unix.Write(3, buf)
	return nil, err
}

// http ADDRESS: a web server.
func serveHTTP(args []string) (*Held, error) {
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return nil, err
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
	return me(l.Addr().(*net.TCPAddr).Port), nil
}

// connect ADDRESS: one established connection.
func connect(args []string) (*Held, error) {
	c, err := net.Dial("tcp", args[0])
	if err != nil {
		return nil, err
	}
	kept = append(kept, c)
	return me(c.LocalAddr().(*net.TCPAddr).Port), nil
}

// churnUDP N: N unconnected UDP sockets a second, each open for a moment, as a
// browser's name lookups and QUIC attempts are.
func churnUDP(args []string) (*Held, error) {
	return churn(args, 400*time.Millisecond, func() (interface{ Close() error }, error) {
		return net.ListenPacket("udp", ":0")
	})
}

// churnTCP N: N listeners on ephemeral ports a second, each open for seconds,
// as language servers and debuggers open them.
func churnTCP(args []string) (*Held, error) {
	return churn(args, 3*time.Second, func() (interface{ Close() error }, error) {
		return net.Listen("tcp", "127.0.0.1:0")
	})
}

func churn(args []string, life time.Duration, open func() (interface{ Close() error }, error)) (*Held, error) {
	rate, err := strconv.ParseFloat(args[0], 64)
	if err != nil {
		return nil, err
	}
	go func() {
		for range time.Tick(time.Duration(float64(time.Second) / rate)) {
			if c, err := open(); err == nil {
				time.AfterFunc(life, func() { c.Close() })
			}
		}
	}()
	return me(0), nil
}
