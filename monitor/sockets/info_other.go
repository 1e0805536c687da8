//go:build !linux

package sockets

import "errors"

// ConnectionInfo is not told by this system: GetPerTcpConnectionEStats on
// Windows needs an administrator to switch it on first.
func ConnectionInfo(uint16) (map[uint64]Info, error) { return nil, errors.ErrUnsupported }
