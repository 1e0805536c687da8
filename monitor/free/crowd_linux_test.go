package free

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor"
)

// gather brings bystanders near the target: a client of it, a client that has
// its port for its own, one that listens on the port at another address, and
// one that has to do with that.
func (l *lane) gather(rnd *rand.Rand, aim *Aim, addr netip.AddrPort, fail func(string, ...any)) {
	client, twin, stranger := l.bystanders[0], l.bystanders[1], l.bystanders[2]
	at := func(last byte) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, last}), addr.Port())
	}
	if rnd.IntN(2) == 0 {
		if err := client.tell("%d dial any %v", l.number, addr); err != nil {
			fail("the client: %v", err)
		}
	}
	if rnd.IntN(2) == 0 {
		aim.Addr = addr.Addr()
		if err := errors.Join(stranger.tell("%d listen %v", l.number, at(8)), twin.tell("%d dial %v %v", l.number, at(9), at(8))); err != nil {
			fail("the twin: %v", err)
		}
		return
	}
	if err := twin.tell("%d dial %v %v", l.number, at(9), addr); err != nil {
		fail("the twin: %v", err)
	}
}

func (l *lane) disperse() {
	for _, b := range l.bystanders {
		_ = b.tell("%d drop", l.number)
	}
}

// looks shares readings between lanes: each is of a time after it was asked
// for, and serves all who wait by then.
type looks struct{ wait chan chan<- seen }

type seen struct {
	s   *monitor.Snapshot
	err error
}

func newLooks(t *testing.T) *looks {
	l := &looks{make(chan chan<- seen)}
	stop, stopped := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-stopped })
	go func() {
		defer close(stopped)
		var waiting []chan<- seen
		for {
			select {
			case <-stop:
				return
			case c := <-l.wait:
				waiting = append(waiting, c)
			}
			for more := true; more; {
				select {
				case c := <-l.wait:
					waiting = append(waiting, c)
				default:
					more = false
				}
			}
			s, err := monitor.Once(bg, monitor.Options{}, true)
			for _, c := range waiting {
				c <- seen{s, err}
			}
			waiting = waiting[:0]
		}
	}()
	return l
}

func (l *looks) look(ctx context.Context, _ bool) (*monitor.Snapshot, error) {
	c := make(chan seen, 1)
	l.wait <- c
	got := <-c
	return got.s, cmp.Or(got.err, ctx.Err())
}
