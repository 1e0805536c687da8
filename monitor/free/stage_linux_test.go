package free

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

var bg = context.Background()

// play is one actor on stage, with all it started.
type play struct {
	cmd      *exec.Cmd
	addr     netip.AddrPort // of the listener, if it has one
	children []string       // PIDs
	id       process.Identity
	exits    bool // by itself, at once
	telling  sync.Mutex
	in       *os.File
	out      *bufio.Scanner
	end      func()
	ended    <-chan struct{}
}

type playOption func(*exec.Cmd)

// as gives the actor another name in its arguments.
func as(args ...string) playOption { return func(c *exec.Cmd) { c.Args = args } }

// from runs the actor from a copy of its program.
func from(path string) playOption { return func(c *exec.Cmd) { c.Path = path } }

func stage(t testing.TB, words string, opts ...playOption) *play {
	t.Helper()
	p, err := start(words, opts...)
	if err != nil {
		t.Fatalf("%s: %v", words, err)
	}
	t.Cleanup(p.end)
	return p
}

func start(words string, opts ...playOption) (*play, error) {
	cmd := exec.Command(os.Args[0])
	// Under the race detector every process would sleep a second at its end.
	cmd.Env = append(os.Environ(), asActor+"="+words, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	for _, o := range opts {
		o(cmd)
	}
	// Not the Pipe methods: Wait would close those, and end the children too.
	in, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	read, out, err := os.Pipe()
	if err != nil {
		write.Close()
		return nil, err
	}
	cmd.Stdin, cmd.Stdout = in, out
	err = cmd.Start()
	out.Close()
	if err != nil {
		write.Close()
		read.Close()
		return nil, err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	p := &play{cmd: cmd, ended: ended, exits: strings.HasSuffix(words, "exit"), in: write, out: bufio.NewScanner(read)}
	// Its output stays open: it may have more to say and would end of SIGPIPE.
	p.end = func() { write.Close(); _ = cmd.Process.Kill(); <-ended; read.Close() }
	for p.out.Scan() {
		if rest, ok := strings.CutPrefix(p.out.Text(), "ready"); ok {
			p.children = strings.Fields(rest)
			p.id, _ = process.Identify(int32(cmd.Process.Pid))
			return p, nil
		}
		if a, err := netip.ParseAddrPort(p.out.Text()); err == nil {
			p.addr = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		}
	}
	p.end()
	return nil, io.ErrUnexpectedEOF
}

// tell has a bystander do something. Lanes may do so at once.
func (p *play) tell(format string, args ...any) error {
	p.telling.Lock()
	defer p.telling.Unlock()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return err
	}
	if !p.out.Scan() {
		return io.ErrUnexpectedEOF
	}
	if p.out.Text() != "<nil>" {
		return errors.New(p.out.Text())
	}
	return nil
}

func (p *play) alive() bool {
	id, err := process.Identify(int32(p.cmd.Process.Pid))
	select {
	case <-p.ended:
		return false
	default:
		return err == nil && id == p.id
	}
}

// plan makes a plan for the play's port.
func (p *play) plan(t testing.TB, m Machine) *Plan {
	t.Helper()
	return planFor(t, Aim{Port: p.addr.Port(), Proto: sockets.TCP}, m)
}

func planFor(t testing.TB, a Aim, m Machine) *Plan {
	t.Helper()
	plan, err := Make(t.Context(), a, m)
	if err != nil {
		t.Fatalf("plan for %+v: %v", a, err)
	}
	t.Cleanup(plan.Close)
	return plan
}

// choice finds the plan's choice of that kind.
func choice(t testing.TB, p *Plan, k Kind) int {
	t.Helper()
	i := slices.IndexFunc(p.Choices, func(c Choice) bool { return c.Kind == k })
	if i < 0 {
		t.Fatalf("no choice %q in %+v", k, kinds(p))
	}
	return i
}

func kinds(p *Plan) (k []Kind) {
	for i := range p.Choices {
		k = append(k, p.Choices[i].Kind)
	}
	return k
}

// enact runs a plan and fails on errors.
func enact(t testing.TB, p *Plan, o Order) Final {
	t.Helper()
	f, err := p.Run(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantEnding(t testing.TB, f Final, want Ending) {
	t.Helper()
	if f.Ending != want {
		t.Fatalf("ended as %q (%v), holders %s, alive %v; want %q", f.Ending, f.Err, names(f.Holders), f.Alive, want)
	}
}

// connected is a client of the play's, accepted, until the test ends.
func connected(t testing.TB, addr netip.AddrPort) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// Before it is accepted the kernel would reset it at the server's end.
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return c
}

// copyOf copies the test's program.
func copyOf(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

const shortly = 300 * time.Millisecond // a grace for those who don't take it

func names(hs []monitor.Holder) string {
	var b strings.Builder
	for _, h := range hs {
		fmt.Fprintf(&b, "[%d %q %q, parents", h.PID, h.Name, h.Args)
		for _, a := range h.Parents {
			fmt.Fprintf(&b, " %d %q", a.PID, a.Name)
		}
		b.WriteString("]")
	}
	return b.String()
}
