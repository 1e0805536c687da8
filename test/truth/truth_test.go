//go:build linux

// Package truth checks the built command line against scenes whose truth is
// known: every row it prints about a staged port, and nothing but those.
package truth

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestMain(m *testing.M) {
	stage.Main()
	fmt.Printf("running as uid %d\n", os.Getuid())
	os.Exit(m.Run())
}

// want is the truth of one row. The holders are compared as a set.
type want struct {
	proto, address, exposure, state string
	family                          int
	holders                         []int
	dualStack                       string // "yes", "no", "" for not said
	owner                           string
}

func loopback4(pids ...int) want {
	return want{proto: "tcp", address: "127.0.0.1", family: 4, exposure: "loopback", state: "listen", owner: "known", holders: pids}
}

func TestListTellsTheTruthOf(t *testing.T) {
	p := stage.Build(t)
	scenes := []struct {
		name  string
		scene func(t *testing.T) (port uint16, rows []want)
	}{
		{"a plain listener", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
			return c.Port, []want{loopback4(c.PID)}
		}},
		{"a listener on every address of IPv4", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "listen", []string{"tcp4", "0.0.0.0:0"})
			w := loopback4(c.PID)
			w.address, w.exposure = "0.0.0.0", "all"
			return c.Port, []want{w}
		}},
		{"a prefork server: three processes, one socket", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "prefork", []string{"2"})
			if len(c.PIDs) != 3 {
				t.Fatalf("staged %v, want 3 processes", c.PIDs)
			}
			return c.Port, []want{loopback4(c.PIDs...)}
		}},
		{"an SO_REUSEPORT pair: two sockets, one row", func(t *testing.T) (uint16, []want) {
			a := stage.Start(t, "reuseport", []string{"0"})
			b := stage.Start(t, "reuseport", []string{fmt.Sprint(a.Port)})
			return a.Port, []want{loopback4(a.PID, b.PID)}
		}},
		{"a socket passed to another process", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "pass", nil)
			if slices.Contains(c.PIDs, c.PID) {
				t.Fatal("the sender must not hold the socket any more")
			}
			return c.Port, []want{loopback4(c.PIDs...)}
		}},
		{"an IPv6 listener that serves IPv4 as well", func(t *testing.T) (uint16, []want) {
			needIPv6(t)
			c := stage.Start(t, "listen", []string{"tcp", "[::]:0"})
			return c.Port, []want{{proto: "tcp", address: "::", family: 6, exposure: "all", state: "listen",
				owner: "known", holders: []int{c.PID}, dualStack: "yes"}}
		}},
		{"two programs on one port, split by family", func(t *testing.T) (uint16, []want) {
			needIPv6(t)
			a := stage.Start(t, "listen", []string{"tcp6", "[::]:0"})
			b := stage.Start(t, "listen", []string{"tcp4", fmt.Sprintf("127.0.0.1:%d", a.Port)})
			return a.Port, []want{loopback4(b.PID), {proto: "tcp", address: "::", family: 6, exposure: "all",
				state: "listen", owner: "known", holders: []int{a.PID}, dualStack: "no"}}
		}},
		{"a bound UDP socket", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "udp", []string{"udp4", "127.0.0.1:0"})
			w := loopback4(c.PID)
			w.proto, w.state = "udp", "bound"
			return c.Port, []want{w}
		}},
		{"TCP and UDP on one port number", func(t *testing.T) (uint16, []want) {
			a := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
			b := stage.Start(t, "udp", []string{"udp4", fmt.Sprintf("127.0.0.1:%d", a.Port)})
			u := loopback4(b.PID)
			u.proto, u.state = "udp", "bound"
			return a.Port, []want{loopback4(a.PID), u}
		}},
		{"a server with connections: they are no endpoints", func(t *testing.T) (uint16, []want) {
			c := stage.Start(t, "http", []string{"127.0.0.1:0"})
			stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", c.Port)})
			return c.Port, []want{loopback4(c.PID)}
		}},
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			port, wanted := s.scene(t)
			check(t, p.List(t, nil), port, wanted)
			// The same through the filter: nothing else may come.
			report := p.List(t, []string{fmt.Sprint(port)})
			check(t, report, port, wanted)
			if extra := len(report.Endpoints) - len(wanted); extra != 0 {
				t.Errorf("list %d printed %d rows of other ports", port, extra)
			}
		})
	}
}

