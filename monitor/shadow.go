package monitor

import "github.com/portlight-app/portlight/monitor/sockets"

// Shadow is one port with different owners, by address or family: which of
// them answers depends on how a client spells the address.
type Shadow struct {
	Proto sockets.Proto
	Port  uint16
	// Keys are the endpoints, in key order.
	Keys []Key
}
