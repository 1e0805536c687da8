//go:build units && linux

package units

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// engine is a container engine of the test's own.
type engine struct {
	t     *testing.T
	parts stage.Parts
	dir   string
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("starting a container engine takes root: sudo make test")
	}
	e := &engine{t, stage.UnpackedParts(), stage.OpenDir(t)}
	host := "unix://" + e.dir + "/sock"
	t.Setenv("DOCKER_HOST", host)
	cmd := exec.Command(e.parts.Find(t, "dockerd"), "--host", host,
		"--data-root", e.dir+"/data", "--exec-root", e.dir+"/exec", "--pidfile", e.dir+"/pid", "--storage-driver", "vfs",
		"--userland-proxy-path", e.parts.Find(t, "docker-proxy"), "--iptables=false", "--ip6tables=false")
	cmd.Env = append(os.Environ(), e.parts.Env()...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.Create(filepath.Join(e.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			<-done
		}
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("the engine said:\n%s", tail(said, 3000))
		}
		log.Close()
	})
	stage.Eventually(t, 2*stage.Patience, "the container engine answers", func() (bool, string) {
		out, err := e.command("info").CombinedOutput()
		return err == nil, string(tail(out, 500))
	})
	return e
}

func (e *engine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(e.parts.Find(e.t, "docker"), args...)
	cmd.Env = append(append(os.Environ(), e.parts.Env()...), "HOME="+e.dir)
	return cmd
}

func (e *engine) do(args ...string) string {
	e.t.Helper()
	out, err := e.command(args...).CombinedOutput()
	if err != nil {
		e.t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// image makes one that holds nothing but this test binary.
func (e *engine) image() {
	e.t.Helper()
	self, err := os.Executable()
	if err != nil {
		e.t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		e.t.Fatal(err)
	}
	path := filepath.Join(e.dir, "image.tar")
	f, err := os.Create(path)
	if err != nil {
		e.t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	err = errors.Join(
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "server", Mode: 0o755, Size: int64(len(program))}),
		second(io.Copy(w, strings.NewReader(string(program)))), w.Close())
	if err != nil {
		e.t.Fatal(err)
	}
	e.do("import", path, "server:test")
}

func second(_ int64, err error) error { return err }

func TestAContainerIsStopped(t *testing.T) {
	e := startEngine(t)
	e.image()
	ctx, cancel := context.WithTimeout(t.Context(), 2*stage.Patience)
	defer cancel()
	asked := containers.New(nil)
	for i, tt := range []struct {
		name, restart string
		environment   []string
		policy        containers.Policy
		atLeast       time.Duration
	}{
		{"polite", "no", nil, containers.PolicyNo, 0},
		{"one that is always restarted", "always", nil, containers.PolicyAlways, 0},
		{"one that doesn't end when asked", "unless-stopped", []string{"--env", "PORTLIGHT_UNITS_DEAF=1"}, containers.PolicyUnlessStopped, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := fmt.Sprintf("127.0.0.1:%d", 4700+i)
			args := append([]string{"run", "--detach", "--init=false", "--publish", addr + ":80", "--restart", tt.restart,
				"--env", "PORTLIGHT_UNITS_SERVE=0.0.0.0:80"}, tt.environment...)
			id := e.do(append(args, "server:test", "/server")...)
			t.Cleanup(func() { e.command("rm", "--force", id).Run() })
			key := monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)}
			stage.Eventually(t, stage.Patience, "the published port answers", func() (bool, string) {
				c, err := net.DialTimeout("tcp", addr, time.Second)
				if err != nil {
					return false, err.Error()
				}
				c.Close()
				return true, ""
			})
			if err := asked.Ask(ctx); err != nil {
				t.Fatal(err)
			}
			if c, ok := asked.Published(key); !ok || c.ID != id {
				t.Fatalf("the port is published by %+v", c)
			}
			if p, err := asked.Policy(ctx, id); err != nil || p != tt.policy {
				t.Errorf("its policy is %q, %v; want %q", p, err, tt.policy)
			}
			began := time.Now()
			if err := asked.Stop(ctx, id, time.Second); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			t.Logf("measured: stopped in %v", took.Round(time.Millisecond))
			if took < tt.atLeast {
				t.Errorf("it was stopped within %v, before its grace time was over", took)
			}
			mustBeFree(t, addr)
			time.Sleep(time.Second) // a restart would come at once
			mustBeFree(t, addr)
			if state := e.do("inspect", "--format", "{{.State.Status}}", id); state != "exited" {
				t.Errorf("it is %s", state)
			}
			if err := asked.Stop(ctx, id, time.Second); err != nil {
				t.Errorf("a stop of what is stopped: %v", err)
			}
		})
	}
	t.Run("one that isn't there", func(t *testing.T) {
		if err := asked.Stop(ctx, strings.Repeat("0", 64), 0); !errors.Is(err, containers.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}

// An engine goes on after its client has left, so it is given no grace time
// that it would force after.
func TestAContainerIsForcedOnlyByASecondStop(t *testing.T) {
	e := startEngine(t)
	e.image()
	id := e.do("run", "--detach", "--init=false", "--env", "PORTLIGHT_UNITS_SERVE=0.0.0.0:80", "--env", "PORTLIGHT_UNITS_DEAF=1", "server:test", "/server")
	t.Cleanup(func() { e.command("rm", "--force", id).Run() })
	asked := containers.New(nil)
	runs := func() bool { return e.do("inspect", "--format", "{{.State.Running}}", id) == "true" }
	time.Sleep(time.Second) // until it is deaf

	left, leave := context.WithTimeout(t.Context(), time.Second)
	defer leave()
	if err := asked.Stop(left, id, -1); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	time.Sleep(3 * time.Second)
	if !runs() {
		t.Error("it was forced after its client had left")
	}
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	first := make(chan error, 1)
	go func() { first <- asked.Stop(ctx, id, -1) }()
	time.Sleep(time.Second)
	if err := asked.Stop(ctx, id, 0); err != nil || runs() {
		t.Errorf("forced: %v", err)
	}
	if err := <-first; err != nil {
		t.Errorf("the stop that waited: %v", err)
	}
}
