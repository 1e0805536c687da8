package units

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func opened(t *testing.T, at places) *Manager {
	t.Helper()
	m, err := open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// web is a machine with a web server that a socket starts, and a user with
// programs in a terminal, on the desktop and under a manager of their own.
func web() (*fake, map[int]*fake) {
	system := &fake{
		units: map[string]*fakeUnit{
			"web.service":       {active: "active", restart: "on-failure", triggered: []string{"web.socket", "spare.socket", "web.timer"}, pids: []int32{41, 40}},
			"web.socket":        {active: "active", triggers: []string{"web.service"}, listen: []listen{{"Stream", "/run/web"}, {"Stream", "[::]:8080"}}},
			"spare.socket":      {active: "inactive", triggers: []string{"web.service"}},
			"once.service":      {active: "active", restart: "no", pids: []int32{50}},
			"user@1000.service": {active: "active"},
			"session-3.scope":   {active: "active"},
		},
		byPID: map[uint32]string{40: "web.service", 41: "web.service", 50: "once.service", 60: "session-3.scope",
			70: "user@1000.service", 71: "user@1000.service", 72: "user@1000.service", 80: "user@1001.service"},
	}
	system.units["user@1001.service"] = &fakeUnit{active: "active"}
	user := &fake{
		units: map[string]*fakeUnit{
			"notes.service":                     {active: "active", restart: "always", pids: []int32{70}},
			"app-org.kde.konsole@7b9.service":   {active: "active"},
			"app-gnome-org.gnome.Maps-71.scope": {active: "active"},
			"notes.socket":                      {active: "active", listen: []listen{{"Stream", "127.0.0.1:7777"}}},
		},
		byPID: map[uint32]string{70: "notes.service", 71: "app-org.kde.konsole@7b9.service", 72: "app-gnome-org.gnome.Maps-71.scope"},
	}
	return system, map[int]*fake{1000: user}
}

func TestManager_Of(t *testing.T) {
	system, users := web()
	m := opened(t, machine(t, system, users))
	tests := []struct {
		name string
		pid  int32
		want *Unit
		err  error
	}{
		{"a service with its sockets and processes", 41, &Unit{
			Name: "web.service", Description: "The web.service", Restarts: true, Sockets: []string{"web.socket"}, PIDs: []int32{40, 41}, CanStop: true,
		}, nil},
		{"a service that isn't started again", 50, &Unit{Name: "once.service", Description: "The once.service", PIDs: []int32{50}, CanStop: true}, nil},
		{"a user's own service", 70, &Unit{
			Name: "notes.service", Description: "The notes.service", Restarts: true, PIDs: []int32{70}, CanStop: true, User: true, owner: 1000,
		}, nil},
		{"a login session", 60, nil, ErrNoUnit},
		{"a terminal of the desktop", 71, nil, ErrNoUnit},
		{"a program of the desktop", 72, nil, ErrNoUnit},
		{"a user whose manager doesn't answer is not the service", 80, nil, ErrNoManager},
		{"a process of no unit", 99, nil, ErrNoUnit},
		{"no process", 0, nil, ErrNoUnit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := m.Of(t.Context(), tt.pid)
			if !errors.Is(err, tt.err) || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v\nwant %+v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestManager_ByName(t *testing.T) {
	system, users := web()
	at := machine(t, system, users)
	at.uid = 1000
	m := opened(t, at)
	for _, tt := range []struct {
		name string
		user bool
		err  error
	}{
		{"web.service", false, nil}, {"web.socket", false, nil}, {"notes.service", true, nil},
		{"notes.service", false, ErrNoUnit}, {"absent.service", false, ErrNoUnit},
		{"user@1000.service", false, ErrNoUnit}, {"session-3.scope", false, ErrNoUnit},
	} {
		if u, err := m.ByName(t.Context(), tt.name, tt.user); !errors.Is(err, tt.err) || err == nil && u.Name != tt.name {
			t.Errorf("%s: got %+v, %v; want error %v", tt.name, u, err, tt.err)
		}
	}
}

func TestManager_SocketFor(t *testing.T) {
	system, users := web()
	m := opened(t, machine(t, system, users))
	for _, tt := range []struct {
		name  string
		proto sockets.Proto
		addr  string
		want  string
		user  bool
	}{
		{"a socket of the system", sockets.TCP, "[::]:8080", "web.socket", false},
		{"a socket of a user", sockets.TCP, "127.0.0.1:7777", "notes.socket", true},
		{"another protocol", sockets.UDP, "[::]:8080", "", false},
		{"another address of the port", sockets.TCP, "0.0.0.0:8080", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := m.SocketFor(t.Context(), tt.proto, netip.MustParseAddrPort(tt.addr))
			if tt.want == "" {
				if !errors.Is(err, ErrNoUnit) {
					t.Fatalf("got %+v, %v; want ErrNoUnit", u, err)
				}
				return
			}
			if err != nil || u.Name != tt.want || !u.Listens || u.User != tt.user {
				t.Fatalf("got %+v, %v; want %s", u, err, tt.want)
			}
			if tt.want == "web.socket" && !reflect.DeepEqual(u.PIDs, []int32{40, 41}) {
				t.Errorf("processes %v, want those of its service", u.PIDs)
			}
		})
	}
}

func TestManager_StopsSocketsFirst(t *testing.T) {
	for _, tt := range []struct {
		unit string
		want []string
	}{
		{"web.service", []string{"web.socket replace", "web.service replace"}},
		{"web.socket", []string{"web.socket replace", "web.service replace"}},
		{"once.service", []string{"once.service replace"}},
	} {
		system, users := web()
		m := opened(t, machine(t, system, users))
		u, err := m.ByName(t.Context(), tt.unit, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Stop(t.Context(), u, nil); err != nil {
			t.Errorf("%s: %v", tt.unit, err)
		}
		if got := system.log(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: stopped %q, want %q", tt.unit, got, tt.want)
		}
	}
}

func TestManager_StopOfAUsersUnitAsksTheirManager(t *testing.T) {
	system, users := web()
	m := opened(t, machine(t, system, users))
	u, err := m.Of(t.Context(), 70)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Stop(t.Context(), u, nil); err != nil {
		t.Fatal(err)
	}
	if got := users[1000].log(); !reflect.DeepEqual(got, []string{"notes.service replace"}) || system.log() != nil {
		t.Errorf("the user's manager stopped %q, the system's %q", got, system.log())
	}
}

func TestManager_StopSaysWhatWentWrong(t *testing.T) {
	for _, tt := range []struct {
		name   string
		refuse string
		result string
		want   error
	}{
		{"the user may not", "org.freedesktop.DBus.Error.AccessDenied", "", ErrDenied},
		{"nobody could be asked for a password", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "", ErrDenied},
		{"polkit refuses", "org.freedesktop.PolicyKit1.Error.NotAuthorized", "", ErrDenied},
		{"it is only stopped with another", systemd + ".OnlyByDependency", "", ErrRefused},
		{"the job fails", "", "failed", ErrRefused},
		{"a start took its place", "", "canceled", ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			system, users := web()
			once := system.units["once.service"]
			once.result = tt.result
			if tt.refuse != "" {
				once.refuse = &dbus.Error{Name: tt.refuse, Body: []any{"No."}}
			}
			m := opened(t, machine(t, system, users))
			if err := m.Stop(t.Context(), &Unit{Name: "once.service"}, nil); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestManager_StopTellsWhenItsManagerHasAgreed(t *testing.T) {
	for _, tt := range []struct {
		unit   string
		refuse string // whose stop isn't allowed
		want   []string
	}{
		{"web.service", "", []string{"web.socket replace", "web.service replace"}},
		{"web.socket", "", []string{"web.socket replace", "web.service replace"}},
		{"web.service", "web.service", nil}, // its socket's stop alone is no consent
		{"once.service", "once.service", nil},
	} {
		system, users := web()
		if u := system.units[tt.refuse]; u != nil {
			u.refuse = &dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied", Body: []any{"No."}}
		}
		m := opened(t, machine(t, system, users))
		u, err := m.ByName(t.Context(), tt.unit, false)
		if err != nil {
			t.Fatal(err)
		}
		var at []string
		err = m.Stop(t.Context(), u, func() { at = system.log() })
		if (err == nil) != (tt.refuse == "") || !reflect.DeepEqual(at, tt.want) {
			t.Errorf("%s: agreed after %q, want %q (%v)", tt.unit, at, tt.want, err)
		}
	}
}

func TestManager_StopEndsWithItsContext(t *testing.T) {
	system, users := web()
	system.hang = true
	m := opened(t, machine(t, system, users))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := m.Stop(ctx, &Unit{Name: "once.service"}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestManager_StopOfWhatIsGoneIsDone(t *testing.T) {
	system, users := web()
	m := opened(t, machine(t, system, users))
	if err := m.Stop(t.Context(), &Unit{Name: "absent.service"}, nil); err != nil {
		t.Error(err)
	}
}

func TestOpen_WithoutAManager(t *testing.T) {
	t.Run("systemd isn't in charge", func(t *testing.T) {
		at := machine(t, nil, nil)
		at.booted = filepath.Join(at.booted, "absent")
		began := time.Now()
		if _, err := open(t.Context(), at); !errors.Is(err, ErrNoManager) || time.Since(began) > time.Second {
			t.Errorf("got %v after %v, want ErrNoManager at once", err, time.Since(began))
		}
	})
	t.Run("its sockets are missing", func(t *testing.T) {
		if _, err := open(t.Context(), machine(t, nil, nil)); !errors.Is(err, ErrNoManager) {
			t.Errorf("got %v, want ErrNoManager", err)
		}
	})
	t.Run("it hangs", func(t *testing.T) {
		at := machine(t, nil, nil)
		ln, err := net.Listen("unix", at.bus) // accepts, says nothing
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		began := time.Now()
		if _, err := open(t.Context(), at); !errors.Is(err, ErrNoManager) {
			t.Errorf("got %v, want ErrNoManager", err)
		}
		if took := time.Since(began); took > answerTime+time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
