package sockets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// BoundOnly isn't answered: sockets that have a port and neither listen nor are
// connected are in none of IP Helper's documented tables.
func BoundOnly(uint16) ([]Socket, error) { return nil, ErrUnsupported }

// LingeringOn returns the connections that have ended for their programs and
// still keep the port. Windows doesn't tell how long it will be: 30 to 120 s
// after their end, TcpTimedWaitDelay.
func LingeringOn(port uint16) ([]Lingering, error) {
	r, err := Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	all, err := r.Read(Connections, nil)
	if err != nil {
		return nil, fmt.Errorf("connections on port %d: %w", port, err)
	}
	return ended(all, port), nil
}

// Lookup isn't answered: nobody but a connection finds out here.
func Lookup(Proto, netip.AddrPort) (Socket, bool, error) { return Socket{}, false, ErrUnsupported }

// Destroy closes an IPv4 TCP connection for its program, as if reset
// (SetTcpEntry). It needs an administrator, and fails with os.ErrPermission
// without; with ErrGone if the connection has ended, with ErrUnsupported for
// IPv6, for which Windows has no such call.
//
// https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-settcpentry
func Destroy(s Socket) error {
	if s.Proto != TCP || s.State == Listen || s.State == Bound || !s.Remote.IsValid() || s.Remote.Port() == 0 {
		return fmt.Errorf("close %s %v: %w", s.Proto, s.Local, ErrNotConnection)
	}
	if err := destroy(&s); err != nil {
		return fmt.Errorf("close %s %v to %v: %w", s.Proto, s.Local, s.Remote, err)
	}
	return nil
}

func destroy(s *Socket) error {
	row, ok := deletion(s.Local, s.Remote)
	if !ok {
		return ErrUnsupported
	}
	// The row has no name but its ends: whether it is the socket that was read
	// is compared right before.
	r, err := Open()
	if err != nil {
		return err
	}
	defer r.Close()
	now, err := r.Read(Connections, nil)
	if err != nil {
		return err
	}
	there := false
	for i := range now {
		n := &now[i]
		there = there || n.Proto == TCP && n.Local == s.Local && n.Remote == s.Remote &&
			n.Created == s.Created && n.PID == s.PID
	}
	if !there {
		return ErrGone
	}
	proc := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("SetTcpEntry")
	if proc.Find() != nil {
		return ErrUnsupported
	}
	code, _, _ := proc.Call(uintptr(unsafe.Pointer(&row)))
	// ERROR_MR_MID_NOT_FOUND (317) is what it says to those without the right.
	const midNotFound = syscall.Errno(317)
	switch errno := syscall.Errno(code); {
	case errno == 0:
		return nil
	case errno == midNotFound, errno == windows.ERROR_ACCESS_DENIED:
		return os.ErrPermission
	case errno == windows.ERROR_NOT_SUPPORTED, errors.Is(errno, errors.ErrUnsupported):
		return ErrUnsupported
	default:
		return errno
	}
}

// tcpRow is MIB_TCPROW: state, and the ends with addresses and ports in network
// byte order.
type tcpRow struct {
	state                                     uint32
	localAddr, localPort, remoteAddr, remPort uint32
}

// deletion is the row that asks for a connection's end.
func deletion(local, remote netip.AddrPort) (tcpRow, bool) {
	const deleteTCB = 12 // MIB_TCP_STATE_DELETE_TCB
	if !local.Addr().Is4() || !remote.Addr().Is4() {
		return tcpRow{}, false
	}
	addr := func(a netip.Addr) uint32 { b := a.As4(); return binary.LittleEndian.Uint32(b[:]) }
	port := func(p uint16) uint32 { return uint32(p>>8 | p<<8) }
	return tcpRow{deleteTCB, addr(local.Addr()), port(local.Port()), addr(remote.Addr()), port(remote.Port())}, true
}
