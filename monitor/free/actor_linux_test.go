package free

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// asActor makes the test binary play a part: its words are what it does, in
// that order.
//
//	reuseport, plain   the socket's options: with SO_REUSEPORT; without SO_REUSEADDR
//	listen ADDR        listens, and greets whom it accepts
//	udp ADDR           binds
//	inherited          takes the listener from descriptor 3
//	stubborn           ignores SIGTERM
//	draining           lets its port go at SIGTERM and lives on
//	children N WORDS   starts N children that get its listener and play the
//	                   same part as WORDS, with _ for spaces
//	apart              its children don't get its listener
//	again              starts a child anew whenever one ends
//	tidy               ends its children at SIGTERM, then itself
//	exit               ends at once, leaving its children
//	bystander          does what its standard input says, see bystand
//
// It says the listener's address, then the PIDs of its children, and ends with
// its standard input, which its children share: no actor outlives its test.
const asActor = "PORTLIGHT_TEST_ACTOR"

func TestMain(m *testing.M) {
	if words, ok := os.LookupEnv(asActor); ok {
		act(strings.Fields(words))
		return
	}
	if len(os.Getenv(asJudge)) > 0 {
		judge()
		return
	}
	goleak.VerifyTestMain(m)
}

type actor struct {
	reuse, share bool
	listener     net.Listener
	udp          net.PacketConn // kept, or the garbage collector would close it
	file         *os.File
	words        []string // of the children
	children     []*exec.Cmd
	ended        chan *exec.Cmd
	again, tidy  bool
	draining     bool
}

func act(words []string) {
	a := &actor{reuse: true, ended: make(chan *exec.Cmd, 64)}
	next := func() string {
		if len(words) == 0 {
			return ""
		}
		w := words[0]
		words = words[1:]
		return w
	}
	count, exit := 0, false
	for len(words) > 0 {
		switch w := next(); w {
		case "reuseport":
			a.share = true
		case "plain":
			a.reuse = false
		case "listen":
			a.listen(next())
		case "udp":
			c, err := net.ListenPacket("udp", next())
			must(err)
			a.udp = c
			fmt.Println(c.LocalAddr())
		case "inherited":
			l, err := net.FileListener(os.NewFile(3, "listener"))
			must(err)
			a.listener = l
			go a.accept()
		case "stubborn":
			signal.Ignore(syscall.SIGTERM)
		case "draining":
			a.draining = true
		case "children":
			fmt.Sscan(next(), &count)
			a.words = strings.Split(next(), "_")
		case "again":
			a.again = true
		case "tidy":
			a.tidy = true
		case "exit":
			exit = true
		case "apart":
			a.file.Close()
			a.file = nil
		case "bystander":
			bystand()
			return
		default:
			must(fmt.Errorf("unknown word %q", w))
		}
	}
	terms := make(chan os.Signal, 1)
	if a.tidy || a.draining {
		signal.Notify(terms, syscall.SIGTERM)
	}
	for range count {
		a.spawn()
	}
	var pids []string
	for _, c := range a.children {
		pids = append(pids, fmt.Sprint(c.Process.Pid))
	}
	fmt.Println("ready", strings.Join(pids, " "))
	if exit {
		os.Exit(0)
	}
	end := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(end)
	}()
	for {
		select {
		case <-end:
			os.Exit(0)
		case <-terms:
			if a.draining {
				a.listener.Close()
				a.file.Close() // the same socket
				continue
			}
			for _, c := range a.children {
				_ = c.Process.Kill()
			}
			os.Exit(0)
		case c := <-a.ended:
			a.children = slices.DeleteFunc(a.children, func(o *exec.Cmd) bool { return o == c })
			if a.again {
				a.spawn()
			}
		}
	}
}

func (a *actor) listen(addr string) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			if a.share {
				must(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
			}
			if !a.reuse { // net sets it before
				must(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0))
			}
		})
	}}
	network := "tcp"
	if strings.HasPrefix(addr, "0.0.0.0") {
		network = "tcp4"
	}
	var err error
	for range 100 { // one that was started again may be early
		if a.listener, err = lc.Listen(bg, network, addr); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	must(err)
	if a.file, err = a.listener.(*net.TCPListener).File(); err != nil {
		must(err)
	}
	go a.accept()
	fmt.Println(a.listener.Addr())
}

// accept keeps what it accepts, so that the connections end with the process.
func (a *actor) accept() {
	var kept []net.Conn
	for {
		c, err := a.listener.Accept()
		if err != nil {
			return
		}
		kept = append(kept, c)
		_, _ = c.Write([]byte("."))
	}
}

func (a *actor) spawn() {
	c := exec.Command("/proc/self/exe")
	c.Args = []string{"worker"}
	c.Env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, asActor) }),
		asActor+"="+strings.Join(a.words, " "))
	c.Stdin, c.Stderr = os.Stdin, os.Stderr
	if a.file != nil {
		c.ExtraFiles = []*os.File{a.file}
	}
	out, err := c.StdoutPipe()
	must(err)
	must(c.Start())
	a.children = append(a.children, c)
	for sc := bufio.NewScanner(out); sc.Scan() && !strings.HasPrefix(sc.Text(), "ready"); {
		if a.listener == nil {
			fmt.Println(sc.Text()) // its address, for who only starts others
		}
	}
	go func() { _ = c.Wait(); a.ended <- c }()
}

// bystand does for several what each asks of it by its name: listens ("NAME
// listen ADDR") and dials ("NAME dial FROM TO", where FROM may be "any") until
// the next "NAME drop". It answers each with a line.
func bystand() {
	open := make(map[string][]io.Closer)
	fmt.Println("ready")
	for sc := bufio.NewScanner(os.Stdin); sc.Scan(); {
		var name, verb, from, to string
		_, _ = fmt.Sscan(sc.Text(), &name, &verb, &from, &to)
		var c io.Closer
		var err error
		switch verb {
		case "listen":
			c, err = net.Listen("tcp", from)
		case "dial":
			var d net.Dialer
			if from != "any" {
				d.LocalAddr = net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))
			}
			d.Timeout = 5 * time.Second
			c, err = d.Dial("tcp", to)
		case "drop":
			for _, o := range open[name] {
				o.Close()
			}
			delete(open, name)
		}
		if err == nil && c != nil {
			open[name] = append(open[name], c)
		}
		fmt.Println(err)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "actor:", err)
		os.Exit(1)
	}
}
