package units

import (
	"net/netip"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// listen is one element of a socket unit's Listen property: a type and an
// address as systemd prints it (socket_address_print, src/shared/socket-label.c
// and sockaddr_pretty, src/basic/socket-util.c of systemd).
type listen struct{ Type, Address string }

// endpoint returns the Internet address, ok false for every other kind: Unix
// sockets, FIFOs, netlink, vsock.
func (l listen) endpoint() (proto sockets.Proto, addr netip.AddrPort, ok bool) {
	switch l.Type {
	case "Stream":
		proto = sockets.TCP
	case "Datagram":
		proto = sockets.UDP
	default:
		return 0, netip.AddrPort{}, false
	}
	addr, ok = parseListen(l.Address)
	return proto, addr, ok
}

// parseListen reads "127.0.0.1:80", "[::]:80" and "[fe80::1]:80%eth0": systemd
// puts the zone behind the port.
func parseListen(s string) (netip.AddrPort, bool) {
	if strings.HasPrefix(s, "[") {
		body, zone, zoned := strings.Cut(s, "%")
		addr, err := netip.ParseAddrPort(body)
		if err != nil || !addr.Addr().Is6() {
			return netip.AddrPort{}, false
		}
		if zoned {
			if zone == "" {
				return netip.AddrPort{}, false
			}
			addr = netip.AddrPortFrom(addr.Addr().WithZone(zone), addr.Port())
		}
		return addr, true
	}
	addr, err := netip.ParseAddrPort(s)
	if err != nil || !addr.Addr().Is4() {
		return netip.AddrPort{}, false
	}
	return addr, true
}
