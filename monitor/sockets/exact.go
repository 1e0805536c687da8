package sockets

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
)

// Requests about one socket, in sock_diag's wire format: without NLM_F_DUMP
// the kernel looks the addresses up as it would for an arriving packet
// (inet_diag_find_one_icsk in net/ipv4/inet_diag.c, udp_dump_one in
// net/ipv4/udp_diag.c).
const (
	nlmFlagAck  = 0x4
	sockDestroy = 21 // SOCK_DESTROY, linux/sock_diag.h
)

// cookie is the kernel's own name of a socket, never given twice in one boot.
type cookie [2]uint32

// anyCookie doesn't ask for one (INET_DIAG_NOCOOKIE).
var anyCookie = cookie{^uint32(0), ^uint32(0)}

// exactRequest names one socket by its two ends.
type exactRequest struct {
	kind, flags uint16
	family      uint8
	proto       Proto
	// local and remote are as the socket sees them.
	local, remote netip.AddrPort
	device        uint32 // index of the interface the packet arrives on
	cookie        cookie
}

// append encodes the request, header included, in the machine's byte order.
func (r *exactRequest) append(b []byte, seq uint32) []byte {
	le := binary.NativeEndian
	b = le.AppendUint32(b, nlmsgHeaderLen+inetDiagReqLen)
	b = le.AppendUint16(b, r.kind)
	b = le.AppendUint16(b, nlmFlagRequest|r.flags)
	b = le.AppendUint32(b, seq)
	b = le.AppendUint32(b, 0)
	proto := uint8(protoTCP)
	src, dst := r.local, r.remote
	if r.proto == UDP {
		proto = protoUDP
		if r.kind == sockDiagByFamily {
			src, dst = dst, src // swapped in the kernel too, "for historical reasons"
		}
	}
	b = append(b, r.family, proto, 0, 0)
	b = le.AppendUint32(b, ^uint32(0))
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = appendAddr(b, r.family, src.Addr())
	b = appendAddr(b, r.family, dst.Addr())
	b = le.AppendUint32(b, r.device)
	b = le.AppendUint32(b, r.cookie[0])
	return le.AppendUint32(b, r.cookie[1])
}

// appendAddr writes the 16 bytes of an address in a request's family: IPv4
// fills the first four, or is mapped in an IPv6 socket's.
func appendAddr(b []byte, family uint8, a netip.Addr) []byte {
	var out [16]byte
	if family == afInet {
		a4 := a.Unmap().As4()
		copy(out[:], a4[:])
	} else {
		out = a.As16()
	}
	return append(b, out[:]...)
}

// answer reads the datagram that answers an exactRequest: the socket, or the
// errno it failed with, or neither where it was an acknowledgement.
func (d *diagDecoder) answer(b []byte) (s Socket, c cookie, ok bool, err error) {
	d.row = func(_ *Socket, msg []byte) {
		c = cookie{binary.NativeEndian.Uint32(msg[44:]), binary.NativeEndian.Uint32(msg[48:])}
	}
	rows, _, err := d.decode(b, nil)
	d.row = nil
	if errors.Is(err, syscall.ENOENT) {
		return Socket{}, cookie{}, false, nil
	}
	if err != nil || len(rows) == 0 {
		return Socket{}, cookie{}, false, err
	}
	return rows[len(rows)-1], c, true, nil
}
