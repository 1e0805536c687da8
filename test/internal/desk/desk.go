//go:build linux

// Package desk sets up a desktop made of real parts on a display of its own:
// Xvfb, a session bus, the openbox window manager, xfce4-panel as the host of
// tray icons, and xfce4-notifyd for notifications. A test works it as a person
// would, with keys and the mouse, and looks at the same pixels.
package desk

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// Width and Height are the display's size in pixels: room for a window of
// 1280×800 beside the panel.
const Width, Height = 1440, 900

// PanelHeight is the height of the panel along the lower edge.
const PanelHeight = 32

// Desktop is one running session.
type Desktop struct {
	t    testing.TB
	dir  string
	cred *syscall.Credential
	env  []string

	// Bus is the test's own connection to the session bus.
	Bus     *dbus.Conn
	address string
	out     string
	clicked time.Time // when the mouse was clicked last
}

// Options choose the parts.
type Options struct {
	// NoTrayHost leaves the panel out, as a desktop without tray icons does.
	NoTrayHost bool
	// User runs everything as that uid and gid instead of the test's own.
	User *syscall.Credential
}

// Start starts a session that ends with the test.
func Start(t testing.TB, o Options) *Desktop {
	t.Helper()
	d := &Desktop{t: t, dir: stage.OpenDir(t), cred: o.User}
	for _, sub := range []string{"run", "config", "home"} {
		d.mkdir(sub)
	}
	d.writePanelConfig()
	d.env = append(cleanEnv(),
		"HOME="+d.dir+"/home", "XDG_RUNTIME_DIR="+d.dir+"/run", "XDG_CONFIG_HOME="+d.dir+"/config",
		"XDG_CACHE_HOME="+d.dir+"/home/.cache", "XDG_DATA_HOME="+d.dir+"/home/.local/share",
		"LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1", "GTK_A11Y=none", "XDG_CURRENT_DESKTOP=XFCE", "XDG_SESSION_TYPE=x11")
	d.chown()
	d.startDisplay()
	d.startBus()
	d.startPart("openbox", "--sm-disable")
	if !o.NoTrayHost {
		d.startPart("xfce4-panel", "--disable-wm-check")
		stage.Eventually(t, stage.Patience, "the panel hosts tray icons", func() (bool, string) {
			return d.trayHost(), "no StatusNotifierHost on the bus"
		})
	}
	// Activated by its name, as on a desktop.
	var caps []string
	if err := d.Bus.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").
		Call("org.freedesktop.Notifications.GetCapabilities", 0).Store(&caps); err != nil {
		t.Fatalf("the notification service doesn't answer: %v", err)
	}
	return d
}

// trayHost reports whether somebody shows tray icons.
func (d *Desktop) trayHost() bool {
	v, err := d.Bus.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").
		GetProperty("org.kde.StatusNotifierWatcher.IsStatusNotifierHostRegistered")
	host, _ := v.Value().(bool)
	return err == nil && host
}

// cleanEnv is this process's environment without what ties it to the session
// or the language of the person who runs the test.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, "XDG_"), strings.HasPrefix(name, "LC_"), strings.HasPrefix(name, "DBUS_"),
			strings.HasPrefix(name, "FYNE_"), strings.HasPrefix(name, "GTK_"),
			name == "LANG", name == "LANGUAGE", name == "DISPLAY", name == "WAYLAND_DISPLAY", name == "HOME", name == "NO_COLOR":
		default:
			env = append(env, kv)
		}
	}
	return append(env, "LANG=C.UTF-8")
}

