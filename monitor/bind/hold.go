package bind

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Held is an address that belongs to us until Close.
type Held struct {
	Proto sockets.Proto
	Addr  netip.AddrPort

	sockets []*held
	once    sync.Once
	err     error
}

// Hold takes the address for ourselves, so that nobody else can: as servers
// do, on Windows exclusively, and [::] for IPv4 too where that is still to be
// had. No child inherits it.
//
// TCP listens (not on Windows, where bind alone decides), because a socket that
// doesn't can be bypassed by another with SO_REUSEADDR, and because a listener
// is what every tool shows. Nothing is ever accepted: the kernel completes a
// connection or two, and further clients wait for their own timeouts. Close
// resets them.
func Hold(proto sockets.Proto, addr netip.AddrPort) (*Held, error) {
	both := addr.Addr().Is6() && addr.Addr().IsUnspecified()
	manner := Server
	switch {
	case exclusive:
		manner = Exclusive
	case both:
		manner = Dual
	}
	h, err := hold(proto, addr, manner)
	if err != nil && manner == Dual {
		h, err = hold(proto, addr, Server)
	}
	if err != nil {
		return nil, fmt.Errorf("hold %s %v: %w", proto, addr, err)
	}
	all := []*held{h}
	if both && exclusive { // which proves one family at a time
		if h, err := hold(proto, netip.AddrPortFrom(netip.IPv4Unspecified(), addr.Port()), manner); err == nil {
			all = append(all, h)
		}
	}
	return &Held{Proto: proto, Addr: addr, sockets: all}, nil
}

// Close lets the address go. It may be called more than once.
func (h *Held) Close() error {
	h.once.Do(func() {
		for _, s := range h.sockets {
			h.err = errors.Join(h.err, s.close())
		}
	})
	return h.err
}
