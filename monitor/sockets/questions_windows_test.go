package sockets

import (
	"errors"
	"net/netip"
	"testing"
	"unsafe"
)

func TestDeletionOfAConnection(t *testing.T) {
	row, ok := deletion(netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("192.0.2.3:50001"))
	// DELETE_TCB, then addresses and ports as they are on the wire.
	want := [20]byte{12, 0, 0, 0, 127, 0, 0, 1, 0x1f, 0x90, 0, 0, 192, 0, 2, 3, 0xc3, 0x51, 0, 0}
	if got := *(*[20]byte)(unsafe.Pointer(&row)); !ok || got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := deletion(netip.MustParseAddrPort("[::1]:8080"), netip.MustParseAddrPort("[::1]:50001")); ok {
		t.Error("there is a row for IPv6")
	}
}

func TestDestroyRefuses(t *testing.T) {
	local, far := netip.MustParseAddrPort("127.0.0.1:28419"), netip.MustParseAddrPort("127.0.0.1:28420")
	for _, tc := range []struct {
		sentence string
		s        Socket
		want     error
	}{
		{"a listener", Socket{Proto: TCP, State: Listen, Local: local}, ErrNotConnection},
		{"UDP", Socket{Proto: UDP, State: Bound, Local: local, Remote: far}, ErrNotConnection},
		{"a connection that isn't there", Socket{Proto: TCP, State: Established, Local: local, Remote: far, PID: 7}, ErrGone},
		{"IPv6", Socket{Proto: TCP, State: Established, Local: netip.MustParseAddrPort("[::1]:1"), Remote: netip.MustParseAddrPort("[::1]:2")}, ErrUnsupported},
	} {
		if err := Destroy(tc.s); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.sentence, err, tc.want)
		}
	}
}
