package doctor

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary plays the other processes of a scene: it does what the role
// says, prints a line once it is done, and ends with its standard input.

const (
	roleEnv = "PORTLIGHT_DOCTOR_ROLE"
	argEnv  = "PORTLIGHT_DOCTOR_ARG"
)

func TestMain(m *testing.M) {
	role := os.Getenv(roleEnv)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := play(role, os.Getenv(argEnv)); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		os.Exit(1)
	}
}

func play(role, arg string) error {
	switch role {
	case "listen", "listen6", "listen anywhere":
		network, host := "tcp4", "127.0.0.1"
		switch role {
		case "listen6":
			network, host = "tcp6", "::1"
		case "listen anywhere": // also where the network has no loopback yet
			host = "0.0.0.0"
		}
		ln, err := net.Listen(network, net.JoinHostPort(host, arg))
		if err != nil {
			return err
		}
		defer ln.Close()
		fmt.Println("listens")
		go func() {
			for {
				if _, err := ln.Accept(); err != nil {
					return
				}
			}
		}()
		io.Copy(io.Discard, os.Stdin)
		return nil
	case "server":
		return playServer(arg)
	case "examine", "examine without IPv6":
		if role != "examine" {
			if err := withoutIPv6(); err != nil {
				return err
			}
		}
		var q Question
		if err := json.Unmarshal([]byte(arg), &q); err != nil {
			return err
		}
		d, err := Examine(context.Background(), q, Options{})
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(said{d.Cause, d.Verdict, d.Finding, d.Remedies, errorText(d.Missing)})
	}
	return fmt.Errorf("no such role")
}

// said is what another process found out, as far as errors travel.
type said struct {
	Cause    Cause
	Verdict  Verdict
	Finding  Finding
	Remedies []Remedy
	Missing  []string
}

func errorText(all []error) []string {
	var text []string
	for _, err := range all {
		text = append(text, err.Error())
	}
	return text
}

// playServer opens a listener as careless programs do, starts a child that
// gets it with everything else, and lives until it is killed.
func playServer(port string) error {
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: n}); err != nil {
		return err
	}
	if err := unix.Listen(fd, 8); err != nil {
		return err
	}
	child := exec.Command("sleep", "600")
	child.ExtraFiles = []*os.File{os.NewFile(uintptr(fd), "listener")}
	if err := child.Start(); err != nil {
		return err
	}
	fmt.Println(child.Process.Pid)
	io.Copy(io.Discard, os.Stdin)
	return child.Process.Kill()
}

// stageGhost kills the server and leaves its child.
func stageGhost(t *testing.T, port uint16) {
	t.Helper()
	cmd, stdin, line := begin(t, "server", fmt.Sprint(port), func(c *exec.Cmd) { c.SysProcAttr.Setpgid = true })
	heir, err := strconv.Atoi(line)
	must(t, err)
	must(t, cmd.Process.Kill())
	cmd.Wait()
	stdin.Close()
	t.Cleanup(func() { unix.Kill(heir, unix.SIGKILL) })
}

// called starts the role from a copy of this binary with that name.
func called(args ...string) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		c.Path = filepath.Join(filepath.Dir(c.Path), args[0])
		c.Args = args
	}
}

// start starts a role, waits until it is ready, ends it with the test, and
// returns its PID.
func start(t *testing.T, role, arg string, options ...func(*exec.Cmd)) int {
	t.Helper()
	cmd, stdin, _ := begin(t, role, arg, options...)
	t.Cleanup(func() { stdin.Close(); cmd.Wait() })
	return cmd.Process.Pid
}

func begin(t *testing.T, role, arg string, options ...func(*exec.Cmd)) (*exec.Cmd, io.Closer, string) {
	t.Helper()
	cmd := exec.Command(openCopy(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	cmd.Env = append(os.Environ(), roleEnv+"="+role, argEnv+"="+arg)
	for _, o := range options {
		o(cmd)
	}
	if self := filepath.Join(filepath.Dir(cmd.Path), "test"); cmd.Path != self {
		must(t, os.Link(self, cmd.Path))
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Wait()
		t.Fatalf("%s: %v %s", role, err, complaint.String())
	}
	return cmd, stdin, strings.TrimSpace(line)
}

// openCopy copies this binary to where every user may run it.
func openCopy(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "portlight-doctor-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	self, err := os.ReadFile("/proc/self/exe")
	must(t, err)
	path := filepath.Join(dir, "test")
	must(t, os.WriteFile(path, self, 0o755))
	must(t, os.Chmod(path, 0o755))
	return path
}

// examineAsNobody asks as a user who may read no process of ours.
func examineAsNobody(t *testing.T, q Question) *Diagnosis {
	t.Helper()
	if os.Getuid() != 0 {
		if q.Port >= 1024 {
			t.Skip("only root can make a listener that an ordinary user can't read")
		}
		return examineHere(t, q)
	}
	return examineIn(t, "examine", q, func(c *exec.Cmd) {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		c.Dir = "/"
	})
}

// examineWithoutIPv6 asks in a network where IPv6 is off.
func examineWithoutIPv6(t *testing.T, q Question) *Diagnosis {
	t.Helper()
	return examineIn(t, "examine without IPv6", q, func(c *exec.Cmd) {
		c.SysProcAttr.Cloneflags = unix.CLONE_NEWNET
		if os.Getuid() != 0 {
			c.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
	})
}

func withoutIPv6() error {
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", []byte("1"), 0); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr)
}

func examineIn(t *testing.T, role string, q Question, as func(*exec.Cmd)) *Diagnosis {
	t.Helper()
	arg, err := json.Marshal(q)
	must(t, err)
	cmd, stdin, line := begin(t, role, string(arg), as)
	stdin.Close()
	cmd.Wait()
	var s said
	must(t, json.Unmarshal([]byte(line), &s))
	d := &Diagnosis{Question: q, Taken: time.Now(), Verdict: s.Verdict, Finding: s.Finding, Remedies: s.Remedies}
	d.Cause = s.Cause
	if len(s.Missing) > 0 {
		t.Logf("missing: %v", s.Missing)
	}
	return d
}