func (d *Desktop) mkdir(sub string) string {
	path := filepath.Join(d.dir, sub)
	if err := os.MkdirAll(path, 0o700); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// chown gives the session's folder to the user it runs as.
func (d *Desktop) chown() {
	if d.cred == nil {
		return
	}
	filepath.Walk(d.dir, func(path string, _ os.FileInfo, _ error) error {
		return os.Chown(path, int(d.cred.Uid), int(d.cred.Gid))
	})
}

// Home is the session's home folder.
func (d *Desktop) Home() string { return filepath.Join(d.dir, "home") }

// Command prepares a program inside the session.
func (d *Desktop) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append([]string(nil), d.env...)
	cmd.Dir = filepath.Join(d.dir, "home")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: d.cred, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Run runs a program inside the session to its end and returns what it wrote.
func (d *Desktop) Run(name string, args ...string) string {
	d.t.Helper()
	out, err := d.Try(name, args...)
	if err != nil {
		d.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return out
}

// Try is Run for programs that may fail.
func (d *Desktop) Try(name string, args ...string) (string, error) {
	out, err := d.Command(name, args...).CombinedOutput()
	return string(out), err
}

// startPart starts a program that runs as long as the session.
func (d *Desktop) startPart(name string, args ...string) {
	d.t.Helper()
	cmd := d.Command(name, args...)
	log := d.log(name)
	cmd.Stdout, cmd.Stderr = log, log
	d.keep(cmd, name)
}

// log opens the file that takes a part's chatter.
func (d *Desktop) log(name string) *os.File {
	f, err := os.Create(filepath.Join(d.dir, filepath.Base(name)+".log"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if d.t.Failed() {
			if text, err := os.ReadFile(f.Name()); err == nil && len(text) > 0 {
				d.t.Logf("%s said:\n%s", name, text)
			}
		}
		f.Close()
	})
	return f
}

// keep starts the command and ends it with the test.
func (d *Desktop) keep(cmd *exec.Cmd, name string) {
	d.t.Helper()
	if err := cmd.Start(); err != nil {
		d.t.Fatalf("start %s: %v", name, err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	d.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(3 * time.Second):
			cmd.Process.Kill()
			<-done
		}
	})
}

// startDisplay starts Xvfb on the first free display number, which it tells
// once it accepts clients.
func (d *Desktop) startDisplay() {
	d.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := d.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", Width, Height), "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	log := d.log("Xvfb")
	cmd.Stdout, cmd.Stderr = log, log
	d.keep(cmd, "Xvfb")
	w.Close()
	r.SetReadDeadline(time.Now().Add(stage.Patience))
	number, err := io.ReadAll(r)
	if err != nil || len(number) == 0 {
		d.t.Fatalf("Xvfb told no display: %v", err)
	}
	d.env = append(d.env, "DISPLAY=:"+strings.TrimSpace(string(number)))
}

// startBus starts a session bus; it comes after the display, because what it
// activates needs one.
func (d *Desktop) startBus() {
	d.t.Helper()
	d.address = "unix:path=" + d.dir + "/run/bus"
	cmd := d.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--address="+d.address)
	log := d.log("dbus-daemon")
	cmd.Stdout, cmd.Stderr = log, log
	d.keep(cmd, "dbus-daemon")
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+d.address)
	stage.Eventually(d.t, stage.Patience, "the session bus answers", func() (bool, string) {
		var err error
		d.Bus, err = d.dial()
		return err == nil, fmt.Sprint(err)
	})
	d.t.Cleanup(func() { d.Bus.Close() })
}

// dial opens one more connection to the bus, as the session's user: a session
// bus lets nobody else in, not even root.
func (d *Desktop) dial() (conn *dbus.Conn, err error) {
	if d.cred == nil {
		return dbus.Connect(d.address)
	}
	// The kernel tells the bus who called connect(2), so this one thread is
	// that user for the moment.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	keep := ^uintptr(0)
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, keep, uintptr(d.cred.Uid), keep); errno != 0 {
		return nil, errno
	}
	defer syscall.RawSyscall(syscall.SYS_SETRESUID, keep, 0, keep)
	return dbus.Connect(d.address, dbus.WithAuth(dbus.AuthExternal(fmt.Sprint(d.cred.Uid))))
}

func (d *Desktop) writePanelConfig() {
	dir := d.mkdir("config/xfce4/xfconf/xfce-perchannel-xml")
	xml := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=%d;y=%d"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="%d"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
`, Width/2, Height-PanelHeight/2, PanelHeight)
	if err := os.WriteFile(filepath.Join(dir, "xfce4-panel.xml"), []byte(xml), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// WriteConfig writes a file below the session's configuration folder.
func (d *Desktop) WriteConfig(name, text string) {
	d.t.Helper()
	path := filepath.Join(d.dir, "config", name)
	d.mkdir(filepath.Dir(filepath.Join("config", name)))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.chown()
}
