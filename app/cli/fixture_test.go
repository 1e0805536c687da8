package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// speak sets the language for one test.
func speak(t *testing.T, locale string) {
	t.Helper()
	t.Setenv("LC_ALL", locale)
	t.Setenv("LANGUAGE", "")
	for _, part := range []string{"view", "cli"} {
		text := func(l string) []byte {
			b, err := assets.Translations.ReadFile("translations/" + part + "/" + l + ".json")
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if err := errors.Join(lang.AddTranslationsForLocale(text("en"), "en"),
			lang.AddTranslationsForLocale(text("zh"), "zh-Hans")); err != nil {
			t.Fatal(err)
		}
	}
}

// engine answers from what a test gives it.
type engine struct {
	snapshot *monitor.Snapshot
	stories  []monitor.Story
	updates  []monitor.Update
	err      error
	asked    struct{ connections bool }
	freer
}

func (e *engine) Once(_ context.Context, connections bool) (*monitor.Snapshot, error) {
	e.asked.connections = connections
	return e.snapshot, e.err
}

func (e *engine) Who(s *monitor.Snapshot, port uint16) []monitor.Story {
	var out []monitor.Story
	for _, st := range e.stories {
		if st.Endpoint.Addr.Port() == port {
			out = append(out, st)
		}
	}
	return out
}

// Watch hands over the updates and then waits, as a quiet machine would.
func (e *engine) Watch(ctx context.Context, _ time.Duration, each func(monitor.Update) error) error {
	if e.err != nil {
		return e.err
	}
	for _, u := range e.updates {
		if err := each(u); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command with a terminal of that width; 0 is none.
func run(t *testing.T, e *engine, columns int, args ...string) result {
	t.Helper()
	return runEnv(t, e, columns, map[string]string{"NO_COLOR": "1"}, args...)
}

func runEnv(t *testing.T, e *engine, columns int, vars map[string]string, args ...string) result {
	t.Helper()
	return runTyping(t, t.Context(), e, columns, vars, nil, args...)
}

// runTyping runs a command with somebody at the terminal; nil is nobody.
func runTyping(t *testing.T, ctx context.Context, e *engine, columns int, vars map[string]string, stdin io.Reader, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(ctx, args, Env{Stdin: stdin, Stdout: &out, Stderr: &errs, Engine: e,
		Getenv: func(k string) string { return vars[k] }, Width: func() int { return columns },
		StdinTerminal: stdin != nil, StderrTerminal: columns > 0, Now: func() time.Time { return noon }})
	return result{code, out.String(), errs.String()}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew)\n--- got\n%s--- want\n%s", name, got, want)
	}
}

func proc(pid int32, name, user, project string, args ...string) *process.Process {
	return &process.Process{Identity: process.Identity{PID: pid, Start: uint64(pid)}, Name: name, Exe: "/usr/bin/" + name, Args: args,
		HasUID: true, UID: 1000, User: user, Project: project, Cwd: "/home/" + user + "/" + project, Started: noon.Add(-3 * time.Hour)}
}

func endpoint(proto sockets.Proto, addr string, exposure monitor.Exposure, holders ...*process.Process) monitor.Endpoint {
	ap := netip.MustParseAddrPort(addr)
	e := monitor.Endpoint{Key: monitor.Key{Proto: proto, Addr: ap}, State: sockets.Listen, Owner: monitor.OwnerHidden,
		Exposure: exposure, FirstSeen: noon, HoldersComplete: true,
		Sockets: []sockets.Socket{{Proto: proto, Local: ap, HasUID: true, UID: 0}}}
	if proto == sockets.UDP {
		e.State = sockets.Bound
	}
	for _, p := range holders {
		e.Owner = monitor.OwnerKnown
		e.Holders = append(e.Holders, monitor.Holder{Process: p, VerifiedAt: noon})
	}
	return e
}

// hostile is a name that would clear the screen, end its line and turn what
// follows it around.
const hostile = "evil\x1b[2J\n\u202egnp.exe\xff\u009b31m"

// machine is a developer's, with somebody hostile on it.
func machine() *engine {
	node := proc(4242, "node", "alice", "shop", "node", "--inspect", "server.js", "--config", "config/development.json")
	wide := proc(77, "服务器", "王小明", "商店项目", "服务器", "--端口", "5173", "--目录", "/home/王小明/商店项目/前端/源代码")
	evil := proc(666, hostile, "mallory", hostile, hostile, "-x")
	nginx := endpoint(sockets.TCP, "[::]:80", monitor.ExposureAll)
	nginx.DualStack, nginx.HoldersComplete = sockets.Yes, false
	nginx.Creators = []monitor.Creator{{HasUID: true, User: "root", Unit: "nginx.service"}}
	pg := endpoint(sockets.TCP, "127.0.0.1:5432", monitor.ExposureLoopback, proc(900, "docker-proxy", "root", "", "docker-proxy", "-proto", "tcp"))
	pg.Container = &monitor.Container{ID: "0123456789abcdef", Name: "shop-db-1", Image: "postgres:16", Project: "shop"}
	kernel := endpoint(sockets.UDP, "0.0.0.0:4789", monitor.ExposureAll)
	kernel.Owner = monitor.OwnerKernel
	es := []monitor.Endpoint{nginx, pg, kernel,
		endpoint(sockets.TCP, "127.0.0.1:3000", monitor.ExposureLoopback, node),
		endpoint(sockets.TCP, "0.0.0.0:5173", monitor.ExposureAll, wide),
		endpoint(sockets.TCP, "127.0.0.1:6666", monitor.ExposureLoopback, evil),
		endpoint(sockets.UDP, "[fe80::1234:5678:9abc:def0%wlp0s20f3]:5353", monitor.ExposureNetwork, node, wide, evil),
	}
	slices.SortFunc(es, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	conn := func(local, remote string, st sockets.State, p *process.Process) monitor.Connection {
		c := monitor.Connection{Owner: monitor.OwnerKnown, HoldersComplete: true, Socket: sockets.Socket{Proto: sockets.TCP,
			State: st, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote)}}
		if p != nil {
			c.Holders = []monitor.Holder{{Process: p}}
		} else {
			c.Owner = monitor.OwnerKernel
		}
		return c
	}
	in := conn("127.0.0.1:3000", "127.0.0.1:50000", sockets.Established, node)
	far := conn("10.0.0.7:41000", "93.184.216.34:443", sockets.Established, node)
	s := &monitor.Snapshot{Taken: noon, Endpoints: es, WithConnections: true,
		Connections: []monitor.Connection{in, conn("127.0.0.1:3999", "127.0.0.1:50002", sockets.TimeWait, nil), far}}
	find := func(port uint16) monitor.Endpoint {
		return es[slices.IndexFunc(es, func(e monitor.Endpoint) bool { return e.Addr.Port() == port })]
	}
	firefox := monitor.Holder{Process: proc(31, "firefox", "alice", "")}
	return &engine{snapshot: s, stories: []monitor.Story{
		{Endpoint: find(3000), HasBacklog: true, Backlog: 1, BacklogLimit: 511,
			Origins: []monitor.Origin{{Kind: monitor.OriginTerminal, Name: "tmux", Chain: []process.Ancestor{{Name: "npm"}, {Name: "bash"}, {Name: "tmux"}}}},
			Peers: []monitor.Peer{
				{Connection: in, Local: []monitor.Holder{firefox}, Info: &sockets.Info{BytesReceived: 12345, BytesAcked: 1 << 30, RTT: 40 * time.Microsecond}},
				{Connection: conn("127.0.0.1:3000", "127.0.0.1:50001", sockets.CloseWait, node)}}},
		{Endpoint: find(80)},
		{Endpoint: find(5432), Origins: []monitor.Origin{{Kind: monitor.OriginOrphan, Chain: []process.Ancestor{{Name: "systemd"}}}}},
		{Endpoint: find(4789)},
		{Endpoint: find(6666), Origins: []monitor.Origin{{Kind: monitor.OriginIDE, Name: hostile, Chain: []process.Ancestor{{Name: hostile}}}}},
	}}
}
