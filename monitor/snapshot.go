package monitor

import (
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Snapshot is the state of the machine's ports at one time. It is never
// changed after it was published and shares no memory with the scanner.
type Snapshot struct {
	Seq   uint64
	Taken time.Time

	// Endpoints are in key order (Key.Compare).
	Endpoints []Endpoint

	// Connections are filled only while somebody wants them; WithConnections
	// tells "none" from "not asked". They are ordered like endpoints.
	Connections     []Connection
	WithConnections bool

	// Limits is what this system's table doesn't tell, the same in every
	// snapshot of a run: a row isn't wrong for it, it says less.
	Limits []sockets.Limit

	Warnings []Warning
	Cost     Cost
}

// Endpoint returns the endpoint of that key.
func (s *Snapshot) Endpoint(k Key) (*Endpoint, bool) {
	if s == nil {
		return nil, false
	}
	i, ok := slices.BinarySearchFunc(s.Endpoints, k, func(e Endpoint, k Key) int { return e.Key.Compare(k) })
	if !ok {
		return nil, false
	}
	return &s.Endpoints[i], true
}

// Cost is what one poll took.
type Cost struct {
	Wall time.Duration
	// Read is the part that went into the kernel's tables, Resolve the part
	// that went into finding holders and facts.
	Read, Resolve time.Duration
}

// WarningCode names a thing the user should know about a snapshot.
type WarningCode string

// The warnings. Arguments are in Warning.Count and Warning.Err.
const (
	// WarnUnreadable: Count processes could not be read; run as
	// administrator or root to see whose sockets they hold.
	WarnUnreadable WarningCode = "unreadable_processes"
	// WarnFallback: the socket tables come from gopsutil.
	WarnFallback WarningCode = "fallback"
	// WarnStale: this poll failed with Err; the endpoints are the last known.
	WarnStale WarningCode = "stale"
	// WarnPartial: part of a table could not be read, Err says which.
	WarnPartial WarningCode = "partial"
	// WarnSlow: polls take long and are made less often.
	WarnSlow WarningCode = "slow"
)

// Warning is one such thing.
type Warning struct {
	Code  WarningCode
	Count int
	Err   string
}
