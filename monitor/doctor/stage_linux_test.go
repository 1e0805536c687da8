package doctor

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// everythingOn lists every socket with the local port, in whatever state.
func everythingOn(t *testing.T, port uint16) []string {
	t.Helper()
	r, err := sockets.Open()
	must(t, err)
	defer r.Close()
	all, err := r.Read(sockets.Endpoints|sockets.Connections, nil)
	must(t, err)
	if bound, err := sockets.BoundOnly(port); err == nil {
		all = append(all, bound...)
	}
	var on []string
	for _, s := range all {
		if s.Local.Port() == port {
			on = append(on, fmt.Sprintf("%s %v-%v %v %d", s.Proto, s.Local, s.Remote, s.State, s.Handle))
		}
	}
	slices.Sort(on)
	return on
}

// freePort finds a port for one scene, far from those of the others.
func freePort(t *testing.T, away uint16, ephemeral bool) uint16 {
	t.Helper()
	opt := bind.FindOptions{Near: 10000 + uint16(os.Getpid()%10000) + away}
	if ephemeral {
		r := bind.Ephemeral()
		opt.Range, opt.Near = r, r.To-away
	}
	ports, err := bind.Find(opt)
	must(t, err)
	return ports[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func listen(t *testing.T, network string, a netip.Addr, port uint16) net.Listener {
	t.Helper()
	ln, err := net.Listen(network, netip.AddrPortFrom(a, port).String())
	must(t, err)
	t.Cleanup(func() { ln.Close() })
	return ln
}

func socket(t *testing.T) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func bindTo(t *testing.T, fd int, port uint16) {
	t.Helper()
	must(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: lo4.As4(), Port: int(port)}))
}

// serveAndEnd serves one client, closes the connection first and ends: the
// server's side stays in TIME_WAIT.
func serveAndEnd(t *testing.T, port uint16, reuse bool) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	if reuse {
		must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	}
	bindTo(t, fd, port)
	must(t, unix.Listen(fd, 1))
	c, err := net.Dial("tcp4", netip.AddrPortFrom(lo4, port).String())
	must(t, err)
	far, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
	must(t, err)
	must(t, unix.Close(far))
	must(t, unix.Close(fd))
	io.Copy(io.Discard, c)
	must(t, c.Close())
	deadline := time.Now().Add(5 * time.Second)
	for {
		all, err := sockets.LingeringOn(port)
		must(t, err)
		if len(all) == 1 && all[0].State == sockets.TimeWait {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no TIME_WAIT: %+v", all)
		}
		time.Sleep(time.Millisecond)
	}
}

// inContainer moves a process to a cgroup named as Docker names them.
func inContainer(t *testing.T, pid int, port uint16) {
	t.Helper()
	id := strings.Repeat(fmt.Sprintf("%08x", port), 8)
	home, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	must(t, err)
	_, path, _ := strings.Cut(string(home), "0::")
	path, _, _ = strings.Cut(path, "\n")
	for _, root := range [...]string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var st unix.Statfs_t
		dir := filepath.Join(root, "docker-"+id+".scope")
		if unix.Statfs(root, &st) != nil || st.Type != unix.CGROUP2_SUPER_MAGIC || os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			os.WriteFile(filepath.Join(root, path, "cgroup.procs"), []byte(fmt.Sprint(pid)), 0)
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		must(t, os.WriteFile(dir+"/cgroup.procs", []byte(fmt.Sprint(pid)), 0))
		return
	}
	t.Skip("no cgroup of our own can be made here; the table of Diagnose has the same")
}
