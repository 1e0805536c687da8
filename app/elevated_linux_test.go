package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

const listenEnv = "PORTLIGHT_ELEVATED_LISTEN"

// Started again by its tests, this binary listens, deaf to SIGTERM if asked.
func init() {
	how := os.Getenv(listenEnv)
	if how == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	if how == "deaf" {
		signal.Notify(asked, syscall.SIGTERM)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString(ln.Addr().String() + "\n")
	go func() {
		for range asked {
			os.Stdout.WriteString("asked to end\n")
		}
	}()
	io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(ln) // the garbage collector would close it
	os.Exit(0)
}

// listener starts one and returns the request to end it.
func listener(t *testing.T, how string) (*exec.Cmd, elevate.Request) {
	cmd, r, _ := talker(t, how)
	return cmd, r
}

// talker is a listener, and what it has to say: a line whenever a deaf one is
// asked to end.
func talker(t *testing.T, how string) (*exec.Cmd, elevate.Request, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), listenEnv+"="+how, "GORACE=atexit_sleep_ms=0")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Not the Pipe method: Wait would close it while it is being read.
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(read)
	addr, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go cmd.Wait() // a zombie holds nothing, but looks odd
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); read.Close() })
	id, err := process.Identify(int32(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return cmd, elevate.Request{
		PID: id.PID, Start: id.Start, Boot: id.Boot, Proto: "tcp", Addr: netip.MustParseAddrPort(strings.TrimSpace(addr)), Grace: 5 * time.Second,
	}, out
}

// serveVerb runs the hidden command as the program's main does.
func serveVerb(t *testing.T, in io.Reader, args []string) (elevate.Result, int, string) {
	t.Helper()
	var out, complaints bytes.Buffer
	code := elevatedKill(t.Context(), args, in, &out, &complaints)
	var res elevate.Result
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &res); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("it printed %q: %v", out.String(), err)
		}
	}
	return res, code, complaints.String()
}

func mustBeBindable(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	ln, err := net.Listen("tcp", addr.String())
	if err != nil {
		t.Errorf("the port isn't free: %v", err)
		return
	}
	ln.Close()
}

func TestElevated_FreesTheEndpointFromTheProcess(t *testing.T) {
	for _, how := range []string{"polite", "deaf"} {
		t.Run(how, func(t *testing.T) {
			_, r := listener(t, how)
			r.Grace = 300 * time.Millisecond
			res, code, said := serveVerb(t, nil, r.Args()[1:])
			if res.Ending != "freed" || code != res.Code() || res.Forced != (how == "deaf") {
				t.Fatalf("got %+v, exit %d, %s", res, code, said)
			}
			mustBeBindable(t, r.Addr)
		})
	}
}

func TestElevated_FindsAHolderThatOnlyTheSocketNames(t *testing.T) {
	cmd, r := listener(t, "polite")
	s, err := monitor.Once(t.Context(), monitor.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.Endpoint(monitor.Key{Proto: sockets.TCP, Addr: r.Addr})
	if !ok {
		t.Fatal("the listener isn't seen")
	}
	r.PID, r.Start, r.Socket = 0, 0, uint64(e.Sockets[0].Handle)+1
	if res, _, said := serveVerb(t, nil, r.Args()[1:]); res.Ending != "not_held" {
		t.Fatalf("another socket: got %+v, %s", res, said)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("it was ended: %v", err)
	}
	r.Socket--
	if res, _, said := serveVerb(t, nil, r.Args()[1:]); res.Ending != "freed" {
		t.Fatalf("got %+v, %s", res, said)
	}
	mustBeBindable(t, r.Addr)
}

func TestElevated_LeavesEverybodyElseAlone(t *testing.T) {
	cmd, r := listener(t, "polite")
	other, _ := listener(t, "polite")
	id, err := process.Identify(int32(other.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*elevate.Request)
	}{
		{"a PID that was given to another", func(r *elevate.Request) { r.Start++ }},
		{"another boot", func(r *elevate.Request) { r.Boot[0]++ }},
		{"a process that doesn't hold it", func(r *elevate.Request) { r.PID, r.Start = id.PID, id.Start }},
		{"a process that has ended", func(r *elevate.Request) { r.PID = 1 << 29 }},
		{"another port", func(r *elevate.Request) { r.Addr = netip.MustParseAddrPort("127.0.0.1:1") }},
		{"another protocol", func(r *elevate.Request) { r.Proto = "udp" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := r
			tt.change(&r)
			if res, code, said := serveVerb(t, nil, r.Args()[1:]); res.Ending != "not_held" || code != res.Code() {
				t.Errorf("got %+v, exit %d, %s", res, code, said)
			}
		})
	}
	if _, code, said := serveVerb(t, nil, append(r.Args()[1:], "--tree")); code != exitError || !strings.Contains(said, "--tree") {
		t.Errorf("a wrong flag: exit %d, %q", code, said)
	}
	for _, c := range []*exec.Cmd{cmd, other} {
		if err := c.Process.Signal(syscall.Signal(0)); err != nil {
			t.Errorf("process %d was ended: %v", c.Process.Pid, err)
		}
	}
}

func TestElevated_IsTakenBackByTheEndOfItsInput(t *testing.T) {
	cmd, r, says := talker(t, "deaf")
	r.Grace = elevate.MaxGrace
	in, end := io.Pipe()
	var taken time.Time
	go func() {
		_, _ = says.ReadString('\n') // an error is found by the outcome
		taken = time.Now()
		end.Close()
	}()
	res, _, said := serveVerb(t, in, append(r.Args()[1:], "--while-stdin"))
	if res.Ending != "taken_back" || res.Forced || len(res.Alive) != 1 {
		t.Errorf("got %+v, %s", res, said)
	}
	if took := time.Since(taken); took > r.Grace/2 {
		t.Errorf("it took %v", took)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it was forced: %v", err)
	}
}

func TestElevated_TakenBackBeforeItBegins(t *testing.T) {
	cmd, r := listener(t, "polite")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if res := carryOut(ctx, r); res.Ending != "taken_back" || res.Error != "" {
		t.Errorf("got %+v", res)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it was asked to end: %v", err)
	}
}

func TestElevated_NeverEndsItself(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	id, err := process.Self()
	if err != nil {
		t.Fatal(err)
	}
	r := elevate.Request{PID: id.PID, Start: id.Start, Boot: id.Boot, Proto: "tcp", Addr: netip.MustParseAddrPort(ln.Addr().String()), Grace: time.Second}
	if res, code, said := serveVerb(t, nil, r.Args()[1:]); res.Blocked != "protected" || res.Protection != "self" || code != res.Code() {
		t.Errorf("got %+v, exit %d, %s", res, code, said)
	}
}
