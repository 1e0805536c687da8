package monitor

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Key names an endpoint: 0.0.0.0:80, 127.0.0.1:80, [::]:80 and udp/80 are
// four. The address carries the zone of a link-local one, Device the
// interface of a socket bound to one (SO_BINDTODEVICE).
type Key struct {
	Proto  sockets.Proto
	Addr   netip.AddrPort
	Device string
}

// Compare orders keys by protocol, port, address and device.
func (k Key) Compare(o Key) int {
	if k.Proto != o.Proto {
		return cmp.Compare(k.Proto, o.Proto)
	}
	if c := sockets.CompareAddr(k.Addr, o.Addr); c != 0 {
		return c
	}
	return cmp.Compare(k.Device, o.Device)
}

// Family returns 4 or 6. An IPv4-mapped address belongs to an IPv6 socket.
func (k Key) Family() int {
	if k.Addr.Addr().Is4() {
		return 4
	}
	return 6
}

// Owner says how certain the holders of a socket are. docs/ownership.md
// defines each word per operating system.
type Owner uint8

// The certainties, from best to least known.
const (
	OwnerKnown  Owner = iota + 1 // at least one holder is named
	OwnerHidden                  // somebody holds it whom we may not read
	OwnerExited                  // the last holder we knew is gone, the socket isn't
	OwnerKernel                  // no process: the kernel itself
)

// String returns the word used in JSON.
func (o Owner) String() string {
	switch o {
	case OwnerKnown:
		return "known"
	case OwnerHidden:
		return "hidden"
	case OwnerExited:
		return "exited"
	case OwnerKernel:
		return "kernel"
	}
	return "unknown"
}

// Exposure says who can reach an endpoint, as far as its address tells; a
// firewall may allow less.
type Exposure uint8

// The exposures.
const (
	ExposureLoopback Exposure = iota + 1 // this machine only
	ExposureNetwork                      // one address of one network
	ExposureAll                          // every interface
)

// String returns the word used in JSON.
func (e Exposure) String() string {
	switch e {
	case ExposureLoopback:
		return "loopback"
	case ExposureNetwork:
		return "network"
	case ExposureAll:
		return "all"
	}
	return "unknown"
}

func exposureOf(a netip.Addr) Exposure {
	a = a.Unmap()
	switch {
	case a.IsUnspecified():
		return ExposureAll
	case a.IsLoopback():
		return ExposureLoopback
	}
	return ExposureNetwork
}

// Holder is a process with a descriptor of the socket.
type Holder struct {
	*process.Process
	// VerifiedAt is when the descriptor was last seen with our own eyes.
	VerifiedAt time.Time
}

// Creator is what the kernel tells of a socket whose holder can't be read:
// the user and cgroup it was created under. The holder may be another by now.
type Creator struct {
	HasUID    bool
	UID       uint32
	User      string
	Unit      string // systemd unit of the cgroup
	Container string // container id of the cgroup
}

// Container is a container as its engine describes it.
type Container struct {
	ID, Name, Image string
	// Project is the compose project, "" outside one.
	Project string
}

// Endpoint is something that waits for peers: listening TCP or unconnected,
// bound UDP sockets under one key, with everybody who holds them.
type Endpoint struct {
	Key
	State    sockets.State
	Exposure Exposure
	Owner    Owner

	// Sockets are the kernel's rows under this key: more than one with
	// SO_REUSEPORT, or with SO_REUSEADDR for UDP.
	Sockets []sockets.Socket

	// Holders are the processes seen to hold one of the sockets, oldest
	// first. HoldersComplete is false if there may be more: a process
	// couldn't be read, or wasn't yet.
	Holders         []Holder
	HoldersComplete bool

	// Creators are known of the sockets that no readable process holds.
	Creators []Creator

	// Container is the container published or running here, once known.
	Container *Container

	// DualStack: an IPv6 wildcard that serves IPv4 as well.
	DualStack sockets.Tri

	// FirstSeen is when this Portlight first saw the key held without a
	// break. CreatedAt is the OS's own time, zero where it keeps none.
	FirstSeen time.Time
	CreatedAt time.Time
}

// UID returns the user the sockets were made for.
func (e *Endpoint) UID() (uint32, bool) {
	if len(e.Sockets) == 0 {
		return 0, false
	}
	return e.Sockets[0].UID, e.Sockets[0].HasUID
}

// HeldBy reports whether the process is among the holders.
func (e *Endpoint) HeldBy(id process.Identity) bool {
	return slices.ContainsFunc(e.Holders, func(h Holder) bool { return h.Identity == id })
}

// Connection is a socket with a peer, or on its way from or to one. It is
// shown and joined to its holders, never compared between polls.
type Connection struct {
	sockets.Socket
	Owner           Owner
	Holders         []Holder
	HoldersComplete bool
	Creator         *Creator
}
