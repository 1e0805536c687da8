//go:build linux

package truth

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

func port(c *stage.Child) string { return strconv.Itoa(int(c.Port)) }

// bindable reports whether a server can have the port now.
func bindable(port uint16) error {
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		l.Close()
	}
	return err
}

// killDocument is what `kill --json` prints, as far as these tests ask.
type killDocument struct {
	Plans []struct {
		Choices []struct {
			Kind    string
			Victims []struct{ PID int }
		}
		Final *struct {
			Ending  string
			Forced  bool
			Holders []struct{ PID int }
			By      *struct{ PID int }
		}
		Exit int
	}
}

func readKill(t *testing.T, r stage.Result) (d killDocument) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Stdout), &d); err != nil {
		t.Fatalf("%v in %q, stderr %q", err, r.Stdout, r.Stderr)
	}
	return d
}

func TestDoctorSaysWhyAndExitsSo(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	r := p.Run(t, []string{"doctor", port(c), "--json"})
	var d struct {
		Cause, Verdict string
		Endpoints      []stage.Row
	}
	if err := json.Unmarshal([]byte(r.Stdout), &d); err != nil {
		t.Fatalf("%v in %q", err, r.Stdout)
	}
	if r.Code != 2 || d.Cause != "held" || d.Verdict != "taken" || len(d.Endpoints) != 1 || d.Endpoints[0].Holders[0].PID != c.PID {
		t.Errorf("exit %d, %+v", r.Code, d)
	}
	if r := p.Run(t, []string{"doctor", port(c)}); !strings.Contains(r.Stdout, fmt.Sprintf("(PID %d) holds tcp 127.0.0.1:%d\n", c.PID, c.Port)) ||
		!strings.Contains(r.Stdout, "portlight kill "+port(c)) {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
	free := freePort(t)
	if r := p.Run(t, []string{"doctor", fmt.Sprint(free)}); r.Code != 0 || !strings.Contains(r.Stdout, "is free") {
		t.Errorf("a free port: exit %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
	if err := bindable(free); err != nil {
		t.Errorf("after doctor: %v", err)
	}
}

func TestKillFreesAndProvesIt(t *testing.T) {
	p := stage.Build(t)
	for _, c := range []struct {
		role   string
		args   []string
		flags  []string
		forced bool
	}{
		{"listen", []string{"tcp4", "127.0.0.1:0"}, nil, false},
		{"listen", []string{"tcp4", "127.0.0.1:0"}, []string{"--force"}, true},
		{"stubborn", []string{"tcp4", "127.0.0.1:0"}, []string{"--grace", "300ms"}, true},
		{"udp", []string{"udp4", "127.0.0.1:0"}, nil, false},
		{"prefork", []string{"2"}, []string{"--yes"}, false},
	} {
		t.Run(strings.Join(append([]string{c.role}, c.flags...), " "), func(t *testing.T) {
			holder := stage.Start(t, c.role, c.args)
			bystander := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
			r := p.Run(t, append([]string{"kill", port(holder), "--json"}, c.flags...))
			d := readKill(t, r)
			if r.Code != 0 || len(d.Plans) != 1 || d.Plans[0].Final == nil || d.Plans[0].Final.Ending != "freed" || d.Plans[0].Final.Forced != c.forced {
				t.Fatalf("exit %d: %s%s", r.Code, r.Stdout, r.Stderr)
			}
			if err := bindable(holder.Port); err != nil {
				t.Errorf("it says freed: %v", err)
			}
			if bystander.Ended() {
				t.Error("a bystander ended")
			}
		})
	}
}

func TestKillSaysWhatItDidForAPerson(t *testing.T) {
	p := stage.Build(t)
	held, free := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}), fmt.Sprint(freePort(t))
	r := p.Run(t, []string{"kill", free, port(held)})
	if r.Code != 2 || !strings.Contains(r.Stderr, "nobody holds port "+free) || !strings.Contains(r.Stdout, "freed port "+port(held)+" in ") {
		t.Errorf("exit %d, %q, %q", r.Code, r.Stdout, r.Stderr)
	}
	if !held.Ended() {
		t.Error("the holder lives")
	}
}

func TestKillDoesNothingWithoutAnAnswer(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "prefork", []string{"2"}) // more than one process ends: that is asked
	for _, flags := range [][]string{nil, {"--json"}, {"--dry-run"}} {
		r := p.Run(t, append([]string{"kill", port(c)}, flags...))
		want := 1
		if slices.Contains(flags, "--dry-run") {
			want = 0
		} else if !strings.Contains(r.Stderr, "--yes") {
			t.Errorf("%v doesn't say what helps: %q", flags, r.Stderr)
		}
		if r.Code != want || c.Ended() || bindable(c.Port) == nil {
			t.Errorf("%v: exit %d, ended %v\n%s%s", flags, r.Code, c.Ended(), r.Stdout, r.Stderr)
		}
	}
}

