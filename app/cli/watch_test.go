package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// changes are a baseline and what happened after it to the machine.
func changes(e *engine) []monitor.Update {
	s := e.snapshot
	opened, closing := &s.Endpoints[slices.IndexFunc(s.Endpoints, port(3000))], &s.Endpoints[slices.IndexFunc(s.Endpoints, port(5432))]
	other := endpoint(sockets.TCP, "127.0.0.1:3000", monitor.ExposureLoopback, proc(4300, "node", "alice", "shop", "node", "server.js"))
	at := noon.Add(5 * time.Second)
	return []monitor.Update{
		{Snapshot: s, Baseline: true},
		{Snapshot: s, Changes: []monitor.Change{
			{Kind: monitor.Opened, Key: opened.Key, After: opened, At: at},
			{Kind: monitor.Closed, Key: closing.Key, Before: closing, At: at.Add(time.Second)},
		}},
		{Snapshot: s, Changes: []monitor.Change{
			{Kind: monitor.HolderChanged, Key: opened.Key, Before: opened, After: &other, At: at.Add(2 * time.Second)},
			{Kind: monitor.Updated, Key: opened.Key, Before: opened, After: opened, At: at.Add(3 * time.Second)},
		}},
	}
}

func port(n uint16) func(monitor.Endpoint) bool {
	return func(e monitor.Endpoint) bool { return e.Addr.Port() == n }
}

// writes remembers every write by itself: a line must not wait for another.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

// watchFor runs a watch, interrupts it once the machine is quiet, and returns
// what it wrote.
func watchFor(t *testing.T, columns int, args ...string) (out writes) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := machine()
		e.updates = changes(e)
		ctx, interrupt := context.WithCancel(t.Context())
		var errs strings.Builder
		code := make(chan int)
		go func() {
			code <- Run(ctx, append([]string{"watch"}, args...), Env{Stdout: &out, Stderr: &errs, Engine: e,
				Getenv: func(string) string { return "" }, Width: func() int { return columns }, Now: func() time.Time { return noon }})
		}()
		synctest.Wait()
		interrupt()
		if c := <-code; c != ExitDone || errs.Len() > 0 {
			t.Errorf("watch %q interrupted: exit %d, %q", args, c, errs.String())
		}
	})
	return out
}

func TestWatch_printsALineForEveryChangeAtOnce(t *testing.T) {
	speak(t, "en_US.UTF-8")
	got := watchFor(t, 0)
	want := writes{
		"12:00:05  opened      tcp 127.0.0.1:3000  node (4242)  shop  node --inspect server.js --config config/development.json\n",
		"12:00:06  closed      tcp 127.0.0.1:5432  docker-proxy (900)  shop  docker-proxy -proto tcp\n",
		"12:00:07  new holder  tcp 127.0.0.1:3000  node (4242) → node (4300)  shop  node server.js\n",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, ""), strings.Join(want, ""))
	}
}

func TestWatch_filters(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for filter, want := range map[string]int{"3000": 2, "5432": 1, "-node": 1, "pid:4300": 1, "9": 0, "proto:udp": 0} {
		if got := watchFor(t, 0, filter); len(got) != want {
			t.Errorf("watch %s printed %d lines, want %d: %q", filter, len(got), want, got)
		}
	}
}

func TestWatch_asJSONIsAnObjectALine(t *testing.T) {
	speak(t, "zh_CN.UTF-8")
	var kinds []string
	for _, line := range watchFor(t, 0, "--json") {
		var e struct {
			Time     time.Time
			Kind     string
			Endpoint struct {
				Port    int
				Holders []struct{ PID int }
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.HasSuffix(line, "}\n") || strings.Count(line, "\n") != 1 {
			t.Fatalf("%v in %q", err, line)
		}
		kinds = append(kinds, e.Kind)
	}
	if want := []string{"opened", "closed", "holder_changed", "updated"}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %q, want %q: the baseline is no event", kinds, want)
	}
}

func TestWatch_keepsToTheTerminalsWidth(t *testing.T) {
	speak(t, "zh_CN.UTF-8")
	for _, line := range watchFor(t, 60) {
		plain := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "", "\n", "").Replace(line)
		if w := width(plain); w > 60 || plain == strings.TrimSuffix(line, "\n") {
			t.Errorf("%d columns or no colour: %q", w, line)
		}
	}
}
