package sockets

import (
	"encoding/binary"
	"errors"
	"time"
)

// Errors of the questions beside the table; test with errors.Is.
var (
	// ErrUnsupported: this system, or this version of it, doesn't tell or
	// can't do that.
	ErrUnsupported = errors.ErrUnsupported
	// ErrGone: the connection isn't there any more.
	ErrGone = errors.New("connection is gone")
	// ErrNotConnection: only a connection can be closed from outside.
	ErrNotConnection = errors.New("not a connection")
)

// Lingering is a connection that has ended for its program and still keeps the
// local port: TIME_WAIT, FIN_WAIT and their like (RFC 9293, section 3.6).
type Lingering struct {
	Socket
	// Left is the time until the kernel lets go, 0 if it doesn't tell. A
	// peer that answers may make it shorter or, in FIN_WAIT_1, longer.
	Left time.Duration
}

// statesLingering are the states a connection can be in after its program let
// go of it.
const statesLingering = 1<<4 | 1<<5 | 1<<6 | 1<<9 | 1<<11

// timerTimeWait in idiag_timer: idiag_expires counts down to the end of the
// socket. The other timers count to the next retransmission or probe, after
// which the socket may live on (inet_diag.c, inet_diag_msg_sockaddr and
// inet_twsk_diag_fill).
const timerTimeWait = 3

// lingering makes one of a row of struct inet_diag_msg; ok is false where a
// program still holds the socket.
func lingering(s *Socket, msg []byte) (l Lingering, ok bool) {
	if s.Handle != 0 || s.State == Established || s.State == SynReceived {
		return Lingering{}, false
	}
	l.Socket = *s
	if msg[2] == timerTimeWait {
		l.Left = time.Duration(binary.NativeEndian.Uint32(msg[52:])) * time.Millisecond
	}
	return l, true
}
