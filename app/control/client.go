package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

// Client talks to the running instance.
type Client struct{ p place }

// Find returns a client for the user's running instance without trying to
// become it. Whether there is one shows when it is asked something.
func Find() (*Client, error) {
	p, err := userPlace()
	if err != nil {
		return nil, err
	}
	return &Client{p}, nil
}

// maxReply bounds what is read; a state with thousands of rows is 1 MB.
const maxReply = 64 << 20

// Do sends the message and returns the reply's data as JSON, nil if it has
// none. It waits for Patience at most.
func (c *Client) Do(ctx context.Context, m Message) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Patience, ErrNoAnswer)
	defer cancel()
	conn, err := c.p.dial(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()

	r, err := exchange(conn, m)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("talk to the running Portlight: %w", err)
	case r.OK:
		return r.Data, nil
	case r.Code == codeUnknown:
		return nil, fmt.Errorf("the running Portlight: %w: %q", ErrUnknownMessage, m)
	}
	return nil, fmt.Errorf("the running Portlight: %s", r.Error)
}

func exchange(conn net.Conn, m Message) (r reply, err error) {
	if err = json.NewEncoder(conn).Encode(request{Version, m}); err != nil {
		return r, err
	}
	err = json.NewDecoder(io.LimitReader(conn, maxReply)).Decode(&r)
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		err = errors.New("it ended the connection without an answer")
	}
	return r, err
}
