package bind

import (
	"errors"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/windows"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// exclusive: this system has an exclusive manner of its own.
const exclusive = true

// held is a bound socket. Winsock counts its users, so each brings its own
// start and end.
type held struct{ h windows.Handle }

func (h *held) close() error {
	err := windows.Closesocket(h.h)
	return errors.Join(err, windows.WSACleanup())
}

// hold binds an address. It doesn't listen: here bind alone decides, and a
// listener on a network's address makes the firewall ask its user about us.
func hold(proto sockets.Proto, addr netip.AddrPort, manner Manner) (*held, error) {
	var data windows.WSAData
	const version = 0x202 // 2.2
	if err := windows.WSAStartup(version, &data); err != nil {
		return nil, err
	}
	family, kind, protocol := int32(windows.AF_INET6), int32(windows.SOCK_STREAM), int32(windows.IPPROTO_TCP)
	if proto == sockets.UDP {
		kind, protocol = windows.SOCK_DGRAM, windows.IPPROTO_UDP
	}
	var to windows.Sockaddr
	if a := addr.Addr(); a.Is4() {
		family = windows.AF_INET
		to = &windows.SockaddrInet4{Port: int(addr.Port()), Addr: a.As4()}
	} else {
		to = &windows.SockaddrInet6{Port: int(addr.Port()), Addr: a.As16(), ZoneId: zoneIndex(a.Zone())}
	}
	// A child that inherited it would be a ghost that holds the port.
	h, err := windows.WSASocket(family, kind, protocol, nil, 0, windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		windows.WSACleanup()
		return nil, err
	}
	s := &held{h}
	if manner == Exclusive {
		err = windows.SetsockoptInt(h, windows.SOL_SOCKET, soExclusiveAddrUse, 1)
	}
	if err == nil && family == windows.AF_INET6 {
		only := 1
		if manner == Dual {
			only = 0
		}
		err = windows.SetsockoptInt(h, windows.IPPROTO_IPV6, windows.IPV6_V6ONLY, only)
	}
	if err == nil {
		err = windows.Bind(h, to)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// SO_EXCLUSIVEADDRUSE: nobody else may bind it, not even with SO_REUSEADDR,
// which on Windows takes over what others have.
// https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse
const soExclusiveAddrUse = ^windows.SO_REUSEADDR

// codeOf reads Winsock's errors.
// https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2
func codeOf(err error) Code {
	if err == nil {
		return OK
	}
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return Other
	}
	switch errno {
	case windows.WSAEADDRINUSE:
		return InUse
	case windows.WSAEACCES:
		return Denied
	case windows.WSAEADDRNOTAVAIL:
		return NotLocal
	case windows.WSAEAFNOSUPPORT, windows.WSAEPROTONOSUPPORT:
		return NoFamily
	case windows.WSAENOBUFS, windows.WSAEMFILE, windows.ERROR_NOT_ENOUGH_MEMORY:
		return NoResource
	}
	return Other
}

// zoneIndex finds the interface of a zone, given by number or name.
func zoneIndex(zone string) uint32 {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	return 0
}
