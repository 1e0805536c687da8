package bind

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestHeldExclusively(t *testing.T) {
	for _, proto := range []sockets.Proto{sockets.TCP, sockets.UDP} {
		t.Run(proto.String(), func(t *testing.T) {
			addr := netip.MustParseAddrPort("127.0.0.1:28417")
			if r := Once(proto, addr, Exclusive); r.Code != OK {
				t.Fatalf("free: %+v", r)
			}
			h, err := hold(proto, addr, Exclusive)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []Manner{Server, Plain, Exclusive} {
				if r := Once(proto, addr, m); r.Code != InUse && r.Code != Denied {
					t.Errorf("held, manner %d: %+v", m, r)
				}
			}
			if err := h.close(); err != nil {
				t.Fatal(err)
			}
			if r := Once(proto, addr, Exclusive); r.Code != OK {
				t.Errorf("let go: %+v", r)
			}
		})
	}
}

func TestCodesOfWinsock(t *testing.T) {
	for text, want := range map[string]Code{
		"203.0.113.77:0": NotLocal, // TEST-NET-3 (RFC 5737)
		"127.0.0.1:0":    OK,
		"0.0.0.0:0":      OK,
	} {
		r := Once(sockets.TCP, netip.MustParseAddrPort(text), Exclusive)
		if r.Code != want || (r.Err == nil) != (want == OK) {
			t.Errorf("%s: %+v, want %s", text, r, want)
		}
	}
	if c := codeOf(errors.New("something else")); c != Other {
		t.Errorf("an error that isn't Winsock's: %s", c)
	}
}