func TestKillTellsWhoHoldsOn(t *testing.T) {
	p := stage.Build(t)
	t.Run("a worker that shares the socket", func(t *testing.T) {
		c := stage.Start(t, "prefork", []string{"1"})
		worker := slices.IndexFunc(c.PIDs, func(pid int) bool { return pid != c.PID })
		// Its parent lives on and holds the socket.
		r := p.Run(t, []string{"kill", "--pid", fmt.Sprint(c.PIDs[worker]), port(c), "--json", "--yes"})
		d := readKill(t, r)
		if r.Code != 5 || d.Plans[0].Final.Ending != "still_held" || d.Plans[0].Final.Holders[0].PID != c.PID {
			t.Errorf("exit %d: %s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
	t.Run("one that starts it again", func(t *testing.T) {
		exe := stage.OpenDir(t) + "/keeper" // no name that is known to do so
		stage.CopySelf(t, exe)
		c := stage.Start(t, "respawn", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe))
		r := p.Run(t, []string{"kill", port(c), "--json", "--yes"})
		d := readKill(t, r)
		if f := d.Plans[0].Final; r.Code != 4 || f.Ending != "taken_again" || f.By == nil || f.By.PID != c.PID {
			t.Fatalf("exit %d: %s%s", r.Code, r.Stdout, r.Stderr)
		}
		r = p.Run(t, []string{"kill", port(c), "--yes"})
		if hint := fmt.Sprintf("portlight kill %s --restarter %d", port(c), c.PID); r.Code != 4 || !strings.Contains(r.Stdout, hint) {
			t.Errorf("exit %d, no %q: %s%s", r.Code, hint, r.Stdout, r.Stderr)
		}
		r = p.Run(t, []string{"kill", port(c), "--restarter", strconv.Itoa(c.PID), "--yes"})
		if r.Code != 0 && r.Code != 3 || !c.Ended() {
			t.Errorf("what it advises: exit %d, the starter ended %v: %s%s", r.Code, c.Ended(), r.Stdout, r.Stderr)
		}
	})
}

func TestKillNeverAimsAtClients(t *testing.T) {
	p := stage.Build(t)
	server := stage.Start(t, "http", []string{"127.0.0.1:0"})
	client := stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", server.Port)})
	r := p.Run(t, []string{"kill", port(server)})
	if r.Code != 0 && r.Code != 3 || client.Ended() || !server.Ended() {
		t.Errorf("exit %d, client ended %v, server ended %v\n%s%s", r.Code, client.Ended(), server.Ended(), r.Stdout, r.Stderr)
	}
	// The client's local port, and its own PID, are no targets either.
	if r := p.Run(t, []string{"kill", "--pid", fmt.Sprint(client.PID), "--yes"}); r.Code != 2 || client.Ended() {
		t.Errorf("a process that waits on nothing: exit %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestKillIsNotPermitted(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can stage another user's process")
	}
	p := stage.Build(t)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	const nobody = 65534
	for _, args := range [][]string{{"kill", port(c), "--yes"}, {"kill", port(c), "--json"}} {
		r := p.Run(t, args, stage.As(nobody, nobody))
		if r.Code != 7 || c.Ended() {
			t.Errorf("%v: exit %d, ended %v\n%s%s", args, r.Code, c.Ended(), r.Stdout, r.Stderr)
		}
		if !strings.Contains(r.Stderr, "sudo "+p.Path+" kill "+port(c)) {
			t.Errorf("%v doesn't say how: %q", args, r.Stderr)
		}
	}
}

func TestKillAsksOnATerminal(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "prefork", []string{"2"})
	x := onTerminal(t, p, []string{"kill", port(c)})
	x.await("N")
	x.enter("n\n")
	if code := x.ends(); code != 1 || c.Ended() {
		t.Errorf("no: exit %d\n%s", code, x.text())
	}
	x = onTerminal(t, p, []string{"kill", port(c)})
	x.await("N")
	x.enter("y\n")
	if code := x.ends(); code != 0 || !c.Ended() {
		t.Errorf("yes: exit %d\n%s", code, x.text())
	}
	if os.Getuid() == 0 {
		const nobody = 65534
		exe := stage.OpenDir(t) + "/ledger"
		stage.CopySelf(t, exe)
		c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe), stage.As(nobody, nobody))
		x := onTerminal(t, p, []string{"kill", port(c)})
		x.await("(ledger)")
		x.enter("yes\n")
		if code := x.ends(); code != 1 || c.Ended() {
			t.Errorf("somebody else's, and no name: exit %d\n%s", code, x.text())
		}
		x = onTerminal(t, p, []string{"kill", port(c)})
		x.await("(ledger)")
		x.enter("ledger\n")
		if code := x.ends(); code != 0 || !c.Ended() {
			t.Errorf("somebody else's, by name: exit %d\n%s", code, x.text())
		}
	}
}

