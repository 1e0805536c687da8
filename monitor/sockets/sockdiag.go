package sockets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// The sock_diag wire format, decoded without touching the operating system so
// that it can be tested and fuzzed anywhere. Layouts and numbers:
// linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h, net/tcp_states.h.
const (
	nlmsgHeaderLen = 16 // struct nlmsghdr
	nlmsgNoop      = 1
	nlmsgError     = 2
	nlmsgDone      = 3
	nlmsgOverrun   = 4

	nlmFlagRequest = 0x1
	nlmFlagDump    = 0x300 // NLM_F_ROOT | NLM_F_MATCH

	sockDiagByFamily = 20
	tcpDiagGetSock   = 18 // the older request, TCPDIAG_GETSOCK

	inetDiagReqLen    = 56 // struct inet_diag_req_v2
	oldInetDiagReqLen = 60 // struct inet_diag_req
	inetDiagMsgLen    = 72 // struct inet_diag_msg

	inetDiagAttrInfo     = 2
	inetDiagAttrSKV6Only = 11
	inetDiagAttrCgroupID = 21

	afUnspec, afInet, afInet6       = 0, 2, 10
	protoTCP, protoUDP              = 6, 17
	udpUnconnected            uint8 = 7 // an unconnected UDP socket is in TCP_CLOSE
)

// kernelStates maps the numbers of net/tcp_states.h to ours. NEW_SYN_RECV
// (12) is SYN_RECV's short form; BOUND_INACTIVE (13) exists since Linux 6.8.
var kernelStates = [...]State{
	1: Established, 2: SynSent, 3: SynReceived, 4: FinWait1, 5: FinWait2, 6: TimeWait,
	7: Closed, 8: CloseWait, 9: LastAck, 10: Listen, 11: Closing, 12: SynReceived, 13: Bound,
}

// Bits of idiag_states.
const (
	statesListen      = 1 << 10
	statesUDPBound    = 1 << 7
	statesConnections = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<8 | 1<<9 | 1<<11 | 1<<12
	statesUDPPeer     = 1 << 1
)

var errTruncated = errors.New("truncated netlink message")

// diagRequest is one dump to ask for. TCP can be asked for both families at
// once, as afUnspec.
type diagRequest struct {
	family, proto uint8
	states        uint32
	ext           uint8  // bit (1 << attribute-1) of the attributes wanted
	port          uint16 // local; 0 for any, and a hint only: not every state's walk heeds it
}

// append encodes the request, header included, in the machine's byte order.
//
// A request for both families must be of the older kind: the newer one goes to
// a family's own handler, the older one to TCP's, which then looks at no family
// (inet_diag_dump_compat in net/ipv4/inet_diag.c). UDP never had the older kind.
func (r diagRequest) append(b []byte, seq uint32) []byte {
	le := binary.NativeEndian
	size, kind := inetDiagReqLen, uint16(sockDiagByFamily)
	if r.family == afUnspec {
		size, kind = oldInetDiagReqLen, tcpDiagGetSock
	}
	b = le.AppendUint32(b, uint32(nlmsgHeaderLen+size))
	b = le.AppendUint16(b, kind)
	b = le.AppendUint16(b, nlmFlagRequest|nlmFlagDump)
	b = le.AppendUint32(b, seq)
	b = le.AppendUint32(b, 0)
	if kind == tcpDiagGetSock {
		b = append(b, afUnspec, 0, 0, r.ext)
		b = append(b, make([]byte, 48)...) // any address, any port
		b = le.AppendUint32(b, r.states)
		return le.AppendUint32(b, 0)
	}
	b = append(b, r.family, r.proto, r.ext, 0)
	b = le.AppendUint32(b, r.states)
	b = binary.BigEndian.AppendUint16(b, r.port)
	return append(b, make([]byte, inetDiagReqLen-10)...) // any address
}

// diagDecoder turns the answers to one request into sockets.
type diagDecoder struct {
	proto Proto
	seq   uint32
	// device names an interface index; it must not fail.
	device func(index uint32) string
	// info, if set, gets each message's tcp_info attribute.
	info func(s *Socket, tcpInfo []byte)
	// row, if set, gets each row's struct inet_diag_msg, for what a Socket
	// has no field for.
	row func(s *Socket, msg []byte)
}