// check compares all rows at the port with the truth.
func check(t *testing.T, report stage.Report, port uint16, wanted []want) {
	t.Helper()
	var got []string
	for _, r := range report.On(port) {
		got = append(got, describe(r))
		if all := everyProcessReadable(); r.HoldersComplete != all {
			t.Errorf("port %d: holders_complete is %v, but that every process can be read is %v", port, r.HoldersComplete, all)
		}
	}
	var should []string
	for _, w := range wanted {
		slices.Sort(w.holders)
		should = append(should, fmt.Sprintf("%s %s %d %s %s %s dual_stack=%s uid=%d holders=%v",
			w.proto, w.address, w.family, w.state, w.exposure, w.owner, w.dualStack, os.Getuid(), w.holders))
	}
	slices.Sort(got)
	slices.Sort(should)
	if !slices.Equal(got, should) {
		t.Errorf("port %d\n got  %s\n want %s", port, strings.Join(got, "\n      "), strings.Join(should, "\n      "))
	}
}

// everyProcessReadable tells whether this user may see the descriptors of all
// processes. Not even root may where PID 1 has more capabilities.
func everyProcessReadable() bool {
	folders, _ := filepath.Glob("/proc/[0-9]*/fd")
	for _, f := range folders {
		entries, err := os.ReadDir(f)
		if errors.Is(err, fs.ErrPermission) {
			return false
		}
		for _, e := range entries {
			if _, err := os.Readlink(filepath.Join(f, e.Name())); errors.Is(err, fs.ErrPermission) {
				return false
			}
		}
	}
	return true
}

func describe(r stage.Row) string {
	var pids []int
	for _, h := range r.Holders {
		pids = append(pids, h.PID)
	}
	slices.Sort(pids)
	dual := ""
	// IPv4 sockets have no such property; "no" and nothing are both right.
	if r.DualStack != nil && r.Family == 6 {
		dual = map[bool]string{true: "yes", false: "no"}[*r.DualStack]
	}
	uid := -1
	if r.UID != nil {
		uid = *r.UID
	}
	return fmt.Sprintf("%s %s %d %s %s %s dual_stack=%s uid=%d holders=%v",
		r.Proto, r.Address, r.Family, r.State, r.Exposure, r.Owner, dual, uid, pids)
}

func TestAConnectionIsListedWithItsOtherEndUnderAll(t *testing.T) {
	p := stage.Build(t)
	server := stage.Start(t, "http", []string{"127.0.0.1:0"})
	client := stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", server.Port)})
	find := func(local, remote uint16) *stage.Row {
		for _, r := range p.List(t, []string{"--all"}).On(local) {
			if r.RemotePort == int(remote) {
				return &r
			}
		}
		return nil
	}
	for _, side := range []struct {
		name          string
		local, remote uint16
		pid           int
	}{
		{"the server's", server.Port, client.Port, server.PID},
		{"the client's", client.Port, server.Port, client.PID},
	} {
		r := find(side.local, side.remote)
		if r == nil {
			t.Errorf("%s side is not listed", side.name)
			continue
		}
		if r.State != "established" || r.RemoteAddress != "127.0.0.1" || len(r.Holders) != 1 || r.Holders[0].PID != side.pid {
			t.Errorf("%s side: %+v, want established to 127.0.0.1 held by %d alone", side.name, *r, side.pid)
		}
	}
}

func TestFactsOfAHolder(t *testing.T) {
	p := stage.Build(t)
	project := filepath.Join(stage.OpenDir(t), "shop")
	work := filepath.Join(project, "backend")
	exe := filepath.Join(project, "webshop")
	for _, dir := range []string{project, filepath.Join(project, ".git"), work} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	stage.CopySelf(t, exe)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe), stage.In(work))

	rows := p.List(t, nil).On(c.Port)
	if len(rows) != 1 || len(rows[0].Holders) != 1 {
		t.Fatalf("rows of port %d: %+v", c.Port, rows)
	}
	h := rows[0].Holders[0]
	for _, fact := range []struct{ name, got, want string }{
		{"name", h.Name, "webshop"}, {"exe", h.Exe, exe}, {"cwd", h.Cwd, work}, {"project", h.Project, "shop"},
		{"cmdline", h.Cmdline, exe + " tcp4 127.0.0.1:0"}, {"project_dir", h.ProjectDir, project},
	} {
		if fact.got != fact.want {
			t.Errorf("%s is %q, want %q", fact.name, fact.got, fact.want)
		}
	}
	if h.User == "" || h.User != rows[0].User {
		t.Errorf("user of the holder %q and of the row %q should be one name", h.User, rows[0].User)
	}
}

