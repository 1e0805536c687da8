package monitor

import (
	"context"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
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
	Info  *ConnInfo
}

// ConnInfo is what the kernel measures of a TCP connection (struct tcp_info,
// linux/tcp.h); nil where it doesn't tell.
type ConnInfo struct {
	BytesReceived, BytesAcked uint64
	RTT                       time.Duration // smoothed round-trip time
}

// Once reads the machine's sockets and holders a single time: what a command
// line needs. The snapshot's FirstSeen times are all its own.
func Once(ctx context.Context, opt Options, connections bool) (*Snapshot, error) {
	return nil, context.Canceled
}

// Who tells the stories of all endpoints on that port in a snapshot that was
// taken with connections. It asks the kernel once more for what a snapshot
// does not carry (bytes, round-trip time), unless ctx has ended.
func Who(ctx context.Context, s *Snapshot, port uint16) []Story { return nil }

// Tell builds one endpoint's story from the snapshot alone, asking nobody.
func Tell(s *Snapshot, e *Endpoint) Story { return Story{Endpoint: *e} }
