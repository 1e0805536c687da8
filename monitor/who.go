package monitor

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Story is everything known of one endpoint: what `portlight who` and the
// details pane tell.
type Story struct {
	Endpoint Endpoint
	// Origins say what started each holder, in the order of
	// Endpoint.Holders.
	Origins []Origin
	// Peers are the connections accepted on this endpoint; nil if the
	// snapshot has none.
	Peers []Peer
	// Backlog is the accept queue of a listening TCP socket: connections the
	// program hasn't taken yet, and the most the kernel keeps.
	Backlog, BacklogLimit uint32
	HasBacklog            bool
}

// OriginKind is what stands at the top of a process's lineage.
type OriginKind string

// The origins.
const (
	OriginTerminal  OriginKind = "terminal"  // a terminal emulator, tmux, ssh session…
	OriginIDE       OriginKind = "ide"       // an editor or IDE
	OriginAgent     OriginKind = "agent"     // a coding agent
	OriginService   OriginKind = "service"   // systemd unit, Windows service, launchd job
	OriginContainer OriginKind = "container" // a container
	OriginDesktop   OriginKind = "desktop"   // the desktop session's launcher
	OriginOrphan    OriginKind = "orphan"    // its parent is gone
	OriginUnknown   OriginKind = "unknown"
)

// Origin is the program, unit or container a holder was started by.
type Origin struct {
	Kind OriginKind
	// Name is the terminal's, editor's, unit's or container's name.
	Name string
	// Chain is the lineage from the holder's parent up to and including the
	// ancestor that decided Kind.
	Chain []process.Ancestor
}

// Peer is one connection accepted on an endpoint.
type Peer struct {
	Connection Connection
	// Local are the processes at the other end, where that is on this
	// machine and may be read.
	Local []Holder
	// Info is what the kernel measures of the connection, nil if it doesn't
	// tell.
	Info *sockets.Info
}

// Who tells the stories of all endpoints on that port, in key order, from a
// snapshot that was taken with connections, adding what only a question of its
// own brings (bytes, round-trip times): where the kernel doesn't tell, that
// stays empty.
func Who(s *Snapshot, port uint16) []Story {
	infos, _ := sockets.ConnectionInfo(port) // without it the story is still true
	var stories []Story
	for i := range s.Endpoints {
		if s.Endpoints[i].Addr.Port() != port {
			continue
		}
		st := Tell(s, &s.Endpoints[i])
		for j := range st.Peers {
			if info, ok := infos[st.Peers[j].Connection.Handle]; ok {
				st.Peers[j].Info = &info
			}
		}
		stories = append(stories, st)
	}
	return stories
}

// Tell tells one endpoint's story from the snapshot alone, asking nobody.
func Tell(s *Snapshot, e *Endpoint) Story {
	st := Story{Endpoint: *e}
	for _, h := range e.Holders {
		st.Origins = append(st.Origins, originOf(h.Process))
	}
	if e.Proto == sockets.TCP {
		for i := range e.Sockets {
			// Only Linux reports the limit, and never one of 0 for a listener
			// that can accept.
			st.HasBacklog = st.HasBacklog || e.Sockets[i].SendQueue > 0
			st.Backlog += e.Sockets[i].RecvQueue
			st.BacklogLimit += e.Sockets[i].SendQueue
		}
	}
	for i := range s.Connections {
		c := &s.Connections[i]
		if !accepts(s, e, c) {
			continue
		}
		p := Peer{Connection: *c}
		if far := otherEnd(s, c); far != nil {
			p.Local = far.Holders
		}
		st.Peers = append(st.Peers, p)
	}
	return st
}

// accepts reports whether the connection came in on the endpoint: same
// protocol, port and address, or the endpoint's wildcard while no endpoint
// has the very address.
func accepts(s *Snapshot, e *Endpoint, c *Connection) bool {
	if c.Proto != e.Proto || c.Local.Port() != e.Addr.Port() || !c.Remote.IsValid() {
		return false
	}
	want, have := c.Local.Addr().Unmap(), e.Addr.Addr().Unmap()
	if want == have {
		return true
	}
	if !have.IsUnspecified() {
		return false
	}
	if have.Is4() != want.Is4() && e.DualStack != sockets.Yes {
		return false
	}
	// A more exact endpoint takes precedence over a wildcard.
	for i := range s.Endpoints {
		o := &s.Endpoints[i]
		if o.Proto != e.Proto || o.Addr.Port() != e.Addr.Port() || o.Key == e.Key {
			continue
		}
		a := o.Addr.Addr().Unmap()
		if a == want || a.IsUnspecified() && a.Is4() == want.Is4() && have.Is4() != want.Is4() {
			return false
		}
	}
	return true
}

// otherEnd finds the same connection as its peer on this machine sees it. Where
// IPv4 meets a socket of both families, one end has its addresses mapped into
// IPv6 and the other hasn't.
func otherEnd(s *Snapshot, c *Connection) *Connection {
	if o := facing(s, c.Proto, c.Remote, c.Local); o != nil {
		return o
	}
	spell := netip.Addr.Unmap
	if c.Local.Addr().Is4() {
		spell = func(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }
	}
	return facing(s, c.Proto,
		netip.AddrPortFrom(spell(c.Remote.Addr()), c.Remote.Port()), netip.AddrPortFrom(spell(c.Local.Addr()), c.Local.Port()))
}

// facing finds the connection of these two ends.
func facing(s *Snapshot, proto sockets.Proto, local, remote netip.AddrPort) *Connection {
	i, ok := slices.BinarySearchFunc(s.Connections, local, func(o Connection, local netip.AddrPort) int {
		if o.Proto != proto {
			return cmp.Compare(o.Proto, proto)
		}
		return sockets.CompareAddr(o.Local, local)
	})
	for ; ok && i < len(s.Connections) && s.Connections[i].Local == local; i++ {
		if s.Connections[i].Remote == remote {
			return &s.Connections[i]
		}
	}
	return nil
}
