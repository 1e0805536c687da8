//go:build linux

package truth

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	gopsutil "github.com/shirou/gopsutil/v3/net"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// freePort returns a port that nobody holds.
func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func TestExitCodes(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	held, free := fmt.Sprint(c.Port), fmt.Sprint(freePort(t))
	for _, tc := range []struct {
		what string
		args []string
		code int
	}{
		{"something listed", []string{"list"}, 0},
		{"a held port listed", []string{"list", held}, 0},
		{"nothing listed", []string{"list", free}, 2},
		{"nothing listed, as JSON", []string{"list", "--json", free}, 2},
		{"the holder of a held port", []string{"who", held}, 0},
		{"the holder of a held port, as JSON", []string{"who", "--json", held}, 0},
		{"the holder of a free port", []string{"who", free}, 2},
		{"help", []string{"--help"}, 0},
		{"the version", []string{"--version"}, 0},
		{"an unknown command", []string{"lsit"}, 1},
		{"an unknown flag", []string{"list", "--nonsense"}, 1},
		{"a bad filter", []string{"list", "proto:sctp"}, 1},
		{"an impossible port in a filter", []string{"list", "70000"}, 1},
		{"port 0", []string{"who", "0"}, 1},
		{"port 70000", []string{"who", "70000"}, 1},
		{"port abc", []string{"who", "abc"}, 1},
		{"no port", []string{"who"}, 1},
		{"an interval of zero", []string{"watch", "--interval", "0"}, 1},
	} {
		for _, locale := range []string{"C", "C.UTF-8", "zh_CN.UTF-8"} {
			t.Run(tc.what+" in "+locale, func(t *testing.T) {
				r := p.Run(t, tc.args, stage.Env("LANG="+locale))
				if r.Code != tc.code {
					t.Errorf("%q: exit %d, want %d\n%s%s", tc.args, r.Code, tc.code, r.Stdout, r.Stderr)
				}
				errorLines := strings.Count(r.Stderr, "\n")
				switch {
				case tc.code == 1 && (errorLines != 1 || !strings.HasSuffix(r.Stderr, "\n")):
					t.Errorf("%q: want one clear line on stderr, got %q", tc.args, r.Stderr)
				case tc.code == 1 && r.Stdout != "":
					t.Errorf("%q: wrote to stdout: %q", tc.args, r.Stdout)
				case tc.code == 0 && r.Stderr != "":
					t.Errorf("%q: chatter on stderr: %q", tc.args, r.Stderr)
				}
			})
		}
	}
}

func TestJSONOfNothingIsStillADocument(t *testing.T) {
	r := stage.Build(t).Run(t, []string{"list", "--json", fmt.Sprint(freePort(t))})
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Stdout), &doc); err != nil {
		t.Fatalf("%v in %q", err, r.Stdout)
	}
	if string(doc["endpoints"]) != "[]" {
		t.Errorf("endpoints is %s, want []", doc["endpoints"])
	}
}

func TestWhoNamesTheHolderInItsFirstLine(t *testing.T) {
	p := stage.Build(t)
	exe := stage.OpenDir(t) + "/storefront"
	stage.CopySelf(t, exe)
	c := stage.Start(t, "http", []string{"127.0.0.1:0"}, stage.Executable(exe))
	stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", c.Port)})
	r := p.Run(t, []string{"who", fmt.Sprint(c.Port)})
	first, _, _ := strings.Cut(r.Stdout, "\n")
	if !strings.Contains(first, "storefront") || !strings.Contains(first, fmt.Sprint(c.PID)) {
		t.Errorf("the first line %q should name storefront and %d\n%s", first, c.PID, r.Stdout)
	}
}

func TestWhoNamesThePeersOnThisMachine(t *testing.T) {
	p := stage.Build(t)
	client := stage.OpenDir(t) + "/webclient"
	stage.CopySelf(t, client)
	for _, listens := range []string{"127.0.0.1:0", "[::]:0"} { // the second sees its peer as ::ffff:127.0.0.1
		t.Run(listens, func(t *testing.T) {
			if listens == "[::]:0" {
				needIPv6(t)
			}
			c := stage.Start(t, "http", []string{listens})
			peer := stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", c.Port)}, stage.Executable(client))
			r := p.Run(t, []string{"who", fmt.Sprint(c.Port)})
			if !strings.Contains(r.Stdout, "webclient") || !strings.Contains(r.Stdout, fmt.Sprint(peer.PID)) {
				t.Errorf("webclient (%d) is connected and not named:\n%s", peer.PID, r.Stdout)
			}
		})
	}
}