// decode appends the sockets in one datagram to dst. done is true after the
// dump's last message. Messages of an earlier, abandoned dump are passed over.
func (d *diagDecoder) decode(b []byte, dst []Socket) (_ []Socket, done bool, err error) {
	le := binary.NativeEndian
	for len(b) >= nlmsgHeaderLen {
		n := int(le.Uint32(b))
		if n < nlmsgHeaderLen || n > len(b) {
			return dst, false, errTruncated
		}
		body, kind, seq := b[nlmsgHeaderLen:n], le.Uint16(b[4:]), le.Uint32(b[8:])
		b = b[min(len(b), (n+3)&^3):]
		if seq != d.seq {
			continue
		}
		switch kind {
		case nlmsgNoop:
		case nlmsgOverrun:
			return dst, false, errors.New("netlink overrun: rows were lost")
		case nlmsgDone, nlmsgError:
			// Both carry an errno, negated; DONE may come without one.
			if len(body) >= 4 {
				if e := int32(le.Uint32(body)); e < 0 {
					return dst, true, syscall.Errno(-e)
				}
			} else if kind == nlmsgError {
				return dst, false, errTruncated
			}
			return dst, true, nil
		case sockDiagByFamily, tcpDiagGetSock:
			// Decoded in place: a local row would escape to the heap through
			// the info callback, one allocation per socket.
			dst = append(dst, Socket{})
			ok, err := d.socket(body, &dst[len(dst)-1])
			if !ok {
				dst = dst[:len(dst)-1]
			} else if d.row != nil {
				d.row(&dst[len(dst)-1], body)
			}
			if err != nil {
				return dst, false, err
			}
		}
	}
	if len(b) != 0 {
		return dst, false, errTruncated
	}
	return dst, false, nil
}

// socket decodes one struct inet_diag_msg and its attributes into s; ok is
// false for a row that is to be passed over.
func (d *diagDecoder) socket(b []byte, s *Socket) (ok bool, err error) {
	if len(b) < inetDiagMsgLen {
		return false, errTruncated
	}
	le := binary.NativeEndian
	family, state := b[0], b[1]
	if int(state) >= len(kernelStates) || kernelStates[state] == 0 {
		return false, nil
	}
	*s = Socket{
		Proto:     d.proto,
		State:     kernelStates[state],
		RecvQueue: le.Uint32(b[56:]),
		SendQueue: le.Uint32(b[60:]),
		UID:       le.Uint32(b[64:]),
		HasUID:    true,
		Handle:    uint64(le.Uint32(b[68:])),
	}
	if d.proto == UDP && state == udpUnconnected {
		s.State = Bound
	}
	if s.State == TimeWait || s.State == SynReceived && s.Handle == 0 {
		s.HasUID = false // kept by the kernel alone: no user, no descriptor
	}
	index := le.Uint32(b[40:])
	if index != 0 && d.device != nil {
		s.Device = d.device(index)
	}
	s.Local, err = diagAddr(family, b[8:24], b[4:6], s.Device)
	if err != nil {
		return false, err
	}
	s.Remote, _ = diagAddr(family, b[24:40], b[6:8], s.Device)
	if s.IsEndpoint() || s.Remote.Port() == 0 && s.Remote.Addr().IsUnspecified() {
		s.Remote = netip.AddrPort{}
	}
	if s.Local.Addr().Zone() != "" {
		s.Device = "" // the zone says it; a link-local bind is no SO_BINDTODEVICE
	}
	d.attributes(b[inetDiagMsgLen:], s)
	return true, nil
}

func (d *diagDecoder) attributes(b []byte, s *Socket) {
	le := binary.NativeEndian
	for len(b) >= 4 {
		n, kind := int(le.Uint16(b)), le.Uint16(b[2:])
		if n < 4 || n > len(b) {
			return
		}
		v := b[4:n]
		switch {
		case kind == inetDiagAttrSKV6Only && len(v) >= 1:
			s.V6Only = TriOf(v[0] != 0)
		case kind == inetDiagAttrCgroupID && len(v) >= 8:
			s.Cgroup = le.Uint64(v)
		case kind == inetDiagAttrInfo && d.info != nil:
			d.info(s, v)
		}
		b = b[min(len(b), (n+3)&^3):]
	}
}

func diagAddr(family uint8, addr, port []byte, device string) (netip.AddrPort, error) {
	p := binary.BigEndian.Uint16(port)
	switch family {
	case afInet:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr[:4])), p), nil
	case afInet6:
		a := netip.AddrFrom16([16]byte(addr[:16]))
		if device != "" && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast()) {
			a = a.WithZone(device)
		}
		return netip.AddrPortFrom(a, p), nil
	}
	return netip.AddrPort{}, fmt.Errorf("socket of address family %d", family)
}
