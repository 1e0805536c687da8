//go:build linux

package desk

// State is what `portlight debug state` tells of the window.
type State struct {
	Rows []struct {
		Port int
	}
}

// HasPort reports whether the table shows the port.
func (s State) HasPort(port uint16) bool {
	for _, r := range s.Rows {
		if r.Port == int(port) {
			return true
		}
	}
	return false
}
