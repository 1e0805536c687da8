package bind

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// anyPort takes a free port for a moment, to ask about afterwards.
func anyPort(t *testing.T) uint16 {
	t.Helper()
	ports, err := Find(FindOptions{Near: 20000 + uint16(os.Getpid()%10000)})
	if err != nil {
		t.Fatal(err)
	}
	return ports[0]
}

func at(a string, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(a), port)
}

func listen(t *testing.T, network string, addr netip.AddrPort) net.Listener {
	t.Helper()
	ln, err := net.Listen(network, addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestOnce_TellsWhatAProgramWouldGet(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root: low ports are tried by the doctor's own test, as another user")
	}
	port := anyPort(t)
	check := func(what string, addr netip.AddrPort, m Manner, want Code) {
		t.Helper()
		if got := Once(sockets.TCP, addr, m); got.Code != want {
			t.Errorf("%s: %v on %v is %s (%v), want %s", what, m, addr, got.Code, got.Err, want)
		}
	}
	check("nobody is there", at("127.0.0.1", port), Server, OK)
	check("nobody is there", at("127.0.0.1", port), Plain, OK)
	check("an address of nobody here", at("203.0.113.9", port), Server, NotLocal)
	listen(t, "tcp4", at("127.0.0.1", port))
	check("a listener", at("127.0.0.1", port), Server, InUse)
	check("a listener is in the wildcard's way", at("0.0.0.0", port), Server, InUse)
	check("but not in another address's", at("127.0.0.2", port), Server, OK)
	check("nor in the other family's", at("::", port), Server, OK)
	check("but in that of who wants both", at("::", port), Dual, InUse)
}

func TestOnce_KnowsWhichProgramsTimeWaitStops(t *testing.T) {
	port := anyPort(t)
	ln := listen(t, "tcp4", at("127.0.0.1", port)) // Go sets SO_REUSEADDR
	c, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	far.Close()
	ln.Close()
	io.Copy(io.Discard, c)
	c.Close()
	if got := Once(sockets.TCP, at("127.0.0.1", port), Server); got.Code != OK {
		t.Errorf("as servers do: %s (%v)", got.Code, got.Err)
	}
	if got := Once(sockets.TCP, at("127.0.0.1", port), Plain); got.Code != InUse {
		t.Errorf("plainly: %s (%v)", got.Code, got.Err)
	}
}

func TestSurvey_LeavesNothingBehind(t *testing.T) {
	port := anyPort(t)
	descriptors := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	listen(t, "tcp4", at("127.0.0.1", port)) // some tries fail half-way
	before := descriptors()
	for _, proto := range []sockets.Proto{sockets.TCP, sockets.UDP} {
		if got := len(Survey(proto, port, Anywhere())); got != 9 {
			t.Errorf("%d tries of %v, want two an address and one for both families", got, proto)
		}
	}
	if after := descriptors(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestHold_KeepsEverybodyElseOut(t *testing.T) {
	port := anyPort(t)
	h, err := Hold(sockets.TCP, at("::", port))
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range Survey(sockets.TCP, port, Anywhere()) {
		if try.Code != InUse {
			t.Errorf("%v on %v: %s, want it in use", try.Manner, try.Addr, try.Code)
		}
	}
	// A child must not inherit it.
	out, err := exec.Command("sh", "-c", "ls -l /proc/self/fd").Output()
	if err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(h.sockets[0].fd, &st); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("socket:[%d]", st.Ino); strings.Contains(string(out), want) {
		t.Errorf("a child inherited the port:\n%s", out)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	for _, try := range Survey(sockets.TCP, port, Anywhere()) {
		if try.Code != OK {
			t.Errorf("let go, and yet %v on %v: %v", try.Manner, try.Addr, try.Err)
		}
	}
}

func TestFind_PassesOverAPortThatIsTakenAnywhere(t *testing.T) {
	port := anyPort(t)
	listen(t, "tcp6", at("::1", port))
	ports, err := Find(FindOptions{Near: port, Count: 3})
	if err != nil || len(ports) != 3 {
		t.Fatalf("Find = %v, %v", ports, err)
	}
	for _, p := range ports {
		if p == port {
			t.Errorf("%d is taken on ::1", p)
		}
		ln, err := net.Listen("tcp", fmt.Sprintf(":%d", p))
		if err != nil {
			t.Errorf("found %d, and yet: %v", p, err)
			continue
		}
		ln.Close()
	}
}

func TestReadReserved_SaysWhatTheKernelDoes(t *testing.T) {
	r, missing := ReadReserved()
	if len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{}); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	if p := uint16(sa.(*unix.SockaddrInet4).Port); !r.Ephemeral.Contains(p) {
		t.Errorf("the kernel chose %d, which isn't in %v", p, r.Ephemeral)
	}
}
