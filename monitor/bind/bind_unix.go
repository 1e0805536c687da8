//go:build unix

package bind

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// exclusive: this system has an exclusive manner of its own.
const exclusive = false

// held is a bound socket.
type held struct{ fd int }

func (h *held) close() error { return unix.Close(h.fd) }

// hold binds, and for TCP listens as servers do: two sockets with SO_REUSEADDR
// may both bind, and only listen(2) tells which gets the port.
func hold(proto sockets.Proto, addr netip.AddrPort, manner Manner) (*held, error) {
	family, to := sockaddr(addr)
	kind := unix.SOCK_STREAM
	if proto == sockets.UDP {
		kind = unix.SOCK_DGRAM
	}
	// Not every Unix has SOCK_CLOEXEC: no child may be made in between.
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(family, kind, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	if err := prepare(fd, family, proto, to, manner); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &held{fd}, nil
}

func prepare(fd, family int, proto sockets.Proto, to unix.Sockaddr, manner Manner) error {
	server := manner == Server || manner == Dual
	if family == unix.AF_INET6 {
		only := 1
		if manner == Dual {
			only = 0
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only); err != nil {
			return err
		}
	}
	if server && proto == sockets.TCP {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	if err := unix.Bind(fd, to); err != nil {
		return err
	}
	if server && proto == sockets.TCP {
		return unix.Listen(fd, 0)
	}
	return nil
}

func sockaddr(addr netip.AddrPort) (family int, sa unix.Sockaddr) {
	a := addr.Addr()
	if a.Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: a.As4()}
	}
	return unix.AF_INET6, &unix.SockaddrInet6{Port: int(addr.Port()), Addr: a.As16(), ZoneId: zone(a.Zone())}
}

// zone is an interface's number, given by name or number.
func zone(name string) uint32 {
	if name == "" {
		return 0
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// codeOf reads bind(2)'s and socket(2)'s errors.
func codeOf(err error) Code {
	is := func(all ...unix.Errno) bool {
		for _, e := range all {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	switch {
	case err == nil:
		return OK
	case is(unix.EADDRINUSE):
		return InUse
	case is(unix.EACCES, unix.EPERM):
		return Denied
	case is(unix.EADDRNOTAVAIL, unix.ENODEV): // ENODEV: the zone isn't there
		return NotLocal
	case is(unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT):
		return NoFamily
	case is(unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM):
		return NoResource
	}
	return Other
}
