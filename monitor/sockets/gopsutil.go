//go:build !windows

package sockets

import (
	"fmt"
	"net/netip"
	"strconv"
	"syscall"

	psnet "github.com/shirou/gopsutil/v3/net"
)

// fallback reads sockets through gopsutil: where we have no reader of our own
// (macOS, the BSDs), and on Linux where netlink is refused. What it can't know
// is said in docs/platforms.md and, in short, by limits.
type fallback struct {
	// connections is psnet.Connections, or a test's stand-in.
	connections func(kind string) ([]psnet.ConnectionStat, error)
}

// openFallback doesn't try a reading: one costs a second on a busy machine.
func openFallback() (source, error) {
	return &fallback{connections: psnet.Connections}, nil
}

func (f *fallback) read(want Want, dst []Socket) ([]Socket, error) {
	rows, err := f.connections("inet")
	if err != nil {
		return dst, fmt.Errorf("reading sockets through gopsutil: %w", err)
	}
	unread := 0
	seen := make(map[Socket]bool, len(rows))
	for i := range rows {
		s, ok := fromGopsutil(&rows[i])
		if !ok {
			unread++
			continue
		}
		// lsof prints a line for every descriptor, duplicates too; nothing
		// in it tells those from a second socket.
		if seen[s] {
			continue
		}
		seen[s] = true
		if s.IsEndpoint() && want&Endpoints != 0 || !s.IsEndpoint() && want&Connections != 0 {
			dst = append(dst, s)
		}
	}
	if unread > 0 {
		return dst, fmt.Errorf("reading sockets through gopsutil: %d rows not understood", unread)
	}
	return dst, nil
}

func (f *fallback) limits() []Limit { return []Limit{LimitFallback, LimitV6Only} }

func (f *fallback) close() error { return nil }

// fromGopsutil translates one row. Its UIDs are those of the process, not the
// socket's, and are left out.
func fromGopsutil(c *psnet.ConnectionStat) (Socket, bool) {
	s := Socket{PID: c.Pid}
	switch c.Type {
	case syscall.SOCK_STREAM:
		s.Proto = TCP
	case syscall.SOCK_DGRAM:
		s.Proto = UDP
	default:
		return Socket{}, false
	}
	v6 := c.Family == syscall.AF_INET6
	var ok bool
	if s.Local, ok = addrOf(c.Laddr, v6); !ok {
		return Socket{}, false
	}
	// No peer is the zero address, an empty one or port 0, by system.
	if c.Raddr.Port != 0 {
		if s.Remote, ok = addrOf(c.Raddr, v6); !ok {
			return Socket{}, false
		}
	}
	s.State = stateOf(s.Proto, c.Status, s.Remote.IsValid())
	return s, true
}

// addrOf reads an address as gopsutil prints it. lsof writes a wildcard as
// "*"; /proc's IPv4-mapped addresses arrive as plain IPv4 in an IPv6 row.
func addrOf(a psnet.Addr, v6 bool) (netip.AddrPort, bool) {
	if a.Port > 0xffff {
		return netip.AddrPort{}, false
	}
	port := uint16(a.Port)
	if a.IP == "" || a.IP == "*" {
		if v6 {
			return netip.AddrPortFrom(netip.IPv6Unspecified(), port), true
		}
		return netip.AddrPortFrom(netip.IPv4Unspecified(), port), true
	}
	ip, err := netip.ParseAddr(a.IP)
	if err != nil || !v6 && !ip.Is4() {
		return netip.AddrPort{}, false
	}
	if v6 {
		ip = unembedZone(netip.AddrFrom16(ip.As16()).WithZone(ip.Zone()))
	}
	return netip.AddrPortFrom(ip, port), true
}

// unembedZone takes the interface index out of a link-local address: the BSD
// family's kernels keep it in bytes 2 and 3, which are zero on the wire
// (RFC 4291, section 2.5.6).
func unembedZone(ip netip.Addr) netip.Addr {
	b := ip.As16()
	index := uint64(b[2])<<8 | uint64(b[3])
	if index == 0 || !ip.IsLinkLocalUnicast() || ip.Is4In6() {
		return ip
	}
	b[2], b[3] = 0, 0
	return netip.AddrFrom16(b).WithZone(strconv.FormatUint(index, 10))
}

// stateOf reads the state's name as Linux's /proc (through gopsutil's table)
// and lsof's (ST=…) spell it.
func stateOf(p Proto, name string, peer bool) State {
	if p == UDP {
		if peer {
			return Established
		}
		return Bound
	}
	switch name {
	case "LISTEN":
		return Listen
	case "SYN_SENT":
		return SynSent
	case "SYN_RECV", "SYN_RCVD", "SYN_RCDV", "SYN_RECEIVED":
		return SynReceived
	case "ESTABLISHED":
		return Established
	case "FIN_WAIT1", "FIN_WAIT_1":
		return FinWait1
	case "FIN_WAIT2", "FIN_WAIT_2":
		return FinWait2
	case "CLOSE_WAIT":
		return CloseWait
	case "CLOSING":
		return Closing
	case "LAST_ACK":
		return LastAck
	case "TIME_WAIT":
		return TimeWait
	case "CLOSE", "CLOSED":
		if peer {
			return Closed
		}
		return Bound
	}
	return 0
}
