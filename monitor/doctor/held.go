package doctor

import (
	"slices"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// held sorts the endpoints in the way by the kind of their holders.
func (e *Evidence) held(q *Question, failed []bind.Try) []Finding {
	var found []Finding
	add := func(c Cause, p monitor.Endpoint) *Finding {
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Cause == c })
		if i < 0 {
			i = len(found)
			found = append(found, Finding{Cause: c})
		}
		f := &found[i]
		f.Endpoints = append(f.Endpoints, p)
		for _, t := range failed {
			if a := t.Addr.Addr(); inWay(p.Addr.Addr(), p.DualStack, &t) && !slices.Contains(f.Addrs, a) {
				f.Addrs = append(f.Addrs, a)
			}
		}
		return f
	}
	var inTheWay []monitor.Endpoint
	for _, p := range e.endpointsOn(q) {
		if inWayOfAny(p.Addr.Addr(), p.DualStack, failed) {
			inTheWay = append(inTheWay, p)
		}
	}
	// The port's very address is free, and somebody on a wider one, or in the
	// other family, stands before it.
	elsewhere := q.Addr.IsValid() && !slices.ContainsFunc(inTheWay, func(p monitor.Endpoint) bool {
		return p.Addr.Addr().Unmap().WithZone("") == q.Addr.Unmap().WithZone("")
	})
	for _, p := range inTheWay {
		c := e.causeOf(&p)
		if elsewhere && (c == Held || c == HeldShared || c == HeldHidden) {
			c = HeldOtherAddress
		}
		f := add(c, p)
		switch c {
		case SystemdSocket:
			f.Unit = e.SocketUnits[p.Key]
		case HTTPSys:
			f.URLs = e.HTTPSys
		}
	}
	return found
}

// relays are the programs that listen for containers, by name.
var relays = [...]string{
	"docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "pasta.avx2", "gvproxy",
	"com.docker.backend", "com.docker.backend.exe",
}

// causeOf says what kind of holder an endpoint has.
func (e *Evidence) causeOf(p *monitor.Endpoint) Cause {
	switch {
	case p.Container != nil,
		slices.ContainsFunc(p.Creators, func(c monitor.Creator) bool { return c.Container != "" }),
		slices.ContainsFunc(p.Holders, func(h monitor.Holder) bool {
			return h.Container != "" || slices.Contains(relays[:], h.Name)
		}):
		return Container
	case e.SocketUnits[p.Key] != nil, slices.ContainsFunc(p.Holders, isManager):
		return SystemdSocket
	case e.OS == "windows" && p.Owner == monitor.OwnerKernel && len(e.HTTPSys) > 0:
		return HTTPSys
	case e.isGhost(p):
		return Ghost
	case len(p.Sockets) > 1 || len(p.Holders) > 1:
		return HeldShared
	case p.Owner == monitor.OwnerHidden:
		return HeldHidden
	}
	return Held
}

// isManager: a systemd, which holds sockets for its units.
func isManager(h monitor.Holder) bool {
	return h.Name == "systemd" && (h.PID == 1 || slices.Contains(h.Args, "--user"))
}

// isGhost: who opened the socket is gone. Known are a holder whom Portlight
// saw end; that every process could be read and none has the socket, though a
// user's program made it; and heirs who don't attend to it.
func (e *Evidence) isGhost(p *monitor.Endpoint) bool {
	if p.Owner == monitor.OwnerExited || slices.Contains(e.Unattended, p.Key) {
		return true
	}
	uid, ok := p.UID()
	return len(p.Holders) == 0 && p.HoldersComplete && ok && uid != 0
}

// unlisted explains tries that fail with no endpoint in their way.
func (e *Evidence) unlisted(q *Question, tries []bind.Try) []Finding {
	if len(tries) == 0 {
		return nil
	}
	var found []Finding
	bound := Finding{Cause: BoundNotListen}
	for _, b := range e.Bound {
		if inWayOfAny(b.Local.Addr(), sockets.TriOf(b.V6Only == sockets.No), tries) {
			bound.Bound = append(bound.Bound, b)
		}
	}
	if len(bound.Bound) > 0 {
		bound.Addrs = addrsOf(tries)
		found = append(found, bound)
	}
	if all := e.lingeringFor(tries); len(all) > 0 {
		found = append(found, Finding{Cause: LingeringOnly, Lingering: all, Addrs: addrsOf(tries), Wait: wait(all)})
	}
	if c := e.clientFor(q, tries); c != nil {
		f := Finding{Cause: Held, Client: c, Addrs: addrsOf(tries)} // accepted by a server that stopped listening
		if e.outgoing(c) {
			f.Cause = EphemeralClient
		}
		found = append(found, f)
	}
	switch {
	case len(found) > 0:
		return found
	case e.OS == "linux" && q.Proto == sockets.TCP && !e.BoundKnown:
		// The one kind of socket that this kernel doesn't list.
		return []Finding{{Cause: BoundNotListen, Addrs: addrsOf(tries)}}
	}
	return []Finding{{Cause: Unexplained, Addrs: addrsOf(tries)}}
}
