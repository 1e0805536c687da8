package sockets

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The table classes of iprtrmib.h. The OWNER_MODULE classes cost no more than
// the OWNER_PID ones and tell the creation time and service tag as well.
const (
	tcpTableOwnerModuleListener = 6
	tcpTableOwnerModuleAll      = 8
	udpTableOwnerModule         = 2
)

// ipHelper reads the tables of iphlpapi.dll.
type ipHelper struct {
	extendedTCP, extendedUDP *windows.LazyProc
	buf                      []byte // kept between readings; grows to the largest table
}

func openSource() (source, error) {
	// LazySystemDLL loads from the system directory only.
	dll := windows.NewLazySystemDLL("iphlpapi.dll")
	h := &ipHelper{
		extendedTCP: dll.NewProc("GetExtendedTcpTable"),
		extendedUDP: dll.NewProc("GetExtendedUdpTable"),
		buf:         make([]byte, 64<<10),
	}
	if err := errors.Join(h.extendedTCP.Find(), h.extendedUDP.Find()); err != nil {
		return nil, fmt.Errorf("IP Helper: %w", err)
	}
	return h, nil
}

func (h *ipHelper) read(want Want, dst []Socket) ([]Socket, error) {
	tcpClass := uintptr(tcpTableOwnerModuleAll)
	if want == Endpoints {
		tcpClass = tcpTableOwnerModuleListener
	}
	var errs []error
	read := func(proc *windows.LazyProc, class, family uintptr, rows *rowLayout) {
		table, err := h.table(proc, class, family)
		if err == nil {
			dst, err = rows.decode(table, want, dst)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("reading %s sockets: %w", rows.name, err))
		}
	}
	read(h.extendedTCP, tcpClass, windows.AF_INET, &tcp4Rows)
	read(h.extendedTCP, tcpClass, windows.AF_INET6, &tcp6Rows)
	if want&Endpoints != 0 { // UDP rows tell no peer: all of them are endpoints
		read(h.extendedUDP, udpTableOwnerModule, windows.AF_INET, &udp4Rows)
		read(h.extendedUDP, udpTableOwnerModule, windows.AF_INET6, &udp6Rows)
	}
	return dst, errors.Join(errs...)
}

// table fetches one table into the buffer, which the next call overwrites.
// Tables grow between asking for their size and reading them, so the buffer
// is given some slack and the question repeated.
func (h *ipHelper) table(proc *windows.LazyProc, class, family uintptr) ([]byte, error) {
	const slack, tries, most = 64 * 192, 8, 256 << 20
	for range tries {
		size := uint32(len(h.buf))
		const unsorted, reserved = 0, 0
		r, _, _ := proc.Call(uintptr(unsafe.Pointer(&h.buf[0])), uintptr(unsafe.Pointer(&size)),
			unsorted, family, class, reserved)
		switch code := syscall.Errno(r); code {
		case windows.ERROR_SUCCESS:
			// size is what Windows needed, or left alone; never trust it
			// beyond the buffer. The row count is checked by decode.
			return h.buf[:min(int(size), len(h.buf))], nil
		case windows.ERROR_INSUFFICIENT_BUFFER:
			if size > most {
				return nil, fmt.Errorf("table of %d bytes: %w", size, code)
			}
			h.buf = make([]byte, max(int(size), len(h.buf))+slack)
		case windows.ERROR_NOT_SUPPORTED: // this address family isn't installed
			return make([]byte, tableHeader), nil
		default:
			return nil, code
		}
	}
	return nil, fmt.Errorf("table kept growing: %w", windows.ERROR_INSUFFICIENT_BUFFER)
}

// limits: no row says whether an IPv6 wildcard refuses IPv4, nor whom a UDP
// socket talks to.
func (h *ipHelper) limits() []Limit { return []Limit{LimitV6Only, LimitUDPPeer} }

func (h *ipHelper) close() error { return nil }
