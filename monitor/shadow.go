package monitor

import (
	"net/netip"
	"slices"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Shadow is one port with different owners, by address or family: which of
// them answers depends on how a client spells the address.
type Shadow struct {
	Proto sockets.Proto
	Port  uint16
	// Keys are the endpoints, in key order.
	Keys []Key
}

// Shadows finds the ports with different owners, in key order.
//
// Two endpoints shadow each other if a client of this machine could mean
// either: a wildcard beside an address it covers, or the two families, between
// which "localhost" chooses. Two different addresses of a network don't: nobody
// mistakes one for the other. Owners are different only if that is known: no
// holder in common, no prefork tree around both, not two processes of one
// container or service. An owner who can't be read counts only by another
// user or container than the other endpoint's sockets were made for.
//
// UDP ports that programs share by convention are left out: multicast DNS and
// its like, where each is bound by many and every one gets every datagram.
func Shadows(s *Snapshot) []Shadow {
	if s == nil {
		return nil
	}
	var all []Shadow
	for from := 0; from < len(s.Endpoints); {
		e := &s.Endpoints[from]
		to := from + 1
		for to < len(s.Endpoints) && s.Endpoints[to].Proto == e.Proto && s.Endpoints[to].Addr.Port() == e.Addr.Port() {
			to++
		}
		if to-from > 1 && !(e.Proto == sockets.UDP && sharedByConvention(s.Endpoints[from:to])) {
			if keys := shadowed(s.Endpoints[from:to]); len(keys) > 0 {
				all = append(all, Shadow{e.Proto, e.Addr.Port(), keys})
			}
		}
		from = to
	}
	return all
}

// shadowed returns the keys of one port's endpoints that shadow another.
func shadowed(port []Endpoint) []Key {
	hit := make([]bool, len(port))
	for i := range port {
		for j := i + 1; j < len(port); j++ {
			if bothMeant(&port[i], &port[j]) && differentOwners(&port[i], &port[j]) {
				hit[i], hit[j] = true, true
			}
		}
	}
	var keys []Key
	for i := range port {
		if hit[i] {
			keys = append(keys, port[i].Key)
		}
	}
	return keys
}

// bothMeant reports whether one spelling by a client of this machine could
// reach either endpoint.
func bothMeant(a, b *Endpoint) bool {
	if a.Device != b.Device && a.Device != "" && b.Device != "" {
		return false
	}
	x, y := a.Addr.Addr().Unmap(), b.Addr.Addr().Unmap()
	if x.Is4() == y.Is4() {
		return x == y || x.IsUnspecified() || y.IsUnspecified()
	}
	// Across families only a name can mean both, and of names localhost.
	four, six := a, b
	if x.Is6() {
		four, six = b, a
	}
	if six.DualStack == sockets.Yes && four.Exposure == ExposureNetwork {
		return true // 192.0.2.1 beside [::], which covers it
	}
	return isLocalhost(x) && isLocalhost(y)
}

// isLocalhost: clients that say "localhost" go there (RFC 6761, section 6.3).
func isLocalhost(a netip.Addr) bool {
	return a.IsUnspecified() || a == netip.IPv6Loopback() || a == netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// differentOwners reports whether it is known that nobody owns both.
func differentOwners(a, b *Endpoint) bool {
	if a.Container != nil && b.Container != nil {
		return a.Container.ID != b.Container.ID
	}
	if len(a.Holders) == 0 || len(b.Holders) == 0 {
		return createdApart(a, b)
	}
	for i := range a.Holders {
		for j := range b.Holders {
			if related(a.Holders[i].Process, b.Holders[j].Process) {
				return false
			}
		}
	}
	return true
}

// related: the same process, or two of one tree, container or service.
func related(p, q *process.Process) bool {
	switch {
	case p.Identity == q.Identity, isAncestor(p, q), isAncestor(q, p):
		return true
	case p.Container != "" || q.Container != "":
		return p.Container == q.Container
	case p.Unit != "" && p.Unit == q.Unit && isService(p.Unit):
		return true
	}
	// Siblings are two workers of one master if the master is the same program;
	// of Docker's relays there is one for each address of a published port.
	return p.Exe != "" && p.Exe == q.Exe && len(p.Parents) > 0 && len(q.Parents) > 0 &&
		p.Parents[0].Identity == q.Parents[0].Identity && (p.Parents[0].Exe == p.Exe || p.Name == "docker-proxy")
}

func isAncestor(p, of *process.Process) bool {
	if p.PID == 1 {
		return false // everybody's
	}
	return slices.ContainsFunc(of.Parents, func(a process.Ancestor) bool { return a.Identity == p.Identity })
}

// createdApart: both sockets' users or containers are known, and differ.
func createdApart(a, b *Endpoint) bool {
	x, okX := a.UID()
	y, okY := b.UID()
	if okX && okY && x != y {
		return true
	}
	return containerOf(a) != "" && containerOf(b) != "" && containerOf(a) != containerOf(b)
}

func containerOf(e *Endpoint) string {
	if e.Container != nil {
		return e.Container.ID
	}
	for _, h := range e.Holders {
		if h.Container != "" {
			return h.Container
		}
	}
	for _, c := range e.Creators {
		if c.Container != "" {
			return c.Container
		}
	}
	return ""
}

// conventional are UDP ports that many programs bind at a time: DHCP's client,
// SSDP, WS-Discovery, multicast DNS, LLMNR, and games' and players' discovery
// (IANA's service names and port numbers).
var conventional = [...]uint16{68, 546, 1900, 3702, 5353, 5355}

// sharedByConvention reports whether a UDP port is one where several programs
// are the rule: a conventional one, bound to a multicast group, or shared under
// one key (SO_REUSEADDR).
func sharedByConvention(port []Endpoint) bool {
	if slices.Contains(conventional[:], port[0].Addr.Port()) {
		return true
	}
	return slices.ContainsFunc(port, func(e Endpoint) bool {
		return e.Addr.Addr().IsMulticast() || len(e.Sockets) > 1
	})
}
