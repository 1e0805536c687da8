// Package sockets reads the operating system's own table of internet sockets.
//
// It reports what the kernel says and nothing more: which program holds a
// socket, and what that program is, are questions for package process. On
// Linux the source is NETLINK_SOCK_DIAG (sock_diag(7)), on Windows IP Helper
// (GetExtendedTcpTable, GetExtendedUdpTable), elsewhere gopsutil.
package sockets

import (
	"cmp"
	"net/netip"
	"time"
)

// Proto is a transport protocol.
type Proto uint8

// The transports Portlight reads.
const (
	TCP Proto = iota + 1
	UDP
)

// String returns "tcp" or "udp".
func (p Proto) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	}
	return "unknown"
}

// State is the state of a socket, in TCP's terms (RFC 9293, section 3.3.2)
// plus Bound for what TCP has no word for.
type State uint8

// The states. The kernel's numbers differ from OS to OS; these are ours.
const (
	// Bound is a socket with a local port and no peer: an unconnected UDP
	// socket, or a TCP socket after bind and before listen.
	Bound State = iota + 1
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	Closed
)

var stateNames = [...]string{
	Bound: "bound", Listen: "listen", SynSent: "syn_sent", SynReceived: "syn_received",
	Established: "established", FinWait1: "fin_wait_1", FinWait2: "fin_wait_2",
	CloseWait: "close_wait", Closing: "closing", LastAck: "last_ack",
	TimeWait: "time_wait", Closed: "closed",
}

// String returns the state's lower-case name, as it is written in JSON and in
// the filter's "state:" term.
func (s State) String() string {
	if int(s) < len(stateNames) && stateNames[s] != "" {
		return stateNames[s]
	}
	return "unknown"
}

// States returns every state in order, for completion and validation.
func States() []State {
	all := make([]State, 0, len(stateNames)-1)
	for s := Bound; s <= Closed; s++ {
		all = append(all, s)
	}
	return all
}

// Tri is a fact that some systems don't tell.
type Tri uint8

// The three answers.
const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf turns a known truth into a Tri.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Socket is one row of the kernel's table. It is comparable, so that two
// readings can be told apart without knowing what is in them.
type Socket struct {
	Proto  Proto
	State  State
	V6Only Tri // IPv6 sockets only: whether IPv4 peers are refused
	HasUID bool

	// Local carries the zone (interface) of a link-local address. Remote is
	// the zero AddrPort where there is no peer.
	Local, Remote netip.AddrPort

	// Device is the interface the socket is bound to (SO_BINDTODEVICE), if any.
	Device string

	// Handle names the socket within one boot: the inode on Linux, 0 where
	// the OS has no such number.
	Handle uint64

	// PID is the owner where the kernel's row says it (Windows, macOS); on
	// Linux it is 0 and the holders are found by Handle.
	PID int32

	// UID is the user the socket was made for, where HasUID.
	UID uint32

	// Cgroup is the id of the cgroup v2 the socket was created in, 0 if the
	// kernel doesn't say (INET_DIAG_CGROUP_ID, Linux ≥ 5.7).
	Cgroup uint64

	// ServiceTag names the service inside a shared Windows host process
	// (OwningModuleInfo[0]); 0 if there is none.
	ServiceTag uint32

	// RecvQueue and SendQueue are bytes waiting; for a listening TCP socket
	// on Linux they are the accept backlog in use and its limit.
	RecvQueue, SendQueue uint32

	// Created is the creation time in Unix nanoseconds, 0 where the OS
	// doesn't keep it (Linux).
	Created int64
}

// IsEndpoint reports whether the socket waits for peers rather than talks to
// one: listening TCP or unconnected, bound UDP.
func (s *Socket) IsEndpoint() bool {
	return s.Proto == TCP && s.State == Listen || s.Proto == UDP && s.State == Bound
}

// CreatedAt returns the creation time, or the zero time if the OS keeps none.
func (s *Socket) CreatedAt() time.Time {
	if s.Created == 0 {
		return time.Time{}
	}
	return time.Unix(0, s.Created)
}

// Compare orders sockets by protocol, local port, local address, device,
// remote and handle: the order people look for a port in.
func Compare(a, b *Socket) int {
	if a.Proto != b.Proto {
		return cmp.Compare(a.Proto, b.Proto)
	}
	if c := CompareAddr(a.Local, b.Local); c != 0 {
		return c
	}
	if a.Device != b.Device {
		return cmp.Compare(a.Device, b.Device)
	}
	if c := CompareAddr(a.Remote, b.Remote); c != 0 {
		return c
	}
	if a.Handle != b.Handle {
		return cmp.Compare(a.Handle, b.Handle)
	}
	return cmp.Compare(a.PID, b.PID)
}

// CompareAddr orders by port first, then address.
func CompareAddr(a, b netip.AddrPort) int {
	if a.Port() != b.Port() {
		return cmp.Compare(a.Port(), b.Port())
	}
	return a.Addr().Compare(b.Addr())
}

// Want says which sockets a reading is to contain.
type Want uint8

// Endpoints is always cheap; Connections can be tens of thousands of rows.
const (
	Endpoints Want = 1 << iota
	Connections
)

// Limit is a thing that a source of sockets can't know or does differently,
// as a code: words are made where it is shown.
type Limit string

// The limits a source can report.
const (
	// LimitFallback: the kernel's socket diagnosis was refused and the
	// tables are read through gopsutil: no queues, no cgroups, one row per
	// socket and process.
	LimitFallback Limit = "fallback"
	// LimitV6Only: the source does not tell whether an IPv6 wildcard also
	// serves IPv4.
	LimitV6Only Limit = "v6only_unknown"
	// LimitUDPPeer: UDP rows tell no peer, so a connected UDP socket looks
	// like an endpoint.
	LimitUDPPeer Limit = "udp_peer_unknown"
)
