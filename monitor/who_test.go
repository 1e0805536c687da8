package monitor

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestTell_JoinsConnectionsToTheirEndpoint(t *testing.T) {
	at := netip.MustParseAddrPort
	client := Holder{Process: &process.Process{Name: "psql"}}
	conn := func(local, remote string, h ...Holder) Connection {
		return Connection{Socket: sockets.Socket{Proto: sockets.TCP, State: sockets.Established, Local: at(local), Remote: at(remote)}, Holders: h}
	}
	endpoint := func(addr string, dual sockets.Tri) Endpoint {
		return Endpoint{Key: Key{sockets.TCP, at(addr), ""}, DualStack: dual, Sockets: []sockets.Socket{{RecvQueue: 2, SendQueue: 128}}}
	}
	s := &Snapshot{
		WithConnections: true,
		Endpoints: []Endpoint{
			endpoint("0.0.0.0:80", sockets.No), endpoint("127.0.0.1:80", sockets.No),
			endpoint("[::]:5432", sockets.Yes), endpoint("[::]:6000", sockets.No),
		},
		Connections: []Connection{
			conn("127.0.0.1:80", "127.0.0.1:40000"),
			conn("10.0.0.5:80", "10.0.0.9:40001"),
			conn("[::ffff:127.0.0.1]:5432", "127.0.0.1:40002"),
			conn("127.0.0.1:40000", "127.0.0.1:80", client),
			conn("10.0.0.5:6000", "10.0.0.9:40003"),
		},
	}
	slices.SortFunc(s.Connections, func(a, b Connection) int { return sockets.Compare(&a.Socket, &b.Socket) })
	tests := []struct {
		addr  string
		peers []string
	}{
		{"127.0.0.1:80", []string{"127.0.0.1:40000"}},
		{"0.0.0.0:80", []string{"10.0.0.9:40001"}},
		{"[::]:5432", []string{"127.0.0.1:40002"}},
		{"[::]:6000", nil},
	}
	for _, tt := range tests {
		e, ok := s.Endpoint(Key{sockets.TCP, at(tt.addr), ""})
		if !ok {
			slices.SortFunc(s.Endpoints, func(a, b Endpoint) int { return a.Key.Compare(b.Key) })
			e, _ = s.Endpoint(Key{sockets.TCP, at(tt.addr), ""})
		}
		st := Tell(s, e)
		var got []string
		for _, p := range st.Peers {
			got = append(got, p.Connection.Remote.String())
		}
		if !slices.Equal(got, tt.peers) {
			t.Errorf("%s: peers %v, want %v", tt.addr, got, tt.peers)
		}
		if !st.HasBacklog || st.Backlog != 2 || st.BacklogLimit != 128 {
			t.Errorf("%s: backlog %d of %d", tt.addr, st.Backlog, st.BacklogLimit)
		}
	}
	e, _ := s.Endpoint(Key{sockets.TCP, at("127.0.0.1:80"), ""})
	if p := Tell(s, e).Peers[0]; len(p.Local) != 1 || p.Local[0].Name != "psql" {
		t.Errorf("the peer on this machine is psql, got %+v", p.Local)
	}
}
