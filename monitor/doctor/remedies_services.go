package doctor

import (
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor"
)

// stopServices stops the Windows services that hold the endpoints. A process
// that runs several is left out: which of them has the port isn't known here.
func (e *Evidence) stopServices(d *Diagnosis) []Remedy {
	var all []Remedy
	var seen []string
	for _, p := range d.Endpoints {
		for _, h := range p.Holders {
			if h.Unit == "" || strings.Contains(h.Unit, ", ") || slices.Contains(seen, h.Unit) {
				continue
			}
			seen = append(seen, h.Unit)
			all = append(all, Remedy{Kind: RemedyCommand, About: "stop_unit", Admin: !e.Elevated, Command: []string{"net", "stop", h.Unit}})
		}
	}
	return all
}

// reserveExcluded keeps the port from being given to outgoing connections or to
// winnat: an administrator's exclusion, which programs that ask for that very
// port may still bind.
func reserveExcluded(d *Diagnosis, v4 bool, port string) Remedy {
	family := "ipv6"
	if v4 {
		family = "ipv4"
	}
	return Remedy{Kind: RemedyCommand, About: "reserve_excluded", Admin: true, Command: []string{
		"netsh", "int", family, "add", "excludedportrange",
		"protocol=" + d.Proto.String(), "startport=" + port, "numberofports=1", "store=persistent"}}
}

// nobodyToEnd: the kernel itself holds them, or what only relays for WSL and
// all that runs there.
func nobodyToEnd(all []monitor.Endpoint) bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(p monitor.Endpoint) bool {
		return p.Owner != monitor.OwnerKernel && !slices.ContainsFunc(p.Holders, isWSLRelay)
	})
}
