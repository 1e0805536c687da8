package app

import (
	"fmt"
	"os"

	"github.com/portlight-app/portlight/ui/view"
)

// ephemeralPorts reads the range the kernel hands out ports from by itself
// (ip(7), ip_local_port_range).
func ephemeralPorts() view.PortRange {
	var r view.PortRange
	data, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(data), &r.First, &r.Last)
	}
	if err != nil {
		return view.PortRange{First: 32768, Last: 60999} // the kernel's default
	}
	return r
}
