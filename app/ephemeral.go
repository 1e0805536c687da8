package app

import (
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/ui/view"
)

// ephemeralPorts is the range the system hands out ports from by itself.
func ephemeralPorts() view.PortRange {
	r := bind.Ephemeral()
	return view.PortRange{First: r.From, Last: r.To}
}