func TestAHostileNameReachesNoTerminal(t *testing.T) {
	p := stage.Build(t)
	name := "a\x1b]0;owned\x07\x1b[2J\n$(id)\u202e;'\"名"
	exe := filepath.Join(stage.OpenDir(t), name)
	stage.CopySelf(t, exe)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe))

	if rows := p.List(t, nil).On(c.Port); len(rows) != 1 || len(rows[0].Holders) != 1 || rows[0].Holders[0].Exe != exe {
		t.Errorf("JSON has to carry the name as it is: %+v", rows)
	}
	for _, args := range [][]string{{"list", fmt.Sprint(c.Port)}, {"who", fmt.Sprint(c.Port)}, {"list", "--csv", fmt.Sprint(c.Port)}} {
		r := p.Run(t, args)
		for _, bad := range []string{"\x1b", "\x07", "\u202e"} {
			if bad == "\u202e" && args[1] == "--csv" {
				continue // for programs: text that only turns the direction of writing is kept
			}
			if strings.Contains(r.Stdout+r.Stderr, bad) {
				t.Errorf("%q writes %+q to the terminal:\n%+q", args, bad, r.Stdout)
			}
		}
		if r.Code != 0 {
			t.Errorf("%q: exit %d %s", args, r.Code, r.Stderr)
		}
	}
	if got := strings.Count(strings.TrimSpace(p.Run(t, []string{"list", fmt.Sprint(c.Port)}).Stdout), "\n"); got != 1 {
		t.Errorf("the table of one port has %d line ends inside, want 1 (header, row)", got)
	}
}

func TestADeletedExecutableStillHasItsName(t *testing.T) {
	p := stage.Build(t)
	exe := filepath.Join(stage.OpenDir(t), "rebuilt")
	stage.CopySelf(t, exe)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe))
	if err := os.Remove(exe); err != nil {
		t.Fatal(err)
	}
	rows := p.List(t, nil).On(c.Port)
	if len(rows) != 1 || len(rows[0].Holders) != 1 {
		t.Fatalf("rows of port %d: %+v", c.Port, rows)
	}
	if h := rows[0].Holders[0]; h.Name != "rebuilt" || h.Exe != exe || !h.ExeDeleted {
		t.Errorf("name %q, exe %q, deleted %v: want rebuilt, %q without the kernel's decoration, true", h.Name, h.Exe, h.ExeDeleted, exe)
	}
}

// nobody is a uid that owns nothing else on the machine.
const nobody, somebody = 47001, 47002

func TestAnotherUsersListener(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start a process of another user")
	}
	p := stage.Build(t)
	exe := filepath.Join(stage.OpenDir(t), "theirs")
	stage.CopySelf(t, exe)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe), stage.As(nobody, nobody))

	t.Run("root sees its holder", func(t *testing.T) {
		rows := p.List(t, nil).On(c.Port)
		if len(rows) != 1 || rows[0].Owner != "known" || len(rows[0].Holders) != 1 || rows[0].Holders[0].PID != c.PID {
			t.Errorf("got %+v, want held by %d", rows, c.PID)
		}
	})
	t.Run("its own user sees its holder", func(t *testing.T) {
		rows := p.List(t, nil, stage.As(nobody, nobody)).On(c.Port)
		if len(rows) != 1 || rows[0].Owner != "known" || len(rows[0].Holders) != 1 || rows[0].Holders[0].PID != c.PID {
			t.Errorf("got %+v, want held by %d", rows, c.PID)
		}
	})
	t.Run("a third user sees the row, its uid, and that the holder is hidden", func(t *testing.T) {
		rows := p.List(t, nil, stage.As(somebody, somebody)).On(c.Port)
		if len(rows) != 1 || rows[0].Owner != "hidden" || rows[0].HoldersComplete || rows[0].UID == nil || *rows[0].UID != nobody {
			t.Errorf("got %+v, want hidden, incomplete, uid %d", rows, nobody)
		}
		for _, r := range rows {
			if len(r.Holders) != 0 {
				t.Errorf("an owner was guessed: %+v", r.Holders)
			}
		}
	})
}

func needIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	l.Close()
}
