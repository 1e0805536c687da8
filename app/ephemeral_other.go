//go:build !linux

package app

import "github.com/portlight-app/portlight/ui/view"

// ephemeralPorts returns IANA's dynamic ports (RFC 6335, section 6), which
// Windows and macOS use unless an administrator sets others.
func ephemeralPorts() view.PortRange { return view.PortRange{First: 49152, Last: 65535} }