func TestCSVIsReadByAProgram(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	r := p.Run(t, []string{"list", "--csv", fmt.Sprint(c.Port)})
	records, err := csv.NewReader(strings.NewReader(r.Stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 {
		t.Fatalf("want a header and one row, got %q", records)
	}
	if !strings.Contains(strings.Join(records[1], "|"), fmt.Sprint("|", c.Port, "|")) {
		t.Errorf("no cell is the port %d: %q", c.Port, records[1])
	}
}

// `portlight list | head -1` must end quietly: no complaint, no stack trace.
func TestAReaderThatLeavesEarlyIsNoError(t *testing.T) {
	p := stage.Build(t)
	stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	for _, args := range [][]string{{"list"}, {"list", "--json"}} {
		cmd := p.Command(t, args)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = w
		var complaint strings.Builder
		cmd.Stderr = &complaint
		r.Close()
		if err := cmd.Run(); err != nil {
			if status, ok := err.(*exec.ExitError).Sys().(syscall.WaitStatus); !ok || !(status.Signaled() && status.Signal() == syscall.SIGPIPE) {
				t.Errorf("%q: %v", args, err)
			}
		}
		w.Close()
		if complaint.Len() > 0 {
			t.Errorf("%q: complains: %s", args, complaint.String())
		}
	}
}

func TestWatchTellsWhatOpensAndCloses(t *testing.T) {
	p := stage.Build(t)
	cmd := p.Command(t, []string{"watch", "--json", "--interval", "200ms"})
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	type event struct {
		Time     time.Time `json:"time"`
		Kind     string    `json:"kind"`
		Endpoint stage.Row `json:"endpoint"`
	}
	events := make(chan event, 1000)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Errorf("%v in %q", err, lines.Text())
			}
			events <- e
		}
		io.Copy(io.Discard, out)
	}()
	await := func(kind string, port uint16) event {
		deadline := time.After(stage.Patience)
		for {
			select {
			case e, open := <-events:
				if !open {
					t.Fatalf("watch ended: %s", complaint.String())
				}
				if e.Kind == kind && e.Endpoint.Port == int(port) {
					return e
				}
			case <-deadline:
				t.Fatalf("no %s of port %d within %v", kind, port, stage.Patience)
			}
		}
	}
	// Watch says nothing of what was there before its baseline, and nothing of
	// the baseline: another listener is opened until one is told of. Others'
	// ports come and go meanwhile.
	for told := false; !told; {
		c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
		for patience := time.After(2 * time.Second); !told && patience != nil; {
			select {
			case e, open := <-events:
				if !open {
					t.Fatalf("watch ended: %s", complaint.String())
				}
				told = e.Kind == "opened" && e.Endpoint.Port == int(c.Port)
			case <-patience:
				patience = nil
			}
		}
	}
	d := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	if e := await("opened", d.Port); len(e.Endpoint.Holders) != 1 || e.Endpoint.Holders[0].PID != d.PID {
		t.Errorf("opened without its holder %d: %+v", d.PID, e)
	}
	d.Kill()
	await("closed", d.Port)

	cmd.Process.Signal(os.Interrupt)
	for range events { // to the end of its output, before Wait closes the pipe
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v, want exit 0\n%s", err, complaint.String())
	}
	if complaint.Len() > 0 {
		t.Errorf("chatter on stderr: %s", complaint.String())
	}
}

// Two readings of a changing machine differ; what gopsutil sees both before
// and after ours must be in ours.
func TestWhatGopsutilSeesIsIncluded(t *testing.T) {
	p := stage.Build(t)
	for _, s := range []string{"127.0.0.1:0", "[::]:0"} {
		stage.Start(t, "listen", []string{"tcp", s})
		stage.Start(t, "udp", []string{"udp", s})
	}
	type key struct {
		proto, address string
		port, pid      int
	}
	read := func() map[key]bool {
		seen := map[key]bool{}
		for _, kind := range []string{"tcp", "udp"} {
			sockets, err := gopsutil.Connections(kind)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range sockets {
				if kind == "tcp" && s.Status == "LISTEN" || kind == "udp" && s.Raddr.Port == 0 {
					seen[key{kind, s.Laddr.IP, int(s.Laddr.Port), int(s.Pid)}] = true
				}
			}
		}
		return seen
	}
	before := read()
	ours := map[key]bool{}
	for _, r := range p.List(t, nil).Endpoints {
		address, _, _ := strings.Cut(r.Address, "%") // gopsutil knows no zones
		ours[key{r.Proto, address, r.Port, 0}] = true
		for _, h := range r.Holders {
			ours[key{r.Proto, address, r.Port, h.PID}] = true
		}
	}
	after, compared := read(), 0
	for k := range before {
		if !after[k] {
			continue
		}
		compared++
		if !ours[k] {
			t.Errorf("gopsutil sees %+v, we don't", k)
		}
	}
	if compared < 4 {
		t.Errorf("only %d sockets compared, at least the four staged ones were to be", compared)
	}
}
