package units

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// answerTime bounds a question to a service manager. Stopping is no question:
// it takes as long as the unit does.
const answerTime = 2 * time.Second

// Names of systemd's D-Bus API (org.freedesktop.systemd1(5)).
const (
	systemd       = "org.freedesktop.systemd1"
	managerPath   = dbus.ObjectPath("/org/freedesktop/systemd1")
	managerIface  = systemd + ".Manager"
	unitIface     = systemd + ".Unit"
	serviceIface  = systemd + ".Service"
	socketIface   = systemd + ".Socket"
	getProperty   = "org.freedesktop.DBus.Properties.Get"
	getProperties = "org.freedesktop.DBus.Properties.GetAll"
)

// places is where service managers are found.
type places struct {
	// booted exists if systemd is this machine's init (sd_booted(3)).
	booted string
	// private is the manager's own socket, for root alone and there even
	// without a message bus; bus is everybody's.
	private, bus string
	// user holds a folder for each user who is logged in.
	user string
	root bool
	uid  int
}

func systemPlaces() places {
	p := places{
		booted: "/run/systemd/system", private: "/run/systemd/private",
		bus: "/run/dbus/system_bus_socket", user: "/run/user",
		root: os.Geteuid() == 0, uid: os.Getuid(),
	}
	if at, ok := strings.CutPrefix(os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"), "unix:path="); ok && !strings.ContainsAny(at, ",;%") {
		p.bus = at
	}
	return p
}

// Manager asks the system's service manager and, about what belongs to them,
// those of users. Every question makes a connection of its own, so a Manager
// needs no closing and may be used by several goroutines.
type Manager struct{ at places }

// Open finds the service manager. It answers ErrNoManager at once where
// systemd isn't in charge, after two seconds where it hangs.
func Open(ctx context.Context) (*Manager, error) { return open(ctx, systemPlaces()) }

func open(ctx context.Context, at places) (*Manager, error) {
	if _, err := os.Stat(at.booted); err != nil {
		return nil, fmt.Errorf("%w: systemd doesn't run here", ErrNoManager)
	}
	m := &Manager{at}
	c, err := m.system(ctx)
	if err != nil {
		return nil, err
	}
	c.Close()
	return m, nil
}

// conn is a connection to one manager.
type conn struct {
	*dbus.Conn
	bus   bool // between us and the manager is a message bus
	user  bool
	owner int
}

// system connects to the system's manager.
func (m *Manager) system(ctx context.Context) (*conn, error) {
	if m.at.root {
		if c, err := dial(ctx, m.at.private, false); err == nil {
			return &conn{Conn: c}, nil
		}
	}
	c, err := dial(ctx, m.at.bus, true)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, bus: true}, nil
}

// userOf connects to a user's manager. It lets its user and root in.
func (m *Manager) userOf(ctx context.Context, uid int) (*conn, error) {
	c, err := dial(ctx, filepath.Join(m.at.user, strconv.Itoa(uid), "systemd/private"), false)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, user: true, owner: uid}, nil
}

// of connects to the manager a unit belongs to.
func (m *Manager) of(ctx context.Context, u *Unit) (*conn, error) {
	if u.User {
		return m.userOf(ctx, u.owner)
	}
	return m.system(ctx)
}

// users lists the users whose managers we may ask: ourselves, as root everybody.
func (m *Manager) users() []int {
	if !m.at.root {
		return []int{m.at.uid}
	}
	var uids []int
	entries, _ := os.ReadDir(m.at.user) // none: nobody is logged in
	for _, e := range entries {
		if uid, err := strconv.Atoi(e.Name()); err == nil {
			uids = append(uids, uid)
		}
	}
	return uids
}

