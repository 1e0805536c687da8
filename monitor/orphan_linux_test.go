package monitor

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

const lineageEnv = "PORTLIGHT_LINEAGE"

// A lineage of real processes: a terminal starts a shell, that a server in a
// session of its own, as coding agents and editors do. Each is this test under
// another name, and ends with its input.
func init() {
	role, rest, _ := strings.Cut(os.Getenv(lineageEnv), ",")
	switch role {
	case "":
		return
	case "server":
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			os.Exit(1)
		}
		fmt.Println(os.Getpid(), ln.Addr())
		io.Copy(io.Discard, os.NewFile(3, "end"))
		runtime.KeepAlive(ln) // the garbage collector would close it
	default:
		cmd := exec.Command(filepath.Join(filepath.Dir(os.Args[0]), rest))
		os.Setenv(lineageEnv, map[string]string{"terminal": "shell,server", "shell": "server,"}[role])
		cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{os.NewFile(3, "end")}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if cmd.Start() != nil {
			os.Exit(1)
		}
		cmd.Wait()
	}
	os.Exit(0)
}

func TestOrphans_AServerWhoseTerminalEnds(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alacritty", "shell", "server"} {
		program, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), program, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	endReader, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "alacritty"))
	cmd.Env = append(os.Environ(), lineageEnv+"=terminal,shell", "GORACE=atexit_sleep_ms=0")
	cmd.Dir, cmd.ExtraFiles, cmd.Stderr = dir, []*os.File{endReader}, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	endReader.Close()
	t.Cleanup(func() { end.Close(); cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pidText, addr, _ := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(pidText)
	if err != nil {
		t.Fatal(err)
	}

	s, err := newScanner(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	look := func() *Orphan {
		t.Helper()
		snap, err := s.scan(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range Orphans(snap, stillRuns) {
			for _, o := range g.Orphans {
				if o.Holder.PID == int32(pid) {
					return &o
				}
			}
		}
		return nil
	}
	if o := look(); o != nil {
		t.Fatalf("its terminal runs, and yet it is an orphan: %+v", o.Gone)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	var o *Orphan
	for range 100 { // a killed process's identity is gone at once; the shell's adoption may take a moment
		if o = look(); o != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if o == nil {
		t.Fatal("its terminal is gone, and it isn't found")
	}
	if o.Gone.Kind != OriginTerminal || o.Gone.Name != "alacritty" || o.Gone.Ancestor.PID != int32(cmd.Process.Pid) {
		t.Errorf("gone is %+v", o.Gone)
	}
	want := Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)}
	if len(o.Keys) != 1 || o.Keys[0] != want {
		t.Errorf("keys are %v, want %v", o.Keys, want)
	}
}

// stillRuns asks the kernel.
func stillRuns(id process.Identity) bool {
	now, err := process.Identify(id.PID)
	return err == nil && now == id
}

func TestDetached(t *testing.T) {
	start := func(set func(*exec.Cmd)) process.Identity {
		t.Helper()
		cmd := exec.Command("sleep", "60")
		set(cmd)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		id, err := process.Identify(int32(cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if id := start(func(*exec.Cmd) {}); !detached(id) { // os/exec gives /dev/null where nothing is set
		t.Error("streams that all lead to /dev/null are a daemon's")
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if id := start(func(c *exec.Cmd) { c.Stdout = log }); detached(id) {
		t.Error("what writes into a log wasn't put in the background by itself")
	}
}
