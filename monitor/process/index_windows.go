package process

// openIndex trusts the PID in IP Helper's rows as far as the process is older
// than its socket.
func openIndex() (index, error) {
	return &pidIndex{
		identify: new(identifier).identify,
		younger: func(id Identity, than int64) bool {
			// Start counts 100 ns from 1601 (FILETIME); 116444736e9 of them
			// lie before 1970. Both clocks are the kernel's, but the socket's
			// stamp is taken a moment apart: a tenth of a second is let pass.
			const unixEpoch, slack = 116444736000000000, 100e6
			return id.Start != 0 && (int64(id.Start)-unixEpoch)*100 > than+slack
		},
		kernel: func(pid int32) bool { return pid == 4 },
		owners: make(map[int32]owner),
	}, nil
}
