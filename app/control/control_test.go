package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asInstance makes the test binary play an instance: it says on its standard
// output what it became, and serves until its input ends.
const asInstance = "PORTLIGHT_TEST_INSTANCE"

func TestMain(m *testing.M) {
	if mode := os.Getenv(asInstance); mode != "" {
		instance(mode)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func instance(mode string) {
	server, client, err := Acquire(context.Background())
	switch {
	case err != nil:
		fmt.Println("error:", err)
	case client != nil:
		_, err := client.Do(context.Background(), Raise)
		fmt.Println("client:", err)
	default:
		if mode != "hung" {
			server.Serve(Handlers{Raise: func(context.Context) (any, error) { fmt.Println("raised"); return nil, nil }})
		}
		fmt.Println("server")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		server.Close()
	}
}

// process is one instance in a process of its own.
type process struct {
	cmd *exec.Cmd
	in  interface{ Close() error }
	out *bufio.Scanner
}

func start(t *testing.T, dir, mode string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asInstance+"="+mode, "XDG_RUNTIME_DIR="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &process{cmd, in, bufio.NewScanner(out)}
}

func (p *process) line() string { p.out.Scan(); return p.out.Text() }

// shortDir is a folder whose path leaves room for a socket's name: 107 bytes
// on Linux, 103 on macOS.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestAcquire_TheSecondProcessRaisesTheFirst(t *testing.T) {
	dir := shortDir(t)
	first := start(t, dir, "serve")
	if got := first.line(); got != "server" {
		t.Fatalf("first became %q", got)
	}
	if got := start(t, dir, "serve").line(); got != "client: <nil>" {
		t.Errorf("second became %q", got)
	}
	if got := first.line(); got != "raised" {
		t.Errorf("first said %q", got)
	}
	first.in.Close()
	_ = first.cmd.Wait()
	if got := start(t, dir, "serve").line(); got != "server" {
		t.Errorf("after the first ended, the next became %q", got)
	}
}

func TestAcquire_TakesOverWhatACrashLeft(t *testing.T) {
	dir := shortDir(t)
	first := start(t, dir, "serve")
	if got := first.line(); got != "server" {
		t.Fatalf("first became %q", got)
	}
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.cmd.Wait()
	if _, err := os.Stat(filepath.Join(dir, "portlight", "control.sock")); err != nil {
		t.Fatalf("the crash left no socket, so this test says nothing: %v", err)
	}
	if got := start(t, dir, "serve").line(); got != "server" {
		t.Errorf("after the crash, the next became %q", got)
	}
}

func TestAcquire_OfManySimultaneousStartsOneWins(t *testing.T) {
	dir := shortDir(t)
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "stale")})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	if err := os.Mkdir(filepath.Join(dir, "portlight"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "stale"), filepath.Join(dir, "portlight", "control.sock")); err != nil {
		t.Fatal(err)
	}
	const starts = 8
	var wg sync.WaitGroup
	said := make([]string, starts)
	for i := range starts {
		p := start(t, dir, "serve")
		wg.Go(func() {
			for said[i] = p.line(); said[i] == "raised"; { // before it came to say what it is
				said[i] = p.line()
			}
		})
	}
	wg.Wait()
	servers := 0
	for _, s := range said {
		switch s {
		case "server":
			servers++
		case "client: <nil>":
		default:
			t.Errorf("one start said %q", s)
		}
	}
	if servers != 1 {
		t.Errorf("%d instances, want 1: %q", servers, said)
	}
}

func TestAcquire_SaysThatAHungInstanceDoesNotAnswer(t *testing.T) {
	dir := shortDir(t)
	first := start(t, dir, "hung")
	if got := first.line(); got != "server" {
		t.Fatalf("first became %q", got)
	}
	began := time.Now()
	if got := start(t, dir, "serve").line(); !strings.Contains(got, ErrNoAnswer.Error()) {
		t.Errorf("second said %q", got)
	}
	if took := time.Since(began); took < Patience || took > 2*Patience {
		t.Errorf("it took %v, want %v and a little", took, Patience)
	}
}

func TestServer_AnswersPolitely(t *testing.T) {
	p := place{shortDir(t)}
	server, _, err := acquire(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	server.Serve(Handlers{
		State: func(context.Context) (any, error) { return map[string]int{"rows": 3}, nil },
		Raise: func(context.Context) (any, error) { return nil, errors.New("no window") },
	})
	for name, c := range map[string]struct{ line, want string }{
		"a message with data":          {`{"portlight":1,"message":"state"}`, `{"portlight":1,"ok":true,"data":{"rows":3}}`},
		"a handler's error":            {`{"portlight":1,"message":"raise"}`, `{"portlight":1,"ok":false,"error":"no window"}`},
		"an unknown message":           {`{"portlight":1,"message":"x"}`, `{"portlight":1,"ok":false,"code":"unknown_message","error":"unknown message \"x\""}`},
		"another version":              {`{"portlight":2,"message":"raise"}`, `{"portlight":1,"ok":false,"error":"request is of version 2, this Portlight speaks 1"}`},
		"no JSON at all":               {`GET / HTTP/1.0`, `{"portlight":1,"ok":false,"error":"not a request: one line of JSON is expected"}`},
		"a field from a later release": {`{"portlight":1,"message":"state","more":1}`, `{"portlight":1,"ok":true,"data":{"rows":3}}`},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := p.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintln(conn, c.line)
			got, err := bufio.NewReader(conn).ReadString('\n')
			if strings.TrimSpace(got) != c.want {
				t.Errorf("got %s (%v)\nwant %s", got, err, c.want)
			}
		})
	}
	client := &Client{p}
	if _, err := client.Do(t.Context(), "later"); !errors.Is(err, ErrUnknownMessage) {
		t.Errorf("Do: %v, want ErrUnknownMessage", err)
	}
}

func TestServer_IsNotHeldUpByAClientThatSaysNothing(t *testing.T) {
	p := place{shortDir(t)}
	server, _, err := acquire(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(Handlers{Raise: func(context.Context) (any, error) { return nil, nil }})
	silent, err := p.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := (&Client{p}).Do(t.Context(), Raise); err != nil {
		t.Error(err)
	}
	began := time.Now()
	server.Close()
	if took := time.Since(began); took > Patience/2 {
		t.Errorf("Close took %v", took)
	}
}

func TestClient_SaysThatNobodyRuns(t *testing.T) {
	if _, err := (&Client{place{shortDir(t)}}).Do(t.Context(), Raise); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Do: %v, want ErrNotRunning", err)
	}
}
