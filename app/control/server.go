package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Handlers answer messages. The value returned is sent as JSON; an error's
// text is sent instead. They are called on goroutines of the server's and
// should return within Patience.
type Handlers map[Message]func(context.Context) (any, error)

// Server is the user's one instance.
type Server struct {
	l      net.Listener
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newServer(l net.Listener) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{l: l, ctx: ctx, cancel: cancel}
}

// maxConns bounds the connections served at a time; more wait in the
// kernel's queue.
const maxConns = 16

// Serve begins to answer and returns at once. Requests that came since
// Acquire have waited. It is called once.
func (s *Server) Serve(h Handlers) {
	slots := make(chan struct{}, maxConns)
	s.wg.Go(func() {
		for {
			slots <- struct{}{}
			conn, err := s.l.Accept()
			if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
				return
			}
			if err != nil { // no descriptors left: it may pass
				<-slots
				select {
				case <-s.ctx.Done():
					return
				case <-time.After(100 * time.Millisecond):
				}
				continue
			}
			s.wg.Go(func() {
				defer func() { <-slots }()
				s.answer(conn, h)
			})
		}
	})
}

// Close stops answering, waits for the answers under way, and lets the next
// instance start.
func (s *Server) Close() error {
	s.cancel()
	err := s.l.Close()
	s.wg.Wait()
	return err
}

// maxRequest bounds a request's line.
const maxRequest = 4 << 10

func (s *Server) answer(conn net.Conn, h Handlers) {
	defer conn.Close()
	stop := context.AfterFunc(s.ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(Patience))
	r := reply{Portlight: Version}
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequest)).ReadBytes('\n')
	if err != nil {
		return // nobody there who could read an answer, or no line
	}
	if err := checkPeer(conn); err != nil {
		r.Error = err.Error()
	} else {
		r = s.reply(line, h)
	}
	_ = json.NewEncoder(conn).Encode(r)
}

func (s *Server) reply(line []byte, h Handlers) reply {
	r := reply{Portlight: Version}
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		r.Error = "not a request: one line of JSON is expected"
		return r
	}
	if q.Portlight != Version {
		r.Error = fmt.Sprintf("request is of version %d, this Portlight speaks %d", q.Portlight, Version)
		return r
	}
	f, ok := h[q.Message]
	if !ok {
		r.Code, r.Error = codeUnknown, fmt.Sprintf("unknown message %q", q.Message)
		return r
	}
	v, err := f(s.ctx)
	if err == nil && v != nil {
		r.Data, err = json.Marshal(v)
	}
	if err != nil {
		r.Error = err.Error()
		return r
	}
	r.OK = true
	return r
}
