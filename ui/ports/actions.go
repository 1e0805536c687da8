// Package ports is the window's first page: every endpoint and who holds it.
package ports

import (
	"io"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/details"
)

// Actions are what the page asks for. Every method returns at once.
type Actions interface {
	details.Actions
	// WantConnections says whether the page shows connections or peers now.
	WantConnections(bool)
	// Disconnect closes a connection, whichever program it belongs to.
	// Window.ReportDisconnect answers.
	Disconnect(monitor.Connection)
	// Export writes the rows. A failure is reported by Window.ShowProblem.
	Export(Export)
}

// Format is a file format rows can be exported in.
type Format uint8

// The formats.
const (
	JSON Format = iota + 1 // as `portlight list --json`
	CSV                    // as `portlight list --csv`
)

// Export is one order to write what the table shows.
type Export struct {
	// To is closed by whoever writes; Name is its name, for messages.
	To     io.WriteCloser
	Name   string
	Format Format
	// Rows is a snapshot of only the rows shown, in key order.
	Rows *monitor.Snapshot
}
