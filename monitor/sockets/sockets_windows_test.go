package sockets

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/windows"
)

// Under Wine 8 the tables carry PID 0 for most sockets, so ownership is tested
// with recorded tables (iphelper_test.go) and only the rest here.
func TestReaderSeesOurSockets(t *testing.T) {
	tcp4, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp4.Close()
	tcp6, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp6.Close()
	udp4 := bindUDP(t)
	client, err := net.Dial("tcp4", tcp4.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.src.(*ipHelper).buf = make([]byte, 1) // too small for any table: it must grow

	all, err := r.Read(Endpoints|Connections, nil)
	if err != nil {
		t.Fatal(err)
	}
	find := func(rows []Socket, p Proto, s State, local, remote netip.AddrPort) *Socket {
		i := slices.IndexFunc(rows, func(row Socket) bool {
			return row.Proto == p && row.State == s && row.Local == local && row.Remote == remote
		})
		if i < 0 {
			return nil
		}
		return &rows[i]
	}
	addr := func(a net.Addr) netip.AddrPort { return netip.MustParseAddrPort(a.String()) }
	none := netip.AddrPort{}
	wanted := []struct {
		name          string
		proto         Proto
		state         State
		local, remote netip.AddrPort
	}{
		{"the IPv4 listener", TCP, Listen, addr(tcp4.Addr()), none},
		{"the IPv6 listener", TCP, Listen, addr(tcp6.Addr()), none},
		{"the UDP socket", UDP, Bound, udp4, none},
		{"the client's end", TCP, Established, addr(client.LocalAddr()), addr(client.RemoteAddr())},
	}
	for _, w := range wanted {
		row := find(all, w.proto, w.state, w.local, w.remote)
		if row == nil {
			t.Errorf("%s (%v %v %v) isn't among %d rows", w.name, w.proto, w.state, w.local, len(all))
			continue
		}
		if row.PID != 0 && row.PID != int32(os.Getpid()) {
			t.Errorf("%s belongs to PID %d, want %d", w.name, row.PID, os.Getpid())
		}
		t.Logf("%s: %+v", w.name, *row)
	}

	endpoints, err := r.Read(Endpoints, nil)
	if err != nil {
		t.Fatal(err)
	}
	if find(endpoints, TCP, Listen, addr(tcp4.Addr()), none) == nil {
		t.Error("a reading of endpoints alone misses the IPv4 listener")
	}
	if i := slices.IndexFunc(endpoints, func(s Socket) bool { return !s.IsEndpoint() }); i >= 0 {
		t.Errorf("a reading of endpoints alone has %+v", endpoints[i])
	}
}

// bindUDP binds a UDP socket until the test ends. Package net can't do it under
// Wine 8, which lacks an ioctl that it insists on (SIO_UDP_NETRESET).
func bindUDP(t *testing.T) netip.AddrPort {
	t.Helper()
	s, err := windows.Socket(windows.AF_INET, windows.SOCK_DGRAM, windows.IPPROTO_UDP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { windows.Closesocket(s) })
	if err := windows.Bind(s, &windows.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	sa, err := windows.Getsockname(s)
	if err != nil {
		t.Fatal(err)
	}
	in := sa.(*windows.SockaddrInet4)
	return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
}

func BenchmarkReadEndpoints(b *testing.B) {
	r, err := Open()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var rows []Socket
	b.ReportAllocs()
	for b.Loop() {
		if rows, err = r.Read(Endpoints, rows[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
