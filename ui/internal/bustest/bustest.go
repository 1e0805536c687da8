// Package bustest gives a test a D-Bus of its own. Only tests import it.
package bustest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// config is a bus without activation: names exist only while a test owns them.
const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Daemon is a private bus on a fixed socket: it can be stopped and started
// again at the same address.
type Daemon struct {
	t       testing.TB
	conf    string
	Address string
	cmd     *exec.Cmd
}

// New starts a bus and makes it the test's session bus. It skips the test where
// dbus-daemon isn't installed.
func New(t testing.TB) *Daemon {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("no dbus-daemon here (package dbus): nothing was tested over a real bus")
	}
	// Not t.TempDir: names of tests make paths longer than a socket's may be.
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "bus")
	d := &Daemon{t: t, conf: filepath.Join(dir, "conf"), Address: "unix:path=" + socket}
	if err := os.WriteFile(d.conf, []byte(strings.Replace(config, "SOCKET", socket, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if setter, ok := t.(interface{ Setenv(k, v string) }); ok {
		setter.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address)
	}
	d.Start()
	t.Cleanup(d.Stop)
	return d
}

// Start starts the daemon and waits until it listens.
func (d *Daemon) Start() {
	d.t.Helper()
	d.cmd = exec.Command("dbus-daemon", "--config-file="+d.conf, "--nofork", "--print-address")
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		d.t.Fatalf("dbus-daemon said nothing: %v", err)
	}
}

// Stop ends the daemon; its clients lose their connections.
func (d *Daemon) Stop() {
	if d.cmd != nil {
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
		d.cmd = nil
	}
}

// Process is the daemon's, to be halted and continued.
func (d *Daemon) Process() *os.Process { return d.cmd.Process }

// Connect returns a connection for a stand-in of a test, closed at its end.
func (d *Daemon) Connect() *dbus.Conn {
	d.t.Helper()
	conn, err := dbus.Connect(d.Address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Own makes the connection own a name.
func (d *Daemon) Own(conn *dbus.Conn, name string) {
	d.t.Helper()
	reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatalf("own %s: %v, %v", name, reply, err)
	}
}
