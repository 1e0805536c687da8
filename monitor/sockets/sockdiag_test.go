package sockets

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"testing"
)

// message builds a netlink message as the kernel would send it.
func message(kind uint16, seq uint32, body []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(nlmsgHeaderLen+len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, 2) // NLM_F_MULTI
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = append(b, body...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// row builds a struct inet_diag_msg; addresses are in network order.
func row(family, state uint8, local, remote netip.AddrPort, ifindex, uid, inode uint32, attrs ...[]byte) []byte {
	b := []byte{family, state, 0, 0}
	b = binary.BigEndian.AppendUint16(b, local.Port())
	b = binary.BigEndian.AppendUint16(b, remote.Port())
	addr := func(a netip.Addr) []byte {
		out := make([]byte, 16)
		copy(out, a.AsSlice())
		return out
	}
	b = append(b, addr(local.Addr())...)
	b = append(b, addr(remote.Addr())...)
	b = binary.NativeEndian.AppendUint32(b, ifindex)
	b = append(b, make([]byte, 8)...) // cookie
	for _, v := range []uint32{0, 3, 128, uid, inode} {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	for _, a := range attrs {
		b = append(b, a...)
	}
	return b
}

func attr(kind uint16, v ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(v)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func TestDecode_ReadsEachKindOfRow(t *testing.T) {
	at := netip.MustParseAddrPort
	none4, none6 := at("0.0.0.0:0"), at("[::]:0")
	cgroup := binary.NativeEndian.AppendUint64(nil, 4711)
	tests := []struct {
		name  string
		proto Proto
		body  []byte
		want  Socket
	}{
		{
			"a TCP listener carries its backlog and no peer", TCP,
			row(afInet, 10, at("127.0.0.1:8080"), none4, 0, 1000, 77),
			Socket{Proto: TCP, State: Listen, Local: at("127.0.0.1:8080"), HasUID: true, UID: 1000, Handle: 77, RecvQueue: 3, SendQueue: 128},
		},
		{
			"an IPv6 wildcard says whether it serves IPv4", TCP,
			row(afInet6, 10, at("[::]:80"), none6, 0, 0, 78, attr(8, 0), attr(inetDiagAttrSKV6Only, 1), attr(inetDiagAttrCgroupID, cgroup...)),
			Socket{Proto: TCP, State: Listen, Local: at("[::]:80"), HasUID: true, Handle: 78, V6Only: Yes, Cgroup: 4711, RecvQueue: 3, SendQueue: 128},
		},
		{
			"a link-local address gets its zone", TCP,
			row(afInet6, 10, at("[fe80::1]:80"), none6, 5, 0, 79),
			Socket{Proto: TCP, State: Listen, Local: at("[fe80::1%eth5]:80"), HasUID: true, Handle: 79, RecvQueue: 3, SendQueue: 128},
		},
		{
			"a socket bound to an interface keeps its name", UDP,
			row(afInet, 7, at("127.0.0.53:53"), none4, 1, 101, 80),
			Socket{Proto: UDP, State: Bound, Local: at("127.0.0.53:53"), Device: "eth1", HasUID: true, UID: 101, Handle: 80, RecvQueue: 3, SendQueue: 128},
		},
		{
			"a mapped address stays an IPv6 socket's", TCP,
			row(afInet6, 1, at("[::ffff:127.0.0.1]:80"), at("[::ffff:127.0.0.1]:4000"), 0, 0, 81),
			Socket{Proto: TCP, State: Established, Local: at("[::ffff:127.0.0.1]:80"), Remote: at("[::ffff:127.0.0.1]:4000"), HasUID: true, Handle: 81, RecvQueue: 3, SendQueue: 128},
		},
		{
			"TIME_WAIT belongs to nobody", TCP,
			row(afInet, 6, at("127.0.0.1:80"), at("127.0.0.1:4000"), 0, 0, 0),
			Socket{Proto: TCP, State: TimeWait, Local: at("127.0.0.1:80"), Remote: at("127.0.0.1:4000"), RecvQueue: 3, SendQueue: 128},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := diagDecoder{proto: tt.proto, seq: 9, device: func(i uint32) string { return "eth" + string(rune('0'+i)) }}
			b := append(message(sockDiagByFamily, 9, tt.body), message(nlmsgDone, 9, []byte{0, 0, 0, 0})...)
			got, done, err := d.decode(b, nil)
			if err != nil || !done || len(got) != 1 {
				t.Fatalf("decode = %+v, done %v, %v", got, done, err)
			}
			if got[0] != tt.want {
				t.Errorf("\n got %+v\nwant %+v", got[0], tt.want)
			}
		})
	}
}

func TestDecode_EndsAsTheKernelSays(t *testing.T) {
	errno := func(e syscall.Errno) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(-int32(e))) }
	tests := []struct {
		name string
		b    []byte
		done bool
		want error
	}{
		{"an error message is that error", message(nlmsgError, 1, errno(syscall.EPERM)), true, syscall.EPERM},
		{"a dump can fail at its end", message(nlmsgDone, 1, errno(syscall.ENOMEM)), true, syscall.ENOMEM},
		{"rows of an abandoned dump are passed over", message(nlmsgDone, 7, nil), false, nil},
		{"an unknown message is passed over", message(99, 1, nil), false, nil},
		{"half a header is an error", []byte{1, 2, 3}, false, errTruncated},
		{"a length beyond the datagram is an error", message(nlmsgDone, 1, nil)[:nlmsgHeaderLen-4], false, errTruncated},
		{"half a row is an error", message(sockDiagByFamily, 1, make([]byte, 40)), false, errTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := diagDecoder{proto: TCP, seq: 1}
			rows, done, err := d.decode(tt.b, nil)
			if done != tt.done || !errors.Is(err, tt.want) || len(rows) != 0 {
				t.Errorf("decode = %v, %v, %v; want done %v, %v", rows, done, err, tt.done, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	at := netip.MustParseAddrPort
	f.Add(message(sockDiagByFamily, 1, row(afInet, 10, at("127.0.0.1:1"), at("0.0.0.0:0"), 0, 0, 1)))
	f.Add(message(sockDiagByFamily, 1, row(afInet6, 10, at("[fe80::1]:1"), at("[::]:0"), 3, 0, 1, attr(21, 1, 2, 3, 4, 5, 6, 7, 8))))
	f.Add(message(nlmsgError, 1, []byte{0xff, 0xff, 0xff, 0xff}))
	f.Add([]byte{16, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := diagDecoder{proto: TCP, seq: 1, device: func(uint32) string { return "eth0" }, info: func(*Socket, []byte) {}}
		rows, _, _ := d.decode(b, nil)
		if len(rows)*(nlmsgHeaderLen+inetDiagMsgLen) > len(b) {
			t.Fatalf("%d rows out of %d bytes", len(rows), len(b))
		}
		for _, s := range rows {
			if s.State == 0 || !s.Local.Addr().IsValid() {
				t.Fatalf("an impossible row: %+v", s)
			}
		}
	})
}
