package sockets

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
)

// This file decodes the tables of Windows' IP Helper (iphlpapi.h). It is
// built everywhere, so that the decoder can be tested and fuzzed on any
// system; only sockets_windows.go asks Windows for such a table.
//
// Each table is a DWORD count, four bytes of padding and that many rows of
// the same size. Rows hold a 64-bit number, so they start at offset 8 and
// their layout is the same in 32- and 64-bit programs.

// rowLayout says where a row keeps its fields, as byte offsets. absent marks
// what a table doesn't tell.
type rowLayout struct {
	name  string
	proto Proto
	v6    bool
	size  int

	state                           int
	local, localScope, localPort    int
	remote, remoteScope, remotePort int
	pid, created, moduleInfo        int
}

const absent = -1

// tableHeader is the offset of the first row.
const tableHeader = 8

// The rows of the OWNER_MODULE classes.
// https://learn.microsoft.com/windows/win32/api/tcpmib/ns-tcpmib-mib_tcprow_owner_module
// https://learn.microsoft.com/windows/win32/api/tcpmib/ns-tcpmib-mib_tcp6row_owner_module
// https://learn.microsoft.com/windows/win32/api/udpmib/ns-udpmib-mib_udprow_owner_module
// https://learn.microsoft.com/windows/win32/api/udpmib/ns-udpmib-mib_udp6row_owner_module
var (
	tcp4Rows = rowLayout{
		name: "tcp4", proto: TCP, size: 160,
		state: 0, local: 4, localScope: absent, localPort: 8,
		remote: 12, remoteScope: absent, remotePort: 16,
		pid: 20, created: 24, moduleInfo: 32,
	}
	tcp6Rows = rowLayout{
		name: "tcp6", proto: TCP, v6: true, size: 192,
		local: 0, localScope: 16, localPort: 20,
		remote: 24, remoteScope: 40, remotePort: 44,
		state: 48, pid: 52, created: 56, moduleInfo: 64,
	}
	udp4Rows = rowLayout{
		name: "udp4", proto: UDP, size: 160,
		state: absent, local: 0, localScope: absent, localPort: 4,
		remote: absent, remoteScope: absent, remotePort: absent,
		pid: 8, created: 16, moduleInfo: 32,
	}
	udp6Rows = rowLayout{
		name: "udp6", proto: UDP, v6: true, size: 176,
		state: absent, local: 0, localScope: 16, localPort: 20,
		remote: absent, remoteScope: absent, remotePort: absent,
		pid: 24, created: 32, moduleInfo: 48,
	}
)

// decode appends the wanted rows of one table to dst. A count that the buffer
// can't hold is an error; the rows that are there are returned beside it.
//
// A row of PID 0 is nobody's: a connection in TIME_WAIT outlives its owner.
func (l *rowLayout) decode(buf []byte, want Want, dst []Socket) ([]Socket, error) {
	if len(buf) < 4 {
		return dst, fmt.Errorf("%s table: %d bytes hold no row count", l.name, len(buf))
	}
	count := uint64(binary.LittleEndian.Uint32(buf))
	var rows []byte
	if len(buf) > tableHeader {
		rows = buf[tableHeader:]
	}
	var err error
	if room := uint64(len(rows) / l.size); count > room {
		err = fmt.Errorf("%s table: %d rows announced, %d in the buffer", l.name, count, room)
		count = room
	}
	for ; count > 0; count-- {
		s := l.row(rows[:l.size])
		rows = rows[l.size:]
		if s.IsEndpoint() && want&Endpoints != 0 || !s.IsEndpoint() && want&Connections != 0 {
			dst = append(dst, s)
		}
	}
	return dst, err
}

// row decodes one row of exactly l.size bytes.
func (l *rowLayout) row(b []byte) Socket {
	s := Socket{
		Proto:   l.proto,
		State:   Bound,
		Local:   l.addrPort(b, l.local, l.localScope, l.localPort),
		PID:     int32(binary.LittleEndian.Uint32(b[l.pid:])),
		Created: unixNanos(binary.LittleEndian.Uint64(b[l.created:])),
		// The first of the "opaque" numbers is the service tag.
		ServiceTag: binary.LittleEndian.Uint32(b[l.moduleInfo:]),
	}
	if l.state != absent {
		s.State = mibState(binary.LittleEndian.Uint32(b[l.state:]))
	}
	// While a socket listens, its remote fields "have no meaning".
	if l.remote != absent && s.State != Listen {
		s.Remote = l.addrPort(b, l.remote, l.remoteScope, l.remotePort)
	}
	return s
}

// addrPort reads an address and port. Ports are big-endian in the low 16 bits
// of their field; the upper 16 may hold anything.
func (l *rowLayout) addrPort(b []byte, addr, scope, port int) netip.AddrPort {
	p := binary.BigEndian.Uint16(b[port:])
	if !l.v6 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[addr:])), p)
	}
	a := netip.AddrFrom16([16]byte(b[addr:]))
	// Only link-local addresses need a zone; some systems give one to ::1 too,
	// which would make it another endpoint than the plain ::1.
	s := scopeID(binary.LittleEndian.Uint32(b[scope:]))
	if s != 0 && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast()) {
		a = a.WithZone(strconv.FormatUint(uint64(s), 10))
	}
	return netip.AddrPortFrom(a, p)
}

// scopeID returns the interface index of a scope field. The documentation
// says network byte order, the systems answer in host byte order. Indexes are
// small, so the two can be told apart: only a swapped one has its low half
// empty.
func scopeID(raw uint32) uint32 {
	if raw&0xffff == 0 {
		return raw>>24 | raw>>8&0xff00
	}
	return raw
}

// mibState translates MIB_TCP_STATE (tcpmib.h). A number unknown to us gives
// the zero State, shown as unknown.
func mibState(n uint32) State {
	states := [...]State{
		1: Closed, 2: Listen, 3: SynSent, 4: SynReceived, 5: Established, 6: FinWait1,
		7: FinWait2, 8: CloseWait, 9: Closing, 10: LastAck, 11: TimeWait,
		12: Closed, // DELETE_TCB: being taken down
	}
	if n < uint32(len(states)) {
		return states[n]
	}
	return 0
}

// unixNanos turns a FILETIME (100 ns steps since 1601, UTC) into Unix
// nanoseconds; 0 and what lies outside of 1970–2262 give 0, unknown.
func unixNanos(filetime uint64) int64 {
	const unixEpoch = 116444736000000000
	if filetime <= unixEpoch || filetime-unixEpoch > (1<<63-1)/100 {
		return 0
	}
	return int64(filetime-unixEpoch) * 100
}
