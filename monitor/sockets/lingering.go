package sockets

import "time"

// Lingering is a connection that has ended for its program and still keeps the
// local port: TIME_WAIT, FIN_WAIT and their like (RFC 9293, section 3.6).
type Lingering struct {
	Socket
	// Left is the time until the kernel lets go, 0 if it doesn't tell. A
	// peer that answers may make it shorter or, in FIN_WAIT_1, longer.
	Left time.Duration
}
