package sockets

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tcpSocket binds an IPv4 TCP socket to loopback and a port of the system's
// choice.
func tcpSocket(t *testing.T, reuse bool) (fd int, at netip.AddrPort) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if reuse {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(sa.(*unix.SockaddrInet4).Port))
}

func TestBoundOnly_FindsASocketThatDoesNotListen(t *testing.T) {
	fd, at := tcpSocket(t, false)
	defer unix.Close(fd)
	got, err := BoundOnly(at.Port())
	if errors.Is(err, ErrUnsupported) {
		t.Skipf("this kernel doesn't list such sockets: %v", err)
	}
	if err != nil || len(got) != 1 || got[0].Local != at || got[0].State != Bound || got[0].Handle == 0 {
		t.Fatalf("BoundOnly(%d) = %+v, %v", at.Port(), got, err)
	}
	unix.Listen(fd, 1)
	if got, err := BoundOnly(at.Port()); err != nil || len(got) != 0 {
		t.Errorf("it listens now, and yet BoundOnly = %+v, %v", got, err)
	}
}

func TestLingeringOn_CountsTimeWaitDown(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().(*net.TCPAddr).AddrPort()
	c, err := net.Dial("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if l, err := LingeringOn(at.Port()); err != nil || len(l) != 0 {
		t.Errorf("nothing has ended, and yet LingeringOn = %+v, %v", l, err)
	}
	far.Close() // the server closes first: its side keeps the port
	ln.Close()
	io.Copy(io.Discard, c)
	c.Close()
	deadline := time.Now().Add(5 * time.Second)
	for {
		l, err := LingeringOn(at.Port())
		if err != nil {
			t.Fatal(err)
		}
		// An orphan in FIN_WAIT_2 is kept like one in TIME_WAIT (tcp_fin_timeout).
		if len(l) == 1 && l[0].State == TimeWait {
			if l[0].Left <= 50*time.Second || l[0].Left > time.Minute {
				t.Errorf("%v left, want the most of TCP_TIMEWAIT_LEN's 60 s", l[0].Left)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("LingeringOn = %+v, want one TIME_WAIT", l)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestLookup_FindsWhatAPacketWouldReach(t *testing.T) {
	dual, err := net.Listen("tcp", "[::]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer dual.Close()
	port := uint16(dual.Addr().(*net.TCPAddr).Port)
	four, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer four.Close()
	udp := four.LocalAddr().(*net.UDPAddr).AddrPort()
	lo4, lo6 := netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()
	for _, tt := range []struct {
		name  string
		proto Proto
		to    netip.AddrPort
		want  netip.AddrPort
	}{
		{"a socket of both families answers on IPv6", TCP, netip.AddrPortFrom(lo6, port), netip.AddrPortFrom(netip.IPv6Unspecified(), port)},
		{"and on IPv4", TCP, netip.AddrPortFrom(lo4, port), netip.AddrPortFrom(netip.IPv6Unspecified(), port)},
		{"a UDP socket", UDP, udp, udp},
		{"nobody is there on the other family", UDP, netip.AddrPortFrom(lo6, udp.Port()), netip.AddrPort{}},
	} {
		s, found, err := Lookup(tt.proto, tt.to)
		if err != nil || found != tt.want.IsValid() || s.Local != tt.want {
			t.Errorf("%s: Lookup(%v, %v) = %v, %v, %v; want %v", tt.name, tt.proto, tt.to, s.Local, found, err, tt.want)
		}
	}
}

// A program that serves one connection and ends (nc -l) must still be there
// after the question.
func TestLookup_SendsNothing(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	at := ln.Addr().(*net.TCPAddr).AddrPort()
	accepted := make(chan string, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			accepted <- err.Error()
			return
		}
		b, _ := io.ReadAll(c)
		c.Close()
		accepted <- string(b)
	}()
	for range 100 {
		if _, found, err := Lookup(TCP, at); !found || err != nil {
			t.Fatalf("Lookup(%v) = %v, %v", at, found, err)
		}
	}
	c, err := net.Dial("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("the first"))
	c.Close()
	if got := <-accepted; got != "the first" {
		t.Errorf("the one connection it accepts brought %q", got)
	}
}

func TestDestroy_ClosesOneConnectionAndNothingElse(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	at := ln.Addr().(*net.TCPAddr).AddrPort()
	dial := func() (c, far net.Conn) {
		c, err := net.Dial("tcp4", at.String())
		if err != nil {
			t.Fatal(err)
		}
		far, err = ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close(); far.Close() })
		return c, far
	}
	c, _ := dial()
	other, otherFar := dial()
	all, err := mustOpen(t).Read(Endpoints|Connections, nil)
	if err != nil {
		t.Fatal(err)
	}
	row := func(local, remote netip.AddrPort) Socket {
		i := slices.IndexFunc(all, func(s Socket) bool { return s.Proto == TCP && s.Local == local && s.Remote == remote })
		if i < 0 {
			t.Fatalf("%v to %v isn't in the table", local, remote)
		}
		return all[i]
	}
	if err := Destroy(row(at, netip.AddrPort{})); !errors.Is(err, ErrNotConnection) {
		t.Errorf("a listener was to be refused, got %v", err)
	}
	mine := row(at, c.LocalAddr().(*net.TCPAddr).AddrPort())
	err = Destroy(mine)
	if os.Getuid() != 0 {
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("without rights: %v, want os.ErrPermission", err)
		}
		return
	}
	if errors.Is(err, ErrUnsupported) {
		t.Skipf("this kernel can't: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
	// The listener has the same address and must not be taken in its place.
	if err := Destroy(mine); !errors.Is(err, ErrGone) {
		t.Errorf("a second time: %v, want ErrGone", err)
	}
	other.Write([]byte("x"))
	if _, err := otherFar.Read(make([]byte, 1)); err != nil {
		t.Errorf("the other connection: %v", err)
	}
	dial()
}
