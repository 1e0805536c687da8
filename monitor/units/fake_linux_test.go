package units

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// fakeUnit is one unit of the stand-in.
type fakeUnit struct {
	active              string
	restart             string
	triggers, triggered []string
	pids                []int32
	listen              []listen
	// result is how its stop job ends; "" means done.
	result string
	refuse *dbus.Error
}

// fake stands in for a service manager's own socket: as much of its
// documented API (org.freedesktop.systemd1(5)) as is asked of it.
type fake struct {
	units map[string]*fakeUnit
	byPID map[uint32]string
	// hang leaves stop jobs running.
	hang bool

	mu      sync.Mutex
	stopped []string
}

// serve lets the stand-in answer at a path.
func (f *fake) serve(t *testing.T, path string) {
	t.Helper()
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conn, err := f.answer(c)
			if err != nil {
				continue // the client left: a dial that only looked
			}
			t.Cleanup(func() { conn.Close() })
		}
	})
	t.Cleanup(func() { ln.Close(); open.Wait() })
}

func (f *fake) export(conn *dbus.Conn) {
	conn.Export(&fakeManager{f, conn}, managerPath, managerIface)
	for name := range f.units {
		conn.Export(&fakeProps{f, name}, f.path(name), "org.freedesktop.DBus.Properties")
	}
}

func (f *fake) path(name string) dbus.ObjectPath {
	return dbus.ObjectPath("/unit/" + strings.NewReplacer(".", "_", "@", "_", "-", "_").Replace(name))
}

var noUnit = &dbus.Error{Name: systemd + ".NoSuchUnit", Body: []any{"Unit isn't loaded."}}

type fakeManager struct {
	*fake
	conn *dbus.Conn
}

func (m *fakeManager) GetUnitByPID(pid uint32) (dbus.ObjectPath, *dbus.Error) {
	name, ok := m.byPID[pid]
	if !ok {
		return "/", &dbus.Error{Name: systemd + ".NoUnitForPID", Body: []any{"PID belongs to no unit."}}
	}
	return m.path(name), nil
}

func (m *fakeManager) GetUnit(name string) (dbus.ObjectPath, *dbus.Error) {
	if _, ok := m.units[name]; !ok {
		return "/", noUnit
	}
	return m.path(name), nil
}

type fakeProcess struct {
	Cgroup  string
	PID     uint32
	Command string
}

func (m *fakeManager) GetUnitProcesses(name string) ([]fakeProcess, *dbus.Error) {
	var out []fakeProcess
	for _, pid := range m.units[name].pids {
		out = append(out, fakeProcess{"/" + name, uint32(pid), "program"})
	}
	return out, nil
}

type fakeListed struct {
	Name, Description, Load, Active, Sub, Follows string
	Path                                          dbus.ObjectPath
	Job                                           uint32
	JobType                                       string
	JobPath                                       dbus.ObjectPath
}

func (m *fakeManager) ListUnitsByPatterns(_, _ []string) ([]fakeListed, *dbus.Error) {
	var out []fakeListed
	for name, u := range m.units {
		if strings.HasSuffix(name, ".socket") && u.active == "active" {
			out = append(out, fakeListed{Name: name, Path: m.path(name), JobPath: "/"})
		}
	}
	return out, nil
}

func (m *fakeManager) Subscribe() *dbus.Error { return nil }

func (m *fakeManager) KillUnit(string, string, int32) *dbus.Error { return nil }

func (m *fakeManager) StopUnit(name, mode string) (dbus.ObjectPath, *dbus.Error) {
	u, ok := m.units[name]
	if !ok {
		return "/", noUnit
	}
	if u.refuse != nil {
		return "/", u.refuse
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = append(m.stopped, name+" "+mode)
	job := dbus.ObjectPath(fmt.Sprintf("/job/%d", len(m.stopped)))
	if !m.hang {
		result := u.result
		if result == "" {
			result = "done"
		}
		// Somebody else's job ends first; and the signal may overtake the reply.
		m.conn.Emit(managerPath, managerIface+".JobRemoved", uint32(9), dbus.ObjectPath("/job/9"), "other.service", "failed")
		m.conn.Emit(managerPath, managerIface+".JobRemoved", uint32(1), job, name, result)
	}
	return job, nil
}

func (f *fake) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.stopped)
}

type fakeProps struct {
	*fake
	name string
}

func (p *fakeProps) props() map[string]dbus.Variant {
	u := p.units[p.name]
	return map[string]dbus.Variant{
		"Id": dbus.MakeVariant(p.name), "Description": dbus.MakeVariant("The " + p.name), "CanStop": dbus.MakeVariant(true),
		"ActiveState": dbus.MakeVariant(u.active), "Restart": dbus.MakeVariant(u.restart),
		"Triggers": dbus.MakeVariant(u.triggers), "TriggeredBy": dbus.MakeVariant(u.triggered),
		"Listen": dbus.MakeVariant(u.listen),
	}
}

func (p *fakeProps) Get(_, name string) (dbus.Variant, *dbus.Error) { return p.props()[name], nil }

func (p *fakeProps) GetAll(string) (map[string]dbus.Variant, *dbus.Error) { return p.props(), nil }

// answer is the serving side of a connection. The library only knows the
// client's part of the greeting (D-Bus specification, Authentication
// Protocol), so the two ends are greeted apart.
func (f *fake) answer(c net.Conn) (*dbus.Conn, error) {
	in := bufio.NewReader(c)
	for _, answer := range []string{"REJECTED EXTERNAL\r\n", "OK 0123456789abcdef0123456789abcdef\r\n", ""} {
		if _, err := in.ReadString('\n'); err != nil {
			c.Close()
			return nil, err
		}
		if _, err := io.WriteString(c, answer); err != nil {
			c.Close()
			return nil, err
		}
	}
	// The client's first message may be in the buffer already.
	conn, err := dbus.NewConn(&greeted{Conn: c, in: in, script: strings.NewReader("REJECTED EXTERNAL\r\nOK 00\r\n")})
	if err != nil {
		return nil, err
	}
	f.export(conn)
	return conn, conn.Auth([]dbus.Auth{dbus.AuthExternal("0")})
}

// greeted plays the peer's part of the greeting, then is the connection.
type greeted struct {
	net.Conn
	in     *bufio.Reader
	script *strings.Reader
	began  bool
}

func (g *greeted) Read(b []byte) (int, error) {
	if n, err := g.script.Read(b); err == nil {
		return n, nil
	}
	return g.in.Read(b)
}

func (g *greeted) Write(b []byte) (int, error) {
	if !g.began {
		g.began = strings.HasSuffix(string(b), "BEGIN\r\n")
		return len(b), nil
	}
	return g.Conn.Write(b)
}

// machine is a place with a running systemd, which the test's managers serve.
func machine(t *testing.T, system *fake, users map[int]*fake) places {
	t.Helper()
	// A Unix socket's path has room for 107 bytes, which a test's own name can fill.
	dir, err := os.MkdirTemp("", "units")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := places{booted: dir, private: filepath.Join(dir, "private"), bus: filepath.Join(dir, "no-bus"), user: filepath.Join(dir, "user"), root: true}
	if system != nil {
		system.serve(t, at.private)
	}
	for uid, f := range users {
		folder := filepath.Join(at.user, fmt.Sprint(uid), "systemd")
		mkdir(t, folder)
		f.serve(t, filepath.Join(folder, "private"))
	}
	return at
}
