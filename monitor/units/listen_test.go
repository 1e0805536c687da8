package units

import (
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestListen_Endpoint(t *testing.T) {
	tests := []struct {
		name  string
		in    listen
		proto sockets.Proto
		addr  string // "" for none
	}{
		{"a port on every address", listen{"Stream", "[::]:8080"}, sockets.TCP, "[::]:8080"},
		{"an IPv4 address", listen{"Stream", "127.0.0.1:631"}, sockets.TCP, "127.0.0.1:631"},
		{"UDP", listen{"Datagram", "[::]:69"}, sockets.UDP, "[::]:69"},
		{"a link-local address has its zone behind the port", listen{"Stream", "[fe80::1]:80%eth0"}, sockets.TCP, "[fe80::1%eth0]:80"},
		{"an IPv4 address in IPv6's clothes", listen{"Stream", "[::ffff:127.0.0.1]:80"}, sockets.TCP, "[::ffff:127.0.0.1]:80"},
		{"a Unix socket", listen{"Stream", "/run/docker.sock"}, 0, ""},
		{"an abstract Unix socket", listen{"Stream", "@/org/x"}, 0, ""},
		{"a Unix socket called like an address", listen{"SequentialPacket", "127.0.0.1:80"}, 0, ""},
		{"netlink", listen{"Netlink", "kobject-uevent 1"}, 0, ""},
		{"vsock", listen{"Stream", "vsock:2:80"}, 0, ""},
		{"no port", listen{"Stream", "127.0.0.1"}, 0, ""},
		{"a port too large", listen{"Stream", "127.0.0.1:65536"}, 0, ""},
		{"an empty zone", listen{"Stream", "[fe80::1]:80%"}, 0, ""},
		{"IPv4 in brackets", listen{"Stream", "[127.0.0.1]:80"}, 0, ""},
		{"nothing", listen{"Stream", ""}, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			proto, addr, ok := tt.in.endpoint()
			if ok != (tt.addr != "") {
				t.Fatalf("got %v %v, want an address: %v", addr, ok, tt.addr != "")
			}
			if ok && (proto != tt.proto || addr != netip.MustParseAddrPort(tt.addr)) {
				t.Errorf("got %v %v, want %v %v", proto, addr, tt.proto, tt.addr)
			}
		})
	}
}

func FuzzParseListen(f *testing.F) {
	for _, s := range []string{"127.0.0.1:80", "[::]:80", "[fe80::1]:80%eth0", "[::]:80%", "@x", "[", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		addr, ok := parseListen(s)
		if !ok {
			if addr != (netip.AddrPort{}) {
				t.Fatalf("%q: not an address, and yet %v", s, addr)
			}
			return
		}
		// Whatever is read is an address that its own spelling leads back to.
		if again, err := netip.ParseAddrPort(addr.String()); err != nil || again != addr {
			t.Errorf("%q: read as %v, which reads as %v (%v)", s, addr, again, err)
		}
	})
}
