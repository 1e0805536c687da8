//go:build !windows

package sockets

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	psnet "github.com/shirou/gopsutil/v3/net"
)

func TestFromGopsutil(t *testing.T) {
	const tcp, udp, v4, v6 = syscall.SOCK_STREAM, syscall.SOCK_DGRAM, syscall.AF_INET, syscall.AF_INET6
	tests := []struct {
		name string
		row  psnet.ConnectionStat
		want Socket
		ok   bool
	}{
		{
			"a listener as Linux tells it has an all-zero peer, which is none",
			psnet.ConnectionStat{Type: tcp, Family: v4, Laddr: psnet.Addr{IP: "127.0.0.1", Port: 80}, Raddr: psnet.Addr{IP: "0.0.0.0"}, Status: "LISTEN", Pid: 7, Uids: []int32{1}},
			Socket{Proto: TCP, State: Listen, Local: at("127.0.0.1:80"), PID: 7}, true,
		},
		{
			"lsof's star is the wildcard of its family",
			psnet.ConnectionStat{Type: tcp, Family: v6, Laddr: psnet.Addr{IP: "*", Port: 80}, Status: "LISTEN", Pid: 7},
			Socket{Proto: TCP, State: Listen, Local: at("[::]:80"), PID: 7}, true,
		},
		{
			"a star in an IPv4 row is the IPv4 wildcard",
			psnet.ConnectionStat{Type: udp, Family: v4, Laddr: psnet.Addr{IP: "*", Port: 5353}, Pid: 7},
			Socket{Proto: UDP, State: Bound, Local: at("0.0.0.0:5353"), PID: 7}, true,
		},
		{
			"a plain IPv4 address in an IPv6 row is an IPv4-mapped one",
			psnet.ConnectionStat{Type: tcp, Family: v6, Laddr: psnet.Addr{IP: "10.0.0.1", Port: 80}, Raddr: psnet.Addr{IP: "10.0.0.2", Port: 5000}, Status: "ESTABLISHED", Pid: 7},
			Socket{Proto: TCP, State: Established, Local: at("[::ffff:10.0.0.1]:80"), Remote: at("[::ffff:10.0.0.2]:5000"), PID: 7}, true,
		},
		{
			"a link-local address gives up the interface index that BSD kernels keep in it",
			psnet.ConnectionStat{Type: udp, Family: v6, Laddr: psnet.Addr{IP: "fe80:4::1", Port: 546}, Pid: 7},
			Socket{Proto: UDP, State: Bound, Local: at("[fe80::1%4]:546"), PID: 7}, true,
		},
		{
			"UDP with a peer is a connection, whatever its status says",
			psnet.ConnectionStat{Type: udp, Family: v4, Laddr: psnet.Addr{IP: "10.0.0.1", Port: 5000}, Raddr: psnet.Addr{IP: "10.0.0.2", Port: 53}, Status: "NONE", Pid: 7},
			Socket{Proto: UDP, State: Established, Local: at("10.0.0.1:5000"), Remote: at("10.0.0.2:53"), PID: 7}, true,
		},
		{
			"TCP closed without a peer is bound and not listening",
			psnet.ConnectionStat{Type: tcp, Family: v4, Laddr: psnet.Addr{IP: "10.0.0.1", Port: 5000}, Status: "CLOSED", Pid: 7},
			Socket{Proto: TCP, State: Bound, Local: at("10.0.0.1:5000"), PID: 7}, true,
		},
		{
			"an unreadable address is refused, not guessed",
			psnet.ConnectionStat{Type: tcp, Family: v4, Laddr: psnet.Addr{IP: "localhost", Port: 80}, Status: "LISTEN"},
			Socket{}, false,
		},
		{
			"a port beyond 65535 is refused",
			psnet.ConnectionStat{Type: tcp, Family: v4, Laddr: psnet.Addr{IP: "127.0.0.1", Port: 70000}, Status: "LISTEN"},
			Socket{}, false,
		},
		{
			"a raw socket is refused",
			psnet.ConnectionStat{Type: syscall.SOCK_RAW, Family: v4, Laddr: psnet.Addr{IP: "127.0.0.1", Port: 1}},
			Socket{}, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := fromGopsutil(&tt.row)
			if got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %v; want %+v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestFallbackReportsWhatItCouldNotRead(t *testing.T) {
	listener := psnet.ConnectionStat{Type: syscall.SOCK_STREAM, Family: syscall.AF_INET, Laddr: psnet.Addr{IP: "*", Port: 80}, Status: "LISTEN", Pid: 7}
	odd := listener
	odd.Laddr.IP = "?"
	forked := listener
	forked.Pid = 8
	f := &fallback{connections: func(string) ([]psnet.ConnectionStat, error) {
		return []psnet.ConnectionStat{listener, odd, listener, forked}, nil
	}}
	got, err := f.read(Endpoints, nil)
	want := []Socket{
		{Proto: TCP, State: Listen, Local: at("0.0.0.0:80"), PID: 7},
		{Proto: TCP, State: Listen, Local: at("0.0.0.0:80"), PID: 8},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want one row a process: %+v", got, want)
	}
	if err == nil || !strings.Contains(err.Error(), "1 rows not understood") {
		t.Errorf("error %v, want the odd row reported", err)
	}

	refused := errors.New("refused")
	f.connections = func(string) ([]psnet.ConnectionStat, error) { return nil, refused }
	if _, err := f.read(Endpoints, nil); !errors.Is(err, refused) {
		t.Errorf("error %v, want %v", err, refused)
	}
}

// The fallback must find a real listener of this very process.
func TestFallbackSeesOurListener(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	src, err := openFallback()
	if err != nil {
		t.Fatal(err)
	}
	defer src.close()
	rows, err := src.read(Endpoints, nil)
	if err != nil {
		t.Fatal(err)
	}
	local := netip.MustParseAddrPort(l.Addr().String())
	i := slices.IndexFunc(rows, func(s Socket) bool { return s.Proto == TCP && s.Local == local })
	if i < 0 {
		t.Fatalf("%v isn't among %d rows", local, len(rows))
	}
	if rows[i].State != Listen || rows[i].PID != int32(os.Getpid()) {
		t.Errorf("row %+v, want it listening and ours (PID %d)", rows[i], os.Getpid())
	}
	if !slices.Contains(src.limits(), LimitFallback) {
		t.Errorf("limits %v don't say that this is the fallback", src.limits())
	}
}
