package sockets

// ended picks the port's connections that no program has any more out of a
// table that names owners by PID: their owner is nobody.
func ended(all []Socket, port uint16) []Lingering {
	var out []Lingering
	for _, s := range all {
		if s.Proto != TCP || s.Local.Port() != port {
			continue
		}
		switch s.State {
		case TimeWait, FinWait1, FinWait2, Closing, LastAck:
			if s.PID == 0 {
				out = append(out, Lingering{Socket: s})
			}
		}
	}
	return out
}
