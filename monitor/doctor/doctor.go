// Package doctor finds out why a program can't have a port. It reads evidence,
// tries the port as programs do, and names one cause.
//
// Reading and judging are apart: Evidence holds everything that was read,
// Diagnose is a pure function of it. docs/freeing.md tells the order of causes.
package doctor

import (
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// Question is what the user can't have.
type Question struct {
	Port  uint16
	Proto sockets.Proto // TCP unless asked otherwise
	// Addr is the address the user's program binds; the zero Addr means any
	// of 127.0.0.1, 0.0.0.0, ::1 and ::.
	Addr netip.Addr
	// Reach also asks why others can't connect to what listens there.
	Reach bool
	// Probe allows to find out by connecting what localhost reaches; without
	// it only the kernel is asked and nothing is sent.
	Probe bool
}

// Cause is why a port can't be had, or that it can.
type Cause string

// The causes. Their names are those of JSON.
const (
	Free          Cause = "free"
	FreeWithReuse Cause = "free_with_reuse" // now with SO_REUSEADDR, for others when Wait is over
	Held          Cause = "held"
	HeldHidden    Cause = "held_hidden" // by somebody whom we may not read
	HeldShared    Cause = "held_shared" // by several: SO_REUSEPORT, prefork
	// Ghost: whoever opened the socket is gone; Holders inherited it, or
	// nobody is found at all.
	Ghost            Cause = "ghost"
	HeldOtherAddress Cause = "held_other_address" // not the address asked for, but it is in the way
	BoundNotListen   Cause = "bound_not_listening"
	LingeringOnly    Cause = "lingering"        // closed connections keep it for Wait
	EphemeralClient  Cause = "ephemeral_client" // an outgoing connection was given this port
	Privileged       Cause = "privileged"
	AddressNotLocal  Cause = "address_not_local"
	FamilyDisabled   Cause = "family_disabled"
	Container        Cause = "container"
	SystemdSocket    Cause = "systemd_socket" // PID 1 holds it for a unit
	ExcludedRange    Cause = "excluded_range" // Windows
	HTTPSys          Cause = "http_sys"       // Windows' kernel web server
	// Unexplained: the bind fails and nothing that was read says why.
	Unexplained Cause = "unexplained"
)

// Verdict sums up a Diagnosis for an exit code.
type Verdict uint8

// The verdicts. With several addresses the port counts as free only if every
// address that exists here can be had; one that is missing (no IPv6) doesn't
// count.
const (
	CanHave Verdict = iota + 1 // free, also free_with_reuse
	CanNotHave
	CanNotTell
)

// Evidence is everything that was read. Diagnose needs nothing else.
type Evidence struct {
	OS    string // runtime.GOOS
	Tries []bind.Try
	// Snapshot was read with connections, right beside the tries.
	Snapshot *monitor.Snapshot
	// Bound are sockets of the port that neither listen nor are connected
	// (TCP); BoundKnown tells whether the kernel lists such (Linux ≥ 6.8).
	Bound      []BoundSocket
	BoundKnown bool
	// Lingering are the connections that end and still keep the port, with the
	// kernel's timers.
	Lingering []sockets.Lingering
	// Unattended are endpoints whose holders all seem to be heirs: see
	// docs/freeing.md for what that takes.
	Unattended []monitor.Key
	// SocketUnits are the units for which a service manager listens.
	SocketUnits map[monitor.Key]*units.Unit
	// Reserved is what the system sets aside.
	Reserved bind.Reserved
	// Near is the nearest port that can be had, 0 if none was found.
	Near uint16
	// Local are this machine's addresses.
	Local []netip.Addr
	// Localhost is what 127.0.0.1 and ::1 would reach.
	Localhost []Route
	// HTTPSys are the URL groups of Windows' kernel web server on the port.
	HTTPSys []URLGroup
	// Barriers is what --reach found between the endpoint and others.
	Barriers []Barrier
	// Elevated: we run as root or administrator. UID is our user, on Unix.
	Elevated bool
	UID      uint32
	// Missing says what could not be read, as errors.
	Missing []error
}

// BoundSocket is a socket that has a port and doesn't listen on it.
type BoundSocket struct {
	sockets.Socket
	Holders []monitor.Holder
}

// Route is what a packet to an address of this machine reaches.
type Route struct {
	To netip.Addr
	// Key is the endpoint that answers; Found is false where nobody does.
	Key   monitor.Key
	Found bool
	// Probed: a real connection showed it, not only the kernel's lookup.
	Probed bool
}

// URLGroup is one registration with http.sys: the request queue's processes
// answer for the kernel.
type URLGroup struct {
	URLs  []string
	Queue string
	PIDs  []int32
	// Service is the one the queue belongs to, "" where Windows doesn't say:
	// a process may run several.
	Service string
	// Holders are those of the PIDs that are still there.
	Holders []monitor.Holder
}

// BarrierKind is a thing that keeps others from connecting.
type BarrierKind string

// The barriers.
const (
	BarrierLoopback  BarrierKind = "loopback_only" // bound to loopback: nobody outside can
	BarrierOneAddr   BarrierKind = "one_address"   // bound to one network's address
	BarrierNft       BarrierKind = "nftables"
	BarrierUFW       BarrierKind = "ufw"
	BarrierWinFw     BarrierKind = "windows_firewall"
	BarrierUnpublish BarrierKind = "not_published" // a container's port nobody published
	BarrierWSL       BarrierKind = "wsl"           // inside WSL: only Windows' localhost reaches it
	// BarrierUnknown: there may be a firewall that may not be read.
	BarrierUnknown BarrierKind = "unreadable"
)

// Barrier is one of them, with what shows it.
type Barrier struct {
	Kind BarrierKind
	// Evidence is a rule or address as the system writes it.
	Evidence string
	// Certain is false for a rule that may or may not apply.
	Certain bool
}

// RemedyKind is a way out.
type RemedyKind string

// The remedies. A command's words are in Remedy.Command.
const (
	RemedyFree      RemedyKind = "free_port"  // our own: portlight kill PORT
	RemedyWait      RemedyKind = "wait"       // Remedy.Wait long
	RemedyReuse     RemedyKind = "set_reuse"  // set SO_REUSEADDR in the program
	RemedyOtherPort RemedyKind = "other_port" // Remedy.Port can be had now
	RemedyCommand   RemedyKind = "run"        // a command the user may run
	RemedyOtherAddr RemedyKind = "other_address"
	RemedyCloseConn RemedyKind = "close_connection"
)

// Remedy is one way out, most useful first.
type Remedy struct {
	Kind RemedyKind
	// Command is to be run as it stands, but for the word PROGRAM, which is
	// the user's executable; Admin tells that it needs rights.
	Command []string
	Admin   bool
	Wait    time.Duration
	Port    uint16
	// Addr is the address to use instead (RemedyOtherAddr).
	Addr netip.Addr
	// About says what the command does, as a code: stop_unit, find_unit,
	// end_process, stop_container, allow_low_ports, setcap, reserve_local,
	// reserve_excluded, restart_winnat, delete_urlacl, enable_ipv6,
	// add_address, allow_firewall, publish_port.
	About string
}

// Finding is a cause with its evidence.
type Finding struct {
	Cause Cause
	// Endpoints, Bound, Lingering and Client are the sockets in the way, as far
	// as this cause is about them.
	Endpoints []monitor.Endpoint
	Bound     []BoundSocket
	Lingering []sockets.Lingering
	Client    *monitor.Connection
	Excluded  *bind.Excluded
	URLs      []URLGroup
	// Unit is the .socket unit that a service manager listens for, nil if it
	// isn't known which.
	Unit *units.Unit
	// Addrs are the addresses this finding is about.
	Addrs []netip.Addr
	// Wait is how long it lasts by itself, 0 if that isn't known.
	Wait time.Duration
	// LowPort is the first port an ordinary user may have.
	LowPort uint16
}

// Diagnosis is the answer.
type Diagnosis struct {
	Question
	Taken   time.Time
	Verdict Verdict
	// Finding is the primary cause; Notes are the others.
	Finding
	Notes    []Finding
	Remedies []Remedy
	// Tries are the evidence of the verdict.
	Tries     []bind.Try
	Localhost []Route
	Shadow    *monitor.Shadow
	Barriers  []Barrier
	Missing   []error
}
