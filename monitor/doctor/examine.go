package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// Options are what an examination may use of its surroundings.
type Options struct {
	// Containers names containers; nil leaves them unnamed.
	Containers monitor.ContainerNamer
	// Recorded is a running Monitor's latest snapshot, which knows of holders
	// that have ended; nil where none runs.
	Recorded *monitor.Snapshot
}

// attempts at the whole reading while nothing explains the bind: whoever held
// the port may have ended between the bind and the reading after it.
const (
	attempts = 3
	between  = 50 * time.Millisecond
)

// Examine reads the evidence about a port and names the cause. It binds the
// port for moments and leaves no socket behind; only with q.Probe does it
// connect to anything.
func Examine(ctx context.Context, q Question, opt Options) (*Diagnosis, error) {
	if q.Port == 0 {
		return nil, errors.New("port 0 stands for any port")
	}
	if q.Proto == 0 {
		q.Proto = sockets.TCP
	}
	q.Addr = q.Addr.Unmap() // a mapped address is IPv4's, spelled otherwise
	var d *Diagnosis
	for n := range attempts {
		if n > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(between):
			}
		}
		e, err := read(ctx, &q, &opt)
		if err != nil {
			return nil, fmt.Errorf("examine %s port %d: %w", q.Proto, q.Port, err)
		}
		d = Diagnose(q, e)
		if d.Cause != Unexplained && !(d.Cause == BoundNotListen && len(d.Bound) == 0) {
			break
		}
	}
	return d, nil
}

// read gathers the evidence, what every system has first.
func read(ctx context.Context, q *Question, opt *Options) (*Evidence, error) {
	addrs := bind.Anywhere()
	if q.Addr.IsValid() {
		addrs = []netip.Addr{q.Addr}
	}
	e := &Evidence{OS: runtime.GOOS}
	if uid := os.Geteuid(); uid >= 0 {
		e.Elevated, e.UID = uid == 0, uint32(uid)
	}
	e.Tries = bind.Survey(q.Proto, q.Port, addrs)
	var err error
	if e.Snapshot, err = monitor.Once(ctx, monitor.Options{Containers: opt.Containers}, true); e.Snapshot == nil {
		return nil, err
	}
	e.remember(opt.Recorded)
	var missing []error
	e.Reserved, missing = bind.ReadReserved()
	e.Missing = append(e.Missing, missing...)
	if e.Local, err = localAddrs(); err != nil {
		e.Missing = append(e.Missing, err)
	}
	if near, err := bind.Find(bind.FindOptions{Near: q.Port, Proto: q.Proto, Reserved: &e.Reserved}); err == nil {
		e.Near = near[0]
	}
	e.readSystem(ctx, q)
	e.readUnits(ctx, q)
	if q.Probe && q.Proto == sockets.TCP {
		e.probe(ctx, q)
	}
	return e, ctx.Err()
}

// remember takes over what a single reading can't know: that a holder has
// ended whom the running monitor had seen.
func (e *Evidence) remember(recorded *monitor.Snapshot) {
	for i := range e.Snapshot.Endpoints {
		p := &e.Snapshot.Endpoints[i]
		old, ok := recorded.Endpoint(p.Key)
		if ok && old.Owner == monitor.OwnerExited && p.Owner == monitor.OwnerHidden && old.Sockets[0].Handle == p.Sockets[0].Handle {
			p.Owner = monitor.OwnerExited
		}
	}
}

func localAddrs() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("this machine's addresses: %w", err)
	}
	var addrs []netip.Addr
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, p.Addr().Unmap())
		}
	}
	return addrs, nil
}

// readUnits asks the service manager for whom it listens, where it may: it
// holds the socket, or nobody readable does.
func (e *Evidence) readUnits(ctx context.Context, q *Question) {
	var m *units.Manager
	for _, p := range e.endpointsOn(q) {
		if len(p.Holders) > 0 && !slices.ContainsFunc(p.Holders, isManager) {
			continue
		}
		if m == nil {
			var err error
			if m, err = units.Open(ctx); err != nil {
				return // then it listens for nobody, or doesn't tell
			}
		}
		u, err := m.SocketFor(ctx, p.Proto, p.Addr)
		if err != nil {
			continue
		}
		if e.SocketUnits == nil {
			e.SocketUnits = make(map[monitor.Key]*units.Unit)
		}
		e.SocketUnits[p.Key] = u
	}
}

// holdersOf names the holders of sockets that no snapshot lists.
func holdersOf(ctx context.Context, all []sockets.Socket) ([]BoundSocket, error) {
	if len(all) == 0 {
		return nil, nil
	}
	x, err := process.OpenIndex()
	if err != nil {
		return nil, err
	}
	defer x.Close()
	wanted := make([]process.Socket, len(all))
	for i, s := range all {
		wanted[i] = process.Socket{Handle: s.Handle, PID: s.PID, HasUID: s.HasUID, UID: s.UID, Created: s.Created}
	}
	if err := x.Update(time.Now(), wanted, false); err != nil {
		return nil, err
	}
	facts := process.NewReader()
	bound := make([]BoundSocket, len(all))
	for i, s := range all {
		bound[i].Socket = s
		for _, c := range x.Answer(wanted[i]).Claims {
			bound[i].Holders = append(bound[i].Holders, monitor.Holder{Process: facts.Facts(ctx, c), VerifiedAt: c.VerifiedAt})
		}
	}
	return bound, nil
}
