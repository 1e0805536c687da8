package view

import (
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
)

// Column is a column of the table of ports.
type Column uint8

// The columns, in the order they are shown.
const (
	ColProto Column = iota + 1
	ColAddress
	ColPort
	ColProject
	ColProcess
	ColPID
	ColUser
	ColSince
	ColState
	ColRemote
	ColExposure
	ColService
	ColCommand
)

// columnNames are the names in settings, in --sort and in CSV: never
// translated, never changed.
var columnNames = [...]string{
	ColProto: "proto", ColAddress: "address", ColPort: "port", ColProject: "project",
	ColProcess: "process", ColPID: "pid", ColUser: "user", ColSince: "since",
	ColState: "state", ColRemote: "remote", ColExposure: "exposure",
	ColService: "service", ColCommand: "command",
}

// Columns returns every column in the order they are shown.
func Columns() []Column {
	all := make([]Column, 0, len(columnNames)-1)
	for c := ColProto; c <= ColCommand; c++ {
		all = append(all, c)
	}
	return all
}

// String returns the column's fixed name, as in --sort.
func (c Column) String() string {
	if int(c) < len(columnNames) {
		return columnNames[c]
	}
	return ""
}

// Title returns the column's heading in the user's language.
func (c Column) Title() string {
	switch c {
	case ColProto:
		return lang.X("view.column.proto", "Proto")
	case ColAddress:
		return lang.X("view.column.address", "Address")
	case ColPort:
		return lang.X("view.column.port", "Port")
	case ColProject:
		return lang.X("view.column.project", "Project")
	case ColProcess:
		return lang.X("view.column.process", "Process")
	case ColPID:
		return lang.X("view.column.pid", "PID")
	case ColUser:
		return lang.X("view.column.user", "User")
	case ColSince:
		return lang.X("view.column.since", "Since")
	case ColState:
		return lang.X("view.column.state", "State")
	case ColRemote:
		return lang.X("view.column.remote", "Remote")
	case ColExposure:
		return lang.X("view.column.exposure", "Exposure")
	case ColService:
		return lang.X("view.column.service", "Service")
	case ColCommand:
		return lang.X("view.column.command", "Command")
	}
	return ""
}

// Numeric reports whether the column holds numbers, which are set flush right.
func (c Column) Numeric() bool { return c == ColPort || c == ColPID }

// ParseSort reads a column's fixed name, with "-" before it for descending.
func ParseSort(s string) (c Column, desc bool, err error) {
	name, desc := strings.CutPrefix(strings.ToLower(s), "-")
	for _, c := range Columns() {
		if c.String() == name {
			return c, desc, nil
		}
	}
	return 0, false, &ParseError{Code: CodeColumn, Term: s, Choices: columnNames[ColProto:]}
}

// Cell returns the text of one column; now is what ages are counted to.
func (r *Row) Cell(c Column, now time.Time) string {
	switch c {
	case ColProto:
		return r.Proto
	case ColAddress:
		return r.Address
	case ColPort:
		return r.Port
	case ColProject:
		return r.Project
	case ColProcess:
		return r.Process
	case ColPID:
		return r.PID
	case ColUser:
		return r.User
	case ColSince:
		return r.Age(now)
	case ColState:
		return r.State
	case ColRemote:
		return r.Remote
	case ColExposure:
		return r.Exposure
	case ColService:
		return r.Service
	case ColCommand:
		return r.Command
	}
	return ""
}
