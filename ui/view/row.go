package view

import (
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Row is one line of the table: an endpoint or a connection, never both. Its
// text is finished; showing a cell copies a string.
type Row struct {
	*Text
	Endpoint   *monitor.Endpoint   // nil for a connection
	Connection *monitor.Connection // nil for an endpoint
}

// ID names a row from one snapshot to the next, so that a selection can follow
// it. Remote, Handle and PID are zero for endpoints: an endpoint is one row
// however many sockets and holders it has.
type ID struct {
	monitor.Key
	Remote netip.AddrPort
	Handle uint64
	PID    int32 // where the system has no handles
}

// IsConnection reports whether the row is a connection.
func (id ID) IsConnection() bool { return id.Remote.IsValid() || id.Handle != 0 || id.PID != 0 }

// Text is what is written in a row, and what it is sorted and filtered by. It
// is shared between the snapshots in which it is the same: read only.
type Text struct {
	ID ID

	Proto   string // tcp, udp
	Address string // local address; with the interface for a link-local one or a bound device
	Port    string
	Local   string // address and port as a program takes them: 127.0.0.1:80, [::1]:80
	Remote  string // the same for the other end; "" where there is none

	Project   string // project, or the container's compose project or name
	Process   string // names of the holders; "(nginx.service)" or "(hidden)" if none can be read
	PID       string // "42", or "42 +3" for four holders
	PIDs      []int32
	User      string
	Command   string // command line of the first holder
	Unit      string // systemd unit or Windows service
	Container string // container's name, or its short id
	State     string // the state's fixed name, as in "state:listen"
	Exposure  string // who can reach it, in words; "" for connections
	Service   string // what usually runs on that port: a guess; "" if nothing does
	Owner     string // certainty in words: "hidden (uid 0, nginx.service)"; "" if known
	Category  Category

	// SinceTime and SinceKind say since when the endpoint exists.
	SinceTime time.Time
	SinceKind SinceKind

	// Ours marks Portlight's own sockets.
	Ours bool

	state    sockets.State
	exp      monitor.Exposure // 0 for connections
	system   bool             // belongs to the operating system (see system.go)
	udpNoise bool             // a browser's UDP socket: hidden with the system if ephemeral
	words    []string         // lower case: what a bare word is looked for in
	users    []string         // lower case: names and numbers
	programs []string         // lower case: the holders' names
	sort     sortKeys
	voc      *vocabulary
}

// sortKeys are lower-case copies where the shown text differs from them.
type sortKeys struct{ project, process, user, command, service string }

// SinceKind says how exact SinceTime is.
type SinceKind uint8

// The kinds.
const (
	// SinceUnknown: already there when we first looked, nothing more known.
	SinceUnknown SinceKind = iota
	// SinceExact: the system's own time of creation, or we saw it appear.
	SinceExact
	// SinceHolder: already there when we first looked; not older than its
	// holder's start, unless it was inherited.
	SinceHolder
)

// Age returns the time since the row's socket was made, "≤ 3 h" where only its
// holder's start is known, "" where nothing is.
func (t *Text) Age(now time.Time) string {
	switch t.SinceKind {
	case SinceExact:
		return t.voc.duration(now.Sub(t.SinceTime))
	case SinceHolder:
		return "≤ " + t.voc.duration(max(now.Sub(t.SinceTime), time.Second)) // nothing is younger than 0 s
	}
	return ""
}
