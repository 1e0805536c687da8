package sockets

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

func TestExactRequest_NamesTheSocketAsTheKernelReadsIt(t *testing.T) {
	at := netip.MustParseAddrPort
	for _, tt := range []struct {
		name         string
		kind         uint16
		proto        Proto
		sport, dport uint16
	}{
		{"TCP has the socket's own end first", sockDiagByFamily, TCP, 80, 4000},
		{"a UDP question has it last", sockDiagByFamily, UDP, 4000, 80},
		{"a request to close has it first again", sockDestroy, UDP, 80, 4000},
	} {
		r := exactRequest{kind: tt.kind, family: afInet, proto: tt.proto, local: at("127.0.0.1:80"), remote: at("127.0.0.2:4000"), device: 1, cookie: anyCookie}
		b := r.append(nil, 7)
		if len(b) != nlmsgHeaderLen+inetDiagReqLen || int(binary.NativeEndian.Uint32(b)) != len(b) {
			t.Fatalf("%s: %d bytes, header says %d", tt.name, len(b), binary.NativeEndian.Uint32(b))
		}
		if s, d := binary.BigEndian.Uint16(b[24:]), binary.BigEndian.Uint16(b[26:]); s != tt.sport || d != tt.dport {
			t.Errorf("%s: source port %d, destination port %d", tt.name, s, d)
		}
	}
}

func TestAnswer_TellsFoundFromNotThere(t *testing.T) {
	at := netip.MustParseAddrPort
	listener := row(afInet, 10, at("127.0.0.1:80"), at("0.0.0.0:0"), 0, 1000, 77)
	binary.NativeEndian.PutUint32(listener[44:], 5)
	binary.NativeEndian.PutUint32(listener[48:], 6)
	errno := func(e syscall.Errno) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(-int32(e))) }
	for _, tt := range []struct {
		name  string
		b     []byte
		found bool
		err   error
	}{
		{"a row is the socket", message(sockDiagByFamily, 1, listener), true, nil},
		{"no such socket is no error", message(nlmsgError, 1, errno(syscall.ENOENT)), false, nil},
		{"a refusal is one", message(nlmsgError, 1, errno(syscall.EPERM)), false, syscall.EPERM},
		{"an acknowledgement has no row", message(nlmsgError, 1, errno(0)), false, nil},
	} {
		d := diagDecoder{proto: TCP, seq: 1}
		s, c, found, err := d.answer(tt.b)
		if found != tt.found || err != tt.err { //nolint:errorlint // the very errno
			t.Errorf("%s: %+v, found %v, %v", tt.name, s, found, err)
		}
		if found && c != (cookie{5, 6}) {
			t.Errorf("%s: cookie %v", tt.name, c)
		}
	}
}

func TestLingering_TakesTheTimersWordForTimeWaitOnly(t *testing.T) {
	at := netip.MustParseAddrPort
	msg := func(state, timer uint8, inode uint32) []byte {
		b := row(afInet, state, at("127.0.0.1:80"), at("127.0.0.1:4000"), 0, 0, inode)
		b[2] = timer
		binary.NativeEndian.PutUint32(b[52:], 41_500)
		return b
	}
	for _, tt := range []struct {
		name string
		msg  []byte
		ok   bool
		left time.Duration
	}{
		{"TIME_WAIT ends when its timer does", msg(6, timerTimeWait, 0), true, 41500 * time.Millisecond},
		{"an orphan's FIN_WAIT_2 too", msg(5, timerTimeWait, 0), true, 41500 * time.Millisecond},
		{"FIN_WAIT_1 only sends again", msg(4, 1, 0), true, 0},
		{"a half-closed connection still has its program", msg(5, 2, 99), false, 0},
		{"one that nobody accepted yet hasn't ended", msg(1, 0, 0), false, 0},
	} {
		var l Lingering
		var ok bool
		d := diagDecoder{proto: TCP, seq: 1, row: func(s *Socket, msg []byte) { l, ok = lingering(s, msg) }}
		if _, _, err := d.decode(message(sockDiagByFamily, 1, tt.msg), nil); err != nil || ok != tt.ok || l.Left != tt.left {
			t.Errorf("%s: %v, %v left, %v", tt.name, ok, l.Left, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	at := netip.MustParseAddrPort
	f.Add(message(sockDiagByFamily, 1, row(afInet6, 10, at("[::]:80"), at("[::]:0"), 0, 0, 1)))
	f.Add(message(nlmsgError, 1, []byte{0xfe, 0xff, 0xff, 0xff}))
	f.Add(message(nlmsgError, 1, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := diagDecoder{proto: TCP, seq: 1}
		if s, _, found, err := d.answer(b); found && (err != nil || !s.Local.IsValid()) {
			t.Fatalf("found %+v and %v", s, err)
		}
		d.row = func(s *Socket, msg []byte) {
			if l, ok := lingering(s, msg); ok && (l.Left < 0 || l.Handle != 0) {
				t.Fatalf("an impossible lingerer: %+v", l)
			}
		}
		d.decode(b, nil)
	})
}
