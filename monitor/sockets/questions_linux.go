package sockets

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const statesBoundInactive = 1 << 13 // TCPF_BOUND_INACTIVE, net/tcp_states.h

// BoundOnly returns the TCP sockets that took the port with bind(2) and
// neither listen nor connect. Kernels before 6.8 don't list such and answer
// the question with nothing: there it fails with ErrUnsupported.
func BoundOnly(port uint16) ([]Socket, error) {
	if err := boundIsListed(); err != nil {
		return nil, err
	}
	return boundOnly(port)
}

// boundIsListed tries it once, with a socket of our own.
var boundIsListed = sync.OnceValue(func() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bound sockets: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fmt.Errorf("bound sockets: %w", err)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		return fmt.Errorf("bound sockets: %w", err)
	}
	rows, err := boundOnly(uint16(at.(*unix.SockaddrInet4).Port))
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("bound sockets, before Linux 6.8: %w", ErrUnsupported)
	}
	return nil
})

func boundOnly(port uint16) ([]Socket, error) {
	var bound []Socket
	err := eachRow(port, statesBoundInactive, func(s *Socket, _ []byte) {
		// The bit is for asking only: the row says TCP_CLOSE, as the socket does.
		if b := *s; b.State == Closed || b.State == Bound {
			b.State, b.Remote = Bound, netip.AddrPort{}
			bound = append(bound, b)
		}
	})
	return bound, err
}

// LingeringOn returns the connections that have ended for their programs and
// still keep the local port.
func LingeringOn(port uint16) ([]Lingering, error) {
	var all []Lingering
	err := eachRow(port, statesLingering, func(s *Socket, msg []byte) {
		if l, ok := lingering(s, msg); ok {
			all = append(all, l)
		}
	})
	return all, err
}

// eachRow dumps the TCP sockets of that local port and those states.
func eachRow(port uint16, states uint32, row func(s *Socket, msg []byte)) error {
	n, err := openNetlink()
	if err != nil {
		return err
	}
	defer n.close()
	n.dec.row = func(s *Socket, msg []byte) {
		if s.Local.Port() == port {
			row(s, msg)
		}
	}
	for _, family := range [...]uint8{afInet, afInet6} {
		r := diagRequest{family: family, proto: protoTCP, states: states, port: port}
		if _, err := n.dump(r, nil); err != nil {
			return fmt.Errorf("read %s sockets on port %d: %w", r, port, err)
		}
	}
	return nil
}

// Lookup returns the socket that a packet from this machine to that address of
// this machine would reach. Only the kernel is asked; nothing is sent.
func Lookup(proto Proto, to netip.AddrPort) (s Socket, found bool, err error) {
	n, err := openNetlink()
	if err != nil {
		return Socket{}, false, err
	}
	defer n.close()
	// A packet to an address of our own comes from that very address, and in
	// through the loopback interface. No peer has port 0, so no connection is
	// found in the place of a listener.
	r := exactRequest{
		kind: sockDiagByFamily, family: familyOf(to.Addr()), proto: proto,
		local: to, remote: netip.AddrPortFrom(to.Addr(), 0), device: arrival(to.Addr()), cookie: anyCookie,
	}
	s, _, found, err = n.exact(&r)
	if err != nil {
		return Socket{}, false, fmt.Errorf("look up %s %v: %w", proto, to, err)
	}
	return s, found, nil
}

// Destroy closes a connection for both its ends, as if reset. The socket must
// be as it was read: a listener is never touched. It needs CAP_NET_ADMIN, and
// fails with os.ErrPermission without, ErrGone if the connection has ended,
// and ErrUnsupported where the kernel was built without
// CONFIG_INET_DIAG_DESTROY.
func Destroy(s Socket) error {
	if s.Proto != TCP || s.State == Listen || s.State == Bound || !s.Remote.IsValid() || s.Remote.Port() == 0 {
		return fmt.Errorf("close %s %v: %w", s.Proto, s.Local, ErrNotConnection)
	}
	n, err := openNetlink()
	if err != nil {
		return err
	}
	defer n.close()
	if err := n.destroy(&s); err != nil {
		return fmt.Errorf("close %s %v to %v: %w", s.Proto, s.Local, s.Remote, err)
	}
	return nil
}

// destroy looks the connection up first: where it has ended, the kernel would
// go on to the listener behind it. The cookie then binds the request to what
// was found.
func (n *netlink) destroy(s *Socket) error {
	r := exactRequest{
		kind: sockDiagByFamily, family: familyOf(s.Local.Addr()), proto: s.Proto,
		local: s.Local, remote: s.Remote, device: interfaceOf(s), cookie: anyCookie,
	}
	got, name, found, err := n.exact(&r)
	switch {
	case err != nil:
		return err
	case !found, got.Local != s.Local, got.Remote != s.Remote, got.State == Listen, s.Handle != 0 && got.Handle != s.Handle:
		return ErrGone
	}
	r.kind, r.flags, r.cookie = sockDestroy, nlmFlagAck, name
	switch _, _, _, err := n.exact(&r); {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESTALE):
		return ErrGone
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return os.ErrPermission
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EINVAL):
		return ErrUnsupported
	default:
		return err
	}
}

// exact asks about one socket and waits for the one answer.
func (n *netlink) exact(r *exactRequest) (Socket, cookie, bool, error) {
	n.seq++
	n.dec.seq, n.dec.proto = n.seq, r.proto
	n.req = r.append(n.req[:0], n.seq)
	if err := unix.Sendto(n.fd, n.req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return Socket{}, cookie{}, false, err
	}
	for {
		size, err := unix.Read(n.fd, n.buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return Socket{}, cookie{}, false, os.ErrDeadlineExceeded
		case err != nil:
			return Socket{}, cookie{}, false, err
		}
		return n.dec.answer(n.buf[:size])
	}
}

func familyOf(a netip.Addr) uint8 {
	if a.Is4() {
		return afInet
	}
	return afInet6
}

// arrival is the interface on which a packet to one of our own addresses comes
// in: a link-local one names it, all others use loopback. 0 if there is none.
func arrival(a netip.Addr) uint32 {
	if z := a.Zone(); z != "" {
		return indexOf(z)
	}
	all, err := net.Interfaces()
	if err != nil {
		return 0
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return uint32(i.Index)
		}
	}
	return 0
}

// interfaceOf is the interface that a socket is bound to, 0 if none.
func interfaceOf(s *Socket) uint32 {
	if z := s.Local.Addr().Zone(); z != "" {
		return indexOf(z)
	}
	if s.Device != "" {
		return indexOf(s.Device)
	}
	return 0
}

func indexOf(name string) uint32 {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0
	}
	return uint32(i.Index)
}
