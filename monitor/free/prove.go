package free

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

const (
	// proofTimeout bounds the proof: looks, binds and the time to settle.
	proofTimeout = 15 * time.Second
	// closing is how long the kernel may take to close the sockets of a
	// process that has ended.
	closing = 2 * time.Second
)

// prove shows what became of the targets: by looks, and by binding them as
// programs do.
func (r *run) prove(ctx context.Context) Final {
	r.say(StageProving)
	if r.order.Hold {
		return r.proveHeld(ctx)
	}
	f, free := r.proveFree(ctx)
	if !free {
		return f
	}
	// It is free now. Who starts the program again needs a moment for it.
	f.Elapsed = time.Since(r.began)
	if again := r.settle(ctx); again != nil {
		return *again
	}
	if f.Ending == EndLingering {
		// Right after its end a connection still waited for its peer, and the
		// kernel knew no time.
		for i := range r.plan.Targets {
			f.Wait = max(f.Wait, r.lingering(r.plan.Targets[i].Addr))
		}
	}
	return f
}

// settle looks whether somebody takes the targets within SettleTime; nil if
// nobody does.
func (r *run) settle(ctx context.Context) *Final {
	for until := time.Now().Add(SettleTime); time.Now().Before(until); {
		if !sleep(ctx, SettleTime/3) {
			break
		}
		s, err := r.plan.machine.Look(ctx, false)
		if err != nil {
			continue // the proof was given: this only looks for more
		}
		if v, holders := r.read(s); v == retaken || v == kept {
			f := r.heldAgain(v, holders)
			return &f
		}
	}
	return nil
}

// proveFree looks and binds until both agree.
func (r *run) proveFree(ctx context.Context) (f Final, free bool) {
	var last bind.Try
	for i, until := 0, time.Now().Add(closing); ; i++ {
		s, err := r.plan.machine.Look(ctx, false)
		if err != nil {
			return Final{Ending: EndUnproven, Err: fmt.Errorf("read the ports: %w", err)}, false
		}
		v, holders := r.read(s)
		switch v {
		case kept:
			if r.all == nil && time.Now().Before(until) {
				break // stopped by somebody else: its processes may be ending still
			}
			return r.heldAgain(v, holders), false
		case retaken:
			return r.heldAgain(v, holders), false
		case vacant:
			var ok bool
			if f, last, ok = r.bindAll(); ok {
				return f, true
			}
			if last.Code != bind.InUse {
				return Final{Ending: EndUnproven, Err: last.Err}, false
			}
			if others := neighbours(s, last); len(others) > 0 {
				return Final{Ending: EndStillHeld, Holders: others}, false
			}
		}
		if time.Now().After(until) || !sleep(ctx, time.Duration(min(i+1, 10))*10*time.Millisecond) {
			if v == vacant {
				// A connection of a server without SO_REUSEADDR keeps its port
				// from everybody.
				return Final{Ending: EndUnproven, Err: last.Err, Wait: r.lingering(last.Addr)}, false
			}
			return Final{Ending: EndStillHeld, Holders: holders}, false
		}
	}
}

// bindAll tries every target. If all can be had, the ending says whether by
// everybody, or by administrators, as far as can be seen.
func (r *run) bindAll() (f Final, failed bind.Try, ok bool) {
	f.Ending = EndFreed
	first := r.plan.machine.Reserved().FirstUnprivileged
	for i := range r.plan.Targets {
		e := &r.plan.Targets[i]
		addr := bindable(e.Addr)
		plain := r.plan.machine.Try(e.Proto, addr, bind.Plain)
		server := plain
		if plain.Code != bind.OK || e.DualStack == sockets.Yes {
			server = r.asServer(e, addr)
		}
		if server.Code == bind.Denied && addr.Port() < first {
			f.Ending, f.Err = EndReserved, server.Err
			continue
		}
		if server.Code != bind.OK {
			return f, server, false
		}
		if plain.Code == bind.InUse {
			if f.Ending == EndFreed {
				f.Ending = EndLingering
			}
			f.Wait = max(f.Wait, r.lingering(e.Addr))
		}
	}
	return f, failed, true
}

// asServer tries both families where the target served both, and that family
// alone if another program has the other.
func (r *run) asServer(e *monitor.Endpoint, addr netip.AddrPort) bind.Try {
	if e.DualStack == sockets.Yes {
		if t := r.plan.machine.Try(e.Proto, addr, bind.Dual); t.Code == bind.OK {
			return t
		}
	}
	return r.plan.machine.Try(e.Proto, addr, bind.Server)
}

// lingering is the longest time a closed connection keeps the address, 0 if
// that can't be told.
func (r *run) lingering(addr netip.AddrPort) (left time.Duration) {
	list, err := r.plan.machine.Lingering(addr.Port())
	if err != nil {
		return 0
	}
	for i := range list {
		if overlap(addr.Addr(), list[i].Local.Addr()) {
			left = max(left, list[i].Left)
		}
	}
	return left
}

// proveHeld binds the targets for ourselves at once, before anybody else can,
// and looks afterwards.
func (r *run) proveHeld(ctx context.Context) Final {
	var held closers
	free := false
	for i, until := 0, time.Now().Add(closing); !free; i++ {
		var err error
		if held, err = r.holdAll(); err == nil {
			free = true
			break
		}
		s, lookErr := r.plan.machine.Look(ctx, false)
		if lookErr == nil {
			switch v, holders := r.read(s); {
			case v == retaken, v == kept && r.all != nil:
				return r.heldAgain(v, holders)
			case v == vacant && errors.Is(err, fs.ErrPermission):
				// What only an administrator may bind can't be held either.
				if f, _, ok := r.bindAll(); ok && f.Ending == EndReserved {
					f.Elapsed = time.Since(r.began)
					if again := r.settle(ctx); again != nil {
						return *again
					}
					return f
				}
			}
		}
		if time.Now().After(until) || !sleep(ctx, time.Duration(min(i+1, 10))*5*time.Millisecond) {
			return Final{Ending: EndUnproven, Err: errors.Join(err, lookErr)}
		}
	}
	f := Final{Ending: EndFreed, Elapsed: time.Since(r.began), Held: held}
	for i := range r.plan.Targets {
		if left := r.lingering(r.plan.Targets[i].Addr); left > 0 {
			f.Ending, f.Wait = EndLingering, max(f.Wait, left)
		}
	}
	// Only a socket that shares the address on purpose can be beside ours.
	s, err := r.plan.machine.Look(ctx, false)
	if err != nil {
		f.Ending, f.Err = EndUnproven, fmt.Errorf("read the ports: %w", err)
		return f
	}
	if v, holders := r.read(s); v == kept || v == retaken {
		held.Close()
		return r.heldAgain(v, holders)
	}
	return f
}

func (r *run) holdAll() (held closers, err error) {
	for i := range r.plan.Targets {
		e := &r.plan.Targets[i]
		c, err := r.plan.machine.Hold(e.Proto, bindable(e.Addr))
		if err != nil {
			held.Close()
			return nil, err
		}
		held = append(held, c)
	}
	return held, nil
}

// closers close as one.
type closers []io.Closer

// Close closes all.
func (cs closers) Close() error {
	var errs []error
	for _, c := range cs {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// bindable is the address as a program asks for it: one that is mapped into
// IPv6 is IPv4's.
func bindable(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// sleep waits, and reports whether the context let it.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