// dial connects to a socket that speaks D-Bus, a bus or a manager itself.
func dial(ctx context.Context, path string, bus bool) (*dbus.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var d net.Dialer
	raw, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	end, _ := ctx.Deadline()
	raw.SetDeadline(end)
	stop := context.AfterFunc(ctx, func() { raw.SetDeadline(time.Now()) })
	c, err := dbus.NewConn(raw)
	if err != nil {
		stop()
		raw.Close()
		return nil, fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	err = c.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Geteuid()))})
	switch {
	case err != nil:
	case bus:
		err = c.Hello()
	default:
		err = rouse(ctx, c)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%w: %s: %w", ErrNoManager, path, err)
	}
	raw.SetDeadline(time.Time{})
	return c, nil
}

// rouse makes sure that a manager hears the first message on its own socket.
// It reads the end of the greeting through a buffer of 256 bytes and waits for
// more to come then, though the buffer may hold a whole message already: that
// one would lie there for ever (bus_socket_read_auth in systemd's
// src/libsystemd/sd-bus/bus-socket.c; seen with 252). One that is longer than
// the buffer always leaves something to come. What it asks doesn't matter.
func rouse(ctx context.Context, c *dbus.Conn) error {
	call := c.Object(systemd, managerPath).CallWithContext(ctx, getProperty, 0, managerIface, strings.Repeat("x", 256))
	var e dbus.Error
	if errors.As(call.Err, &e) {
		return nil // an answer
	}
	return call.Err
}

// ask makes a call that is answered at once.
func (c *conn) ask(ctx context.Context, at dbus.ObjectPath, method string, out any, args ...any) error {
	quick, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := c.Object(systemd, at).CallWithContext(quick, method, 0, args...).Store(out)
	if err != nil && ctx.Err() == nil && quick.Err() != nil {
		return fmt.Errorf("%w within %v", ErrNoManager, answerTime)
	}
	return meaning(err)
}

// property reads one property.
func property[T any](ctx context.Context, c *conn, at dbus.ObjectPath, iface, name string) (value T, err error) {
	var v dbus.Variant
	if err := c.ask(ctx, at, getProperty, &v, iface, name); err != nil {
		return value, err
	}
	return valueOf[T](v), nil
}

// valueOf is the variant's value, or nothing where it is of another type: no
// version of systemd can make us fail that way.
func valueOf[T any](v dbus.Variant) (value T) {
	if v.Store(&value) != nil {
		var none T
		return none
	}
	return value
}

// meaning gives an error of D-Bus the meaning it has here
// (sd-bus-errors(3), bus-common-errors.h of systemd).
func meaning(err error) error {
	var e dbus.Error
	if !errors.As(err, &e) {
		var p *dbus.Error
		if !errors.As(err, &p) || p == nil {
			if errors.Is(err, dbus.ErrClosed) {
				return fmt.Errorf("%w: %w", ErrNoManager, err)
			}
			return err
		}
		e = *p
	}
	const standard = "org.freedesktop.DBus.Error."
	kind := err
	switch name := e.Name; {
	case name == standard+"AccessDenied", name == standard+"AuthFailed", name == standard+"InteractiveAuthorizationRequired",
		strings.HasPrefix(name, "org.freedesktop.PolicyKit"):
		kind = ErrDenied
	case name == systemd+".NoSuchUnit", name == systemd+".NoUnitForPID", name == systemd+".LoadFailed",
		name == standard+"UnknownObject", name == standard+"UnixProcessIdUnknown":
		kind = ErrNoUnit
	case name == systemd+".OnlyByDependency", name == systemd+".UnitMasked", name == systemd+".ShuttingDown",
		name == systemd+".TransactionIsDestructive", name == systemd+".JobTypeNotApplicable":
		kind = ErrRefused
	case name == standard+"ServiceUnknown", name == standard+"NameHasNoOwner", name == standard+"NoReply",
		name == standard+"Disconnected", name == standard+"Timeout", strings.HasPrefix(name, standard+"Spawn."):
		kind = ErrNoManager
	default:
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return fmt.Errorf("%w: %s", kind, e.Error())
}
