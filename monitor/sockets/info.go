package sockets

import (
	"encoding/binary"
	"time"
)

// Info is what the kernel measures of one TCP connection.
type Info struct {
	BytesReceived, BytesAcked uint64
	RTT                       time.Duration // smoothed round-trip time
}

// parseTCPInfo reads struct tcp_info (linux/tcp.h), which grew over time: what
// an older kernel doesn't send stays 0.
func parseTCPInfo(b []byte) Info {
	const rttAt, ackedAt, receivedAt = 68, 120, 128
	var i Info
	if len(b) >= rttAt+4 {
		i.RTT = time.Duration(binary.NativeEndian.Uint32(b[rttAt:])) * time.Microsecond
	}
	if len(b) >= receivedAt+8 {
		i.BytesAcked = binary.NativeEndian.Uint64(b[ackedAt:])
		i.BytesReceived = binary.NativeEndian.Uint64(b[receivedAt:])
	}
	return i
}
