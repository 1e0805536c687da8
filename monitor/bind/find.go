package bind

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// ErrTooFew: there are fewer free ports than were asked for.
var ErrTooFew = errors.New("not enough free ports")

// FindOptions say which free ports are wanted.
type FindOptions struct {
	// Near is where to look first; 0 means the lowest port that is allowed.
	Near uint16
	// Count is how many are wanted, 0 means one.
	Count int
	// Range bounds the search, and allows what otherwise is left out: ports
	// of the ephemeral range and privileged ones. The zero Range means all
	// others.
	Range Range
	Proto sockets.Proto // 0 means TCP
	// Reserved is what the system sets aside, where that was just read; nil
	// has Find read it.
	Reserved *Reserved
}

// Find returns ports that can be had now, nearest to Near first: each was
// bound on 127.0.0.1, 0.0.0.0, ::1 and :: as servers do and plainly, as far as
// those addresses exist. If there are too few it returns those with ErrTooFew.
func Find(opt FindOptions) ([]uint16, error) {
	if opt.Reserved == nil {
		r, _ := ReadReserved() // what is missing has a usual value
		opt.Reserved = &r
	}
	return find(opt, *opt.Reserved, provenFree)
}

// find is Find with the system's word and deed given.
func find(opt FindOptions, reserved Reserved, free func(sockets.Proto, uint16) (bool, error)) ([]uint16, error) {
	if opt.Proto == 0 {
		opt.Proto = sockets.TCP
	}
	count := max(opt.Count, 1)
	bounds := opt.Range
	if bounds == (Range{}) {
		bounds = Range{max(reserved.FirstUnprivileged, 1024), 65535}
	}
	if bounds.From > bounds.To {
		return nil, fmt.Errorf("range %d-%d ends before it begins", bounds.From, bounds.To)
	}
	near := min(max(opt.Near, bounds.From, 1), bounds.To)
	var ports []uint16
	for d := 0; d <= 65535 && len(ports) < count; d++ {
		for _, p := range [...]int{int(near) + d, int(near) - d} {
			if p < 1 || p > 65535 || !bounds.Contains(uint16(p)) || d == 0 && len(ports) > 0 {
				continue
			}
			port := uint16(p)
			if reserved.excludes(opt.Proto, port) || opt.Range == (Range{}) && reserved.Ephemeral.Contains(port) {
				continue
			}
			ok, err := free(opt.Proto, port)
			if err != nil {
				return ports, fmt.Errorf("try port %d: %w", port, err)
			}
			if ok && len(ports) < count {
				ports = append(ports, port)
			}
			if d == 0 {
				break // both ways lead to the same port
			}
		}
	}
	if len(ports) < count {
		return ports, fmt.Errorf("%d of %d in %d-%d: %w", len(ports), count, bounds.From, bounds.To, ErrTooFew)
	}
	return ports, nil
}

// excludes reports whether the port is in an excluded range of either family.
func (r *Reserved) excludes(proto sockets.Proto, port uint16) bool {
	for i := range r.Excluded {
		if r.Excluded[i].Proto == proto && r.Excluded[i].Contains(port) {
			return true
		}
	}
	return false
}

// provenFree binds the port everywhere. An error says that we, not the port,
// are in trouble.
func provenFree(proto sockets.Proto, port uint16) (bool, error) {
	had := false
	for _, a := range Anywhere() {
		for _, m := range manners(a) {
			switch t := Once(proto, netip.AddrPortFrom(a, port), m); t.Code {
			case OK:
				had = true
			case NoFamily, NotLocal: // no such address here
			case NoResource:
				return false, t.Err
			default:
				return false, nil
			}
		}
	}
	return had, nil
}