func TestKillIsTakenBackByCtrlC(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "stubborn", []string{"tcp4", "127.0.0.1:0"})
	x := onTerminal(t, p, []string{"kill", port(c), "--grace", "20s"})
	x.await("Ctrl+C")
	x.enter("\x03")
	if code := x.ends(); code != 9 || !strings.Contains(x.text(), "taken back") {
		t.Errorf("exit %d\n%s", code, x.text())
	}
	if c.Ended() {
		t.Error("it was forced all the same")
	}
}

func TestKillHoldsThePort(t *testing.T) {
	p := stage.Build(t)
	exe := stage.OpenDir(t) + "/keeper"
	stage.CopySelf(t, exe)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"}, stage.Executable(exe))
	x := onTerminal(t, p, []string{"kill", port(c), "--hold"})
	x.await("holding port")
	if bindable(c.Port) == nil {
		t.Error("another program could have it")
	}
	x.enter("\x03")
	if code := x.ends(); code != 0 {
		t.Errorf("exit %d\n%s", code, x.text())
	}
	if err := bindable(c.Port); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestFreePortsCanBeBound(t *testing.T) {
	p := stage.Build(t)
	taken := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	r := p.Run(t, []string{"free", "--near", port(taken), "--count", "3", "--range", fmt.Sprintf("%d-65535", taken.Port)})
	lines := strings.Fields(r.Stdout)
	if r.Code != 0 || len(lines) != 3 || slices.Contains(lines, port(taken)) {
		t.Fatalf("exit %d, %q %q", r.Code, r.Stdout, r.Stderr)
	}
	for _, s := range lines {
		n, _ := strconv.Atoi(s)
		if err := bindable(uint16(n)); err != nil {
			t.Error(err)
		}
	}
	if r := p.Run(t, []string{"free", "--range", port(taken) + "-" + port(taken)}); r.Code != 2 || r.Stdout != "" {
		t.Errorf("a range that is taken: exit %d, %q", r.Code, r.Stdout)
	}
}

func TestWaitSeesAPortCome(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:0"})
	cmd := p.Command(t, []string{"wait", port(c), "--free", "--timeout", "20s"})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, c.Kill)
	if err := cmd.Wait(); err != nil {
		t.Errorf("free: %v", err)
	}
	if !c.Ended() {
		t.Error("it said free while it was held")
	}
	again := p.Command(t, []string{"wait", port(c), "--listening", "--timeout", "20s"})
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	stage.Start(t, "listen", []string{"tcp4", "127.0.0.1:" + port(c)})
	if err := again.Wait(); err != nil {
		t.Errorf("listening: %v", err)
	}
	if r := p.Run(t, []string{"wait", port(c), "--free", "--timeout", "300ms"}); r.Code != 2 || !strings.Contains(r.Stderr, "holds") {
		t.Errorf("exit %d, %q", r.Code, r.Stderr)
	}
}

func TestOpenPrintsTheAddressWithoutADesktop(t *testing.T) {
	p := stage.Build(t)
	c := stage.Start(t, "http", []string{"127.0.0.1:0"})
	none := stage.Env("DISPLAY=", "WAYLAND_DISPLAY=")
	if r := p.Run(t, []string{"open", port(c)}, none); r.Code != 0 || r.Stdout != "http://localhost:"+port(c)+"/\n" || !strings.Contains(r.Stderr, "no desktop") {
		t.Errorf("exit %d, %q %q", r.Code, r.Stdout, r.Stderr)
	}
	if r := p.Run(t, []string{"open", fmt.Sprint(freePort(t))}, none); r.Code != 2 {
		t.Errorf("nothing listens: exit %d", r.Code)
	}
}

func TestDisconnectClosesOneConnection(t *testing.T) {
	p := stage.Build(t)
	server := stage.Start(t, "http", []string{"127.0.0.1:0"})
	client := stage.Start(t, "connect", []string{"127.0.0.1:" + port(server)})
	connections := func() (out []stage.Row) {
		for _, r := range p.List(t, []string{"--all", port(server), "state:established"}).Endpoints {
			if r.Kind == "connection" && r.Port == int(server.Port) {
				out = append(out, r)
			}
		}
		return out
	}
	cs := connections()
	if len(cs) != 1 {
		t.Fatalf("staged %d connections, want 1", len(cs))
	}
	args := []string{"disconnect", fmt.Sprintf("127.0.0.1:%d", cs[0].Port), fmt.Sprintf("127.0.0.1:%d", cs[0].RemotePort)}
	r := p.Run(t, args)
	if os.Getuid() != 0 {
		if r.Code != 7 || !strings.Contains(r.Stderr, "sudo ") {
			t.Errorf("without rights: exit %d, %q", r.Code, r.Stderr)
		}
		return
	}
	if r.Code != 0 || !strings.Contains(r.Stdout, "closed") || len(connections()) > 0 || server.Ended() || client.Ended() {
		t.Errorf("exit %d, %q %q, %d left", r.Code, r.Stdout, r.Stderr, len(connections()))
	}
	if r := p.Run(t, args); r.Code != 2 {
		t.Errorf("once more: exit %d, %q", r.Code, r.Stderr)
	}
}
