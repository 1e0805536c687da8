package view

import (
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Options say which rows are wanted and in which order. The zero value is all
// endpoints by port.
type Options struct {
	Sort Column // zero: ColPort
	Desc bool

	// All adds connections to the endpoints.
	All bool

	// HideSystem leaves out what belongs to the operating system (system.go
	// says what that is), Ignore what any of these queries matches. Both
	// apply after the filter and are counted.
	HideSystem bool
	Ignore     []Query

	// Ephemeral is the range the system hands out ports from by itself.
	Ephemeral PortRange

	// Self is Portlight's own process, to mark its rows.
	Self process.Identity

	// Baseline is when the first snapshot was taken: what was there then may
	// be older than its FirstSeen. Zero stands for a single reading, whose
	// snapshot is its own baseline.
	Baseline time.Time
}

// PortRange is a range of ports, both ends included; the zero range is empty.
type PortRange struct{ First, Last uint16 }

// Contains reports whether the port lies in the range.
func (r PortRange) Contains(port uint16) bool {
	return port != 0 && r.First <= port && port <= r.Last
}

// Result is what is to be shown.
type Result struct {
	Rows []Row
	// Total counts the rows before anything was left out.
	Total  int
	Hidden Hidden
}

// Hidden counts the rows left out, each under the first reason that holds.
type Hidden struct {
	Filter  int // doesn't match the query
	Ignored int // matches the query, and the ignore list
	System  int // matches the query, and belongs to the operating system
}

// Build makes the rows of a single snapshot. Who asks again and again keeps a
// Builder instead.
func Build(s *monitor.Snapshot, q Query, opt Options) Result {
	return NewBuilder().Build(s, q, opt)
}
