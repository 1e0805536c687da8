package bind

import (
	"net/netip"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Anywhere are the four addresses programs bind when no other is asked for.
func Anywhere() []netip.Addr {
	return []netip.Addr{
		netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv4Unspecified(),
		netip.IPv6Loopback(), netip.IPv6Unspecified(),
	}
}

// Once tries the address that way and lets it go again. A connection that
// comes in that very instant is reset.
func Once(proto sockets.Proto, addr netip.AddrPort, manner Manner) Try {
	t := Try{Proto: proto, Addr: addr, Manner: manner}
	h, err := hold(proto, addr, manner)
	if err == nil {
		err = h.close()
	}
	t.Code, t.Err = codeOf(err), err
	return t
}

// Survey tries the port on every address, as servers do and plainly, [::] in
// the Dual manner too, and on Windows the wildcards exclusively.
func Survey(proto sockets.Proto, port uint16, addrs []netip.Addr) []Try {
	var tries []Try
	for _, a := range addrs {
		for _, m := range manners(a) {
			tries = append(tries, Once(proto, netip.AddrPortFrom(a, port), m))
		}
	}
	return tries
}

// manners are those that tell something about an address on this system.
func manners(a netip.Addr) []Manner {
	m := []Manner{Server, Plain}
	if exclusive && a.IsUnspecified() {
		m = append(m, Exclusive)
	}
	if a.Is6() && a.IsUnspecified() {
		m = append(m, Dual)
	}
	return m
}
