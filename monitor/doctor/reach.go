package doctor

import (
	"github.com/portlight-app/portlight/monitor"
)

// boundNarrowly finds endpoints that others can't reach by their address
// alone. One endpoint on every interface makes the narrow ones of its family
// harmless, so nothing is said then.
func boundNarrowly(port []monitor.Endpoint) []Barrier {
	var all []Barrier
	for i := range port {
		p := &port[i]
		switch p.Exposure {
		case monitor.ExposureAll:
			return nil
		case monitor.ExposureLoopback:
			all = append(all, Barrier{Kind: BarrierLoopback, Evidence: p.Addr.String(), Certain: true})
		case monitor.ExposureNetwork:
			all = append(all, Barrier{Kind: BarrierOneAddr, Evidence: p.Addr.String(), Certain: true})
		}
	}
	return all
}
