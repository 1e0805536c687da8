//go:build !linux && !windows

package process

// openIndex trusts the PIDs that gopsutil finds: it can't tell a socket's age.
func openIndex() (index, error) {
	return &pidIndex{
		identify: identify,
		younger:  func(Identity, int64) bool { return false },
		kernel:   func(pid int32) bool { return false },
		owners:   make(map[int32]owner),
	}, nil
}
