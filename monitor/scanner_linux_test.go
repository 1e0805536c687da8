package monitor

import (
	"context"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func once(t *testing.T, connections bool) *Snapshot {
	t.Helper()
	s, err := Once(t.Context(), Options{}, connections)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOnce_KeepsApartWhatOthersMerge(t *testing.T) {
	v4, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer v4.Close()
	port := uint16(v4.Addr().(*net.TCPAddr).Port)
	only := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1) })
	}}
	v6, err := only.Listen(t.Context(), "tcp6", netip.AddrPortFrom(netip.IPv6Unspecified(), port).String())
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	defer v6.Close()
	udp, err := net.ListenPacket("udp4", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port).String())
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	dual, err := net.Listen("tcp", "[::]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer dual.Close()

	s := once(t, false)
	for _, want := range []struct {
		key      Key
		exposure Exposure
		dual     sockets.Tri
	}{
		{Key{sockets.TCP, v4.Addr().(*net.TCPAddr).AddrPort(), ""}, ExposureLoopback, sockets.No},
		{Key{sockets.TCP, netip.AddrPortFrom(netip.IPv6Unspecified(), port), ""}, ExposureAll, sockets.No},
		{Key{sockets.UDP, udp.LocalAddr().(*net.UDPAddr).AddrPort(), ""}, ExposureLoopback, sockets.No},
		{Key{sockets.TCP, netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(dual.Addr().(*net.TCPAddr).Port)), ""}, ExposureAll, sockets.Yes},
	} {
		e, ok := s.Endpoint(want.key)
		if !ok {
			t.Errorf("%v is missing", want.key)
			continue
		}
		if e.Exposure != want.exposure || e.DualStack != want.dual || e.Owner != OwnerKnown {
			t.Errorf("%v: exposure %v, dual stack %v, owner %v", want.key, e.Exposure, e.DualStack, e.Owner)
		}
		if len(e.Holders) != 1 || e.Holders[0].PID != int32(os.Getpid()) || e.Holders[0].VerifiedAt.IsZero() {
			t.Errorf("%v: holders %+v, want ourselves", want.key, e.Holders)
		}
	}
}

func TestOnce_JoinsAConnectionsTwoEnds(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()

	stories := Who(once(t, true), uint16(ln.Addr().(*net.TCPAddr).Port))
	if len(stories) != 1 || len(stories[0].Peers) != 1 {
		t.Fatalf("stories = %+v", stories)
	}
	p := stories[0].Peers[0]
	if p.Connection.Remote != c.LocalAddr().(*net.TCPAddr).AddrPort() {
		t.Errorf("peer %v, want %v", p.Connection.Remote, c.LocalAddr())
	}
	if len(p.Local) != 1 || p.Local[0].PID != int32(os.Getpid()) {
		t.Errorf("the peer is ourselves, got %+v", p.Local)
	}
	if p.Info == nil || p.Info.BytesReceived != 5 || p.Info.RTT <= 0 {
		t.Errorf("measured %+v, want 5 bytes received", p.Info)
	}
}

func TestOnce_LeavesNoDescriptorOpen(t *testing.T) {
	count := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	once(t, true)
	before := count()
	for range 5 {
		once(t, true)
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after five readings", before, after)
	}
}

// A poll that finds nothing new copies the last one; what moves on its own must
// still be of now.
func TestScanner_RepeatsOnlyWhatStayed(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s, err := newScanner(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	key := Key{sockets.TCP, ln.Addr().(*net.TCPAddr).AddrPort(), ""}
	scan := func() Endpoint {
		snap, err := s.scan(context.Background(), false)
		if err != nil {
			t.Fatal(err)
		}
		e, ok := snap.Endpoint(key)
		if !ok {
			t.Fatalf("%v is missing", key)
		}
		return *e
	}
	first := scan()
	c, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.renewed = s.renewed.Add(-renewAfter)
	second := scan()
	if first.Sockets[0].RecvQueue != 0 || second.Sockets[0].RecvQueue != 1 {
		t.Errorf("backlog %d, then %d; want 0, then the one nobody accepted", first.Sockets[0].RecvQueue, second.Sockets[0].RecvQueue)
	}
	if !second.Holders[0].VerifiedAt.After(first.Holders[0].VerifiedAt) {
		t.Error("the evidence wasn't looked at again")
	}
	if second.FirstSeen != first.FirstSeen {
		t.Errorf("first seen moved from %v to %v", first.FirstSeen, second.FirstSeen)
	}
	if second.Holders[0].Process != first.Holders[0].Process {
		t.Error("facts were read again for the same process")
	}
}

// BenchmarkScan measures polls of this machine as it is; bench/ stages a load
// around the same.
func BenchmarkScan(b *testing.B) {
	for _, bench := range []struct {
		name        string
		connections bool
	}{{"endpoints", false}, {"connections", true}} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := newScanner(Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.close()
			if _, err := s.scan(b.Context(), bench.connections); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var read, resolve float64
			for b.Loop() {
				snap, err := s.scan(b.Context(), bench.connections)
				if err != nil {
					b.Fatal(err)
				}
				read += float64(snap.Cost.Read.Nanoseconds())
				resolve += float64(snap.Cost.Resolve.Nanoseconds())
			}
			b.ReportMetric(read/float64(b.N), "read-ns/op")
			b.ReportMetric(resolve/float64(b.N), "resolve-ns/op")
		})
	}
}

func BenchmarkOnce(b *testing.B) {
	for b.Loop() {
		if _, err := Once(b.Context(), Options{}, false); err != nil {
			b.Fatal(err)
		}
	}
}
