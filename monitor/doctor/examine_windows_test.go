package doctor

import (
	"net"
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestExamine_OnWindows(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr).AddrPort()
	q := Question{Port: at.Port(), Proto: sockets.TCP, Addr: at.Addr(), Reach: true}

	d, err := Examine(t.Context(), q, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("held: %+v; missing %v", d.Finding, d.Missing)
	// Wine tells nobody as a listener's owner: hidden is as good as held.
	if d.Verdict != CanNotHave || d.Cause != Held && d.Cause != HeldHidden {
		t.Errorf("held by ourselves: cause %s, verdict %d", d.Cause, d.Verdict)
	}
	if len(d.Barriers) == 0 || d.Barriers[0].Kind != BarrierLoopback {
		t.Errorf("nothing keeps others from %v: %+v", at, d.Barriers)
	}

	l.Close()
	if d, err = Examine(t.Context(), q, Options{}); err != nil {
		t.Fatal(err)
	}
	if d.Verdict != CanHave || d.Cause != Free {
		t.Errorf("let go: cause %s, verdict %d, tries %+v", d.Cause, d.Verdict, d.Tries)
	}

	q.Addr = netip.Addr{}
	if d, err = Examine(t.Context(), q, Options{}); err != nil {
		t.Fatal(err)
	}
	exclusive := 0
	for _, try := range d.Tries {
		if try.Manner == bind.Exclusive {
			exclusive++
		}
	}
	if d.Verdict != CanHave || exclusive != 2 {
		t.Errorf("on every address: cause %s, verdict %d, tries %+v", d.Cause, d.Verdict, d.Tries)
	}

	q.Addr = netip.MustParseAddr("203.0.113.77") // TEST-NET-3 (RFC 5737)
	if d, err = Examine(t.Context(), q, Options{}); err != nil || d.Cause != AddressNotLocal {
		t.Errorf("an address that isn't ours: %+v, %v", d, err)
	}
}
