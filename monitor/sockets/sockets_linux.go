package sockets

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openSource prefers sock_diag. Where the kernel or a sandbox refuses it
// (seccomp, gVisor, a kernel without inet_diag) the tables come from gopsutil.
func openSource() (source, error) {
	src, err := openNetlink()
	if err == nil {
		if err = src.probe(); err == nil {
			return src, nil
		}
		src.close()
	}
	fallback, ferr := openFallback()
	if ferr != nil {
		return nil, errors.Join(err, ferr)
	}
	return fallback, nil
}

// netlink reads through NETLINK_SOCK_DIAG with a receive loop of its own: a
// general netlink library copies and allocates per message, which at 5,000
// listeners costs more than the kernel's own work.
type netlink struct {
	fd      int
	seq     uint32
	req     []byte
	buf     []byte
	devices map[uint32]device
	dec     diagDecoder
	tcp     []uint8 // families to ask TCP for, one dump each
}

// device is an interface name, believed for a while: interfaces are renamed
// rarely, but they are.
type device struct {
	name string
	at   time.Time
}

const (
	// The kernel fills at most 32 KiB per datagram of a dump, however large
	// the buffer (netlink_dump in net/netlink/af_netlink.c).
	netlinkBuffer  = 32 << 10
	netlinkTimeout = 2 * time.Second
	deviceTTL      = 10 * time.Second
)

func openNetlink() (*netlink, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("open sock_diag: %w", err)
	}
	tv := unix.NsecToTimeval(netlinkTimeout.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("set sock_diag timeout: %w", err)
	}
	n := &netlink{fd: fd, buf: make([]byte, netlinkBuffer), devices: make(map[uint32]device)}
	n.dec.device = n.device
	return n, nil
}

// probe finds out whether the kernel answers for both protocols, and whether it
// lists TCP of both families in one dump: each dump walks the whole table, of
// as many as 64 Ki buckets, and picks the family's sockets out of it.
func (n *netlink) probe() error {
	n.tcp = []uint8{afUnspec}
	if _, err := n.dump(diagRequest{family: afUnspec, proto: protoTCP, states: statesListen}, nil); err != nil {
		n.tcp = []uint8{afInet, afInet6}
	}
	for _, r := range [...]diagRequest{
		{family: afInet6, proto: protoTCP, states: statesListen},
		{family: afInet6, proto: protoUDP, states: statesUDPBound},
	} {
		if _, err := n.dump(r, nil); err != nil {
			return fmt.Errorf("read %s sockets: %w", r, err)
		}
	}
	return nil
}

func (n *netlink) limits() []Limit { return nil }

func (n *netlink) close() error { return unix.Close(n.fd) }

func (n *netlink) read(want Want, dst []Socket) ([]Socket, error) {
	var tcp, udp uint32
	if want&Endpoints != 0 {
		tcp, udp = statesListen, statesUDPBound
	}
	if want&Connections != 0 {
		tcp |= statesConnections
		udp |= statesUDPPeer
	}
	var errs error
	ask := func(r diagRequest) {
		var err error
		if dst, err = n.dump(r, dst); err != nil {
			errs = errors.Join(errs, fmt.Errorf("read %s sockets: %w", r, err))
		}
	}
	for _, family := range n.tcp {
		ask(diagRequest{family: family, proto: protoTCP, states: tcp})
	}
	ask(diagRequest{family: afInet, proto: protoUDP, states: udp})
	ask(diagRequest{family: afInet6, proto: protoUDP, states: udp})
	return dst, errs
}

// String names the table in errors: "tcp4", or "tcp" for both families.
func (r diagRequest) String() string {
	name := "tcp"
	if r.proto == protoUDP {
		name = "udp"
	}
	switch r.family {
	case afInet:
		return name + "4"
	case afInet6:
		return name + "6"
	}
	return name
}

// dump asks for one table and appends its rows.
func (n *netlink) dump(r diagRequest, dst []Socket) ([]Socket, error) {
	n.seq++
	n.dec.seq = n.seq
	n.dec.proto = TCP
	if r.proto == protoUDP {
		n.dec.proto = UDP
	}
	n.req = r.append(n.req[:0], n.seq)
	if err := n.send(); err != nil {
		return dst, err
	}
	for {
		size, err := n.receive()
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return dst, os.ErrDeadlineExceeded
		case err != nil:
			return dst, err
		}
		var done bool
		if dst, done, err = n.dec.decode(n.buf[:size], dst); done || err != nil {
			return dst, err
		}
	}
}

// send and receive pass by Go's scheduler. The kernel works a dump out in the
// very calls that ask for it and fetch it, a tenth of a millisecond each and
// without waiting for anything. To the scheduler that looks like blocking: it
// starts threads to stand in and watches every 20 µs, for a fifth of a poll's
// CPU time. What would really wait goes the usual way.
func (n *netlink) send() error {
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(n.fd), uintptr(unsafe.Pointer(&n.req[0])), uintptr(len(n.req)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func (n *netlink) receive() (int, error) {
	size, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(n.fd), uintptr(unsafe.Pointer(&n.buf[0])), uintptr(len(n.buf)), unix.MSG_DONTWAIT, 0, 0)
	switch errno {
	case 0:
		return int(size), nil
	case unix.EAGAIN:
		return unix.Read(n.fd, n.buf)
	}
	return 0, errno
}

// device names an interface index, by number if it can't be named.
func (n *netlink) device(index uint32) string {
	now := time.Now()
	if d, ok := n.devices[index]; ok && now.Sub(d.at) < deviceTTL {
		return d.name
	}
	name := strconv.FormatUint(uint64(index), 10)
	if ifr, err := unix.NewIfreq(""); err == nil {
		ifr.SetUint32(index)
		if unix.IoctlIfreq(n.fd, unix.SIOCGIFNAME, ifr) == nil && ifr.Name() != "" {
			name = ifr.Name()
		}
	}
	n.devices[index] = device{name, now}
	return name
}
