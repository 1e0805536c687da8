// Package bind finds out by trying whether a program could have an address,
// holds one until it is let go, and knows which ports the system sets aside.
//
// It sends nothing and leaves no socket behind.
package bind

import (
	"net/netip"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Manner is how a program asks for an address.
type Manner uint8

// The manners. What they mean differs from system to system:
//
//   - Server: as servers do. On Unix with SO_REUSEADDR, which closed
//     connections in TIME_WAIT don't stop, and TCP listens as well, because
//     two such sockets may both bind but only one may listen. On Windows
//     without any option, as most runtimes do there.
//   - Plain: without options. On Unix TIME_WAIT refuses it.
//   - Exclusive: Windows' SO_EXCLUSIVEADDRUSE, the only bind there that
//     proves that nobody else has the port; elsewhere the same as Plain.
//   - Dual: as Server, on [::] and for IPv4 too, which is what Go, Node and
//     Java do when no address is given. All other manners keep the families
//     apart (IPV6_V6ONLY, RFC 3493 section 5.3).
//
// For UDP Server is Plain: SO_REUSEADDR would let two sockets share the port.
const (
	Server Manner = iota + 1
	Plain
	Exclusive
	Dual
)

// Code says how a try ended.
type Code string

// The codes.
const (
	OK         Code = "ok"
	InUse      Code = "in_use"      // EADDRINUSE, WSAEADDRINUSE (10048)
	Denied     Code = "denied"      // EACCES, WSAEACCES (10013)
	NotLocal   Code = "not_local"   // EADDRNOTAVAIL, WSAEADDRNOTAVAIL
	NoFamily   Code = "no_family"   // EAFNOSUPPORT: that IP version is off
	NoResource Code = "no_resource" // EMFILE, ENOBUFS…: our trouble, says nothing of the port
	Other      Code = "other"
)

// Try is one attempt and what became of it.
type Try struct {
	Proto  sockets.Proto
	Addr   netip.AddrPort
	Manner Manner
	Code   Code
	// Err is the system's error, nil with OK.
	Err error
}

// Range is a run of ports, both ends included.
type Range struct{ From, To uint16 }

// Contains reports whether the port is in the range.
func (r Range) Contains(port uint16) bool { return r.From <= port && port <= r.To }

// Excluded is a range that Windows gives to nobody who asks for a port in it:
// reserved by Hyper-V and winnat, which moves with every boot, or by an
// administrator.
type Excluded struct {
	Range
	Proto        sockets.Proto
	Family       int // 4 or 6
	Administered bool
}

// Reserved is what the system sets aside. The zero value of a field means
// that the system has no such thing or doesn't tell.
type Reserved struct {
	// Ephemeral are the ports given to outgoing connections.
	Ephemeral Range
	// Held back from that by ip_local_reserved_ports (Linux).
	NotEphemeral []Range
	Excluded     []Excluded
	// FirstUnprivileged is the lowest port an ordinary user may bind
	// (net.ipv4.ip_unprivileged_port_start); 0 where all are.
	FirstUnprivileged uint16
}
