package sockets

import "net/netip"

// BoundOnly is not told by this system in a public table.
func BoundOnly(uint16) ([]Socket, error) { return nil, ErrUnsupported }

// LingeringOn is not told by this system with its timers.
func LingeringOn(uint16) ([]Lingering, error) { return nil, ErrUnsupported }

// Lookup can't be asked of this system's kernel without traffic.
func Lookup(Proto, netip.AddrPort) (Socket, bool, error) { return Socket{}, false, ErrUnsupported }

// Destroy is not offered by this system.
func Destroy(Socket) error { return ErrUnsupported }
