package sockets

import (
	"net/netip"
	"testing"
)

func TestEnded(t *testing.T) {
	row := func(state State, port uint16, pid int32) Socket {
		return Socket{Proto: TCP, State: state, PID: pid,
			Local:  netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
			Remote: netip.MustParseAddrPort("127.0.0.1:50000")}
	}
	table := []Socket{
		row(Established, 3000, 7),
		row(TimeWait, 3000, 0),
		row(TimeWait, 3001, 0),     // another port
		row(FinWait2, 3000, 0),     // let go by its program
		row(CloseWait, 3000, 7),    // its program has it still
		row(FinWait2, 3000, 7),     // half closed by its program, which may still read
		row(Established, 50000, 7), // the other end
	}
	got := ended(table, 3000)
	if len(got) != 2 || got[0].State != TimeWait || got[1].State != FinWait2 || got[0].Left != 0 {
		t.Errorf("got %+v", got)
	}
}
