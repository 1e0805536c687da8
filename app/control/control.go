// Package control keeps Portlight to one instance per user, and lets a second
// start and the tests talk to the first.
//
// The instances meet at a local endpoint that only this user can open: a unix
// socket in the user's runtime folder, a named pipe on Windows; never TCP,
// which would show up in our own table. A request is one line of JSON, the
// reply another, then the connection ends.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Version is the protocol's. A program answers requests of other versions
// with an error that names its own.
const Version = 1

// Patience is how long a second start waits for the first to answer.
const Patience = 2 * time.Second

// Message is what is asked.
type Message string

// The messages.
const (
	Raise Message = "raise" // show the window
	State Message = "state" // tell what the window shows; changes nothing
)

// Errors of Acquire and Client.Do; test with errors.Is.
var (
	// ErrNoAnswer: another instance runs, but does not answer in time.
	ErrNoAnswer = errors.New("another Portlight is running but does not answer")
	// ErrNotRunning: there is no instance to talk to.
	ErrNotRunning = errors.New("no Portlight is running")
	// ErrUnknownMessage: the running instance does not know the message.
	ErrUnknownMessage = errors.New("unknown message")
)

type request struct {
	Portlight int     `json:"portlight"` // Version
	Message   Message `json:"message"`
}

type reply struct {
	Portlight int             `json:"portlight"`
	OK        bool            `json:"ok"`
	Code      string          `json:"code,omitempty"` // codeUnknown or ""
	Error     string          `json:"error,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
}

const codeUnknown = "unknown_message"

// Acquire makes this process the user's one instance, or finds the one there
// is: one of server and client is set if the error is nil. Of any number of
// simultaneous starts exactly one gets the server. What an instance that
// crashed left behind is taken over.
func Acquire(ctx context.Context) (*Server, *Client, error) {
	p, err := userPlace()
	if err != nil {
		return nil, nil, err
	}
	return acquire(ctx, p)
}

func acquire(ctx context.Context, p place) (*Server, *Client, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Patience, ErrNoAnswer)
	defer cancel()
	for {
		l, err := p.listen()
		if err == nil {
			return newServer(l), nil, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, nil, err
		}
		conn, err := p.dial(ctx)
		if err == nil {
			conn.Close()
			return nil, &Client{p}, nil
		}
		// The other has the lock but doesn't listen yet, or no longer.
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// errTaken is what a place's listen returns if another process has it.
var errTaken = errors.New("another instance is there")
