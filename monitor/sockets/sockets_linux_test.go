package sockets

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
)

func mustOpen(tb testing.TB) *Reader {
	tb.Helper()
	r, err := Open()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { r.Close() })
	return r
}

func find(all []Socket, p Proto, local netip.AddrPort, st State) *Socket {
	i := slices.IndexFunc(all, func(s Socket) bool { return s.Proto == p && s.Local == local && s.State == st })
	if i < 0 {
		return nil
	}
	return &all[i]
}

func TestReader_SeesRealSockets(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ln6, err := net.Listen("tcp6", "[::]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln6.Close()
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	c, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	r := mustOpen(t)
	all, err := r.Read(Endpoints|Connections, nil)
	if err != nil {
		t.Fatal(err)
	}
	local := ln.Addr().(*net.TCPAddr).AddrPort()
	s := find(all, TCP, local, Listen)
	if s == nil {
		t.Fatalf("listener %v isn't in the table", local)
	}
	if s.Handle == 0 || !s.HasUID || s.UID != uint32(os.Getuid()) {
		t.Errorf("listener row lacks inode or user: %+v", *s)
	}
	if s.Remote.IsValid() {
		t.Errorf("a listener has no peer, got %v", s.Remote)
	}
	if s.RecvQueue != 1 || s.SendQueue == 0 {
		t.Errorf("backlog = %d of %d, want the one connection nobody accepted", s.RecvQueue, s.SendQueue)
	}
	if s := find(all, TCP, netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(ln6.Addr().(*net.TCPAddr).Port)), Listen); s == nil {
		t.Error("IPv6 listener isn't in the table")
	} else if s.V6Only == Unknown {
		t.Error("the kernel says whether [::] serves IPv4, the row doesn't")
	}
	if s := find(all, UDP, udp.LocalAddr().(*net.UDPAddr).AddrPort(), Bound); s == nil {
		t.Error("UDP socket isn't in the table")
	}
	mine := c.LocalAddr().(*net.TCPAddr).AddrPort()
	// The port alone doesn't tell: a busy machine reuses it towards other peers.
	if !slices.ContainsFunc(all, func(s Socket) bool { return s.Proto == TCP && s.Local == mine && s.Remote == local }) {
		t.Errorf("connection %v → %v isn't in the table", mine, local)
	}

	only, err := r.Read(Endpoints, nil)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(only, func(s Socket) bool { return !s.IsEndpoint() }); i >= 0 {
		t.Errorf("asked for endpoints, got %+v", only[i])
	}
}

func TestReader_ForgetsAClosedListener(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local := ln.Addr().(*net.TCPAddr).AddrPort()
	r := mustOpen(t)
	if all, _ := r.Read(Endpoints, nil); find(all, TCP, local, Listen) == nil {
		t.Fatal("listener isn't in the table")
	}
	ln.Close()
	if all, _ := r.Read(Endpoints, nil); find(all, TCP, local, Listen) != nil {
		t.Error("closed listener is still in the table")
	}
}

func BenchmarkReader_Endpoints(b *testing.B) {
	r := mustOpen(b)
	var buf []Socket
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = r.Read(Endpoints, buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(buf)), "sockets")
}

func BenchmarkReader_All(b *testing.B) {
	r := mustOpen(b)
	var buf []Socket
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = r.Read(Endpoints|Connections, buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(buf)), "sockets")
}
