package doctor

import (
	"slices"
	"strconv"
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
			all = append(all, e.stopService(h.Unit))
		}
	}
	return all
}

func (e *Evidence) stopService(name string) Remedy {
	return Remedy{Kind: RemedyCommand, About: "stop_unit", Admin: !e.Elevated, Command: []string{"net", "stop", name}}
}

// iis is the service that starts IIS' worker processes, and starts them again.
const iis = "W3SVC"

// httpSysRemedies stop who registered with http.sys, and take back the right
// to register. The program behind it holds no socket, so Portlight's own
// command wouldn't find it.
func (e *Evidence) httpSysRemedies(d *Diagnosis) []Remedy {
	var all []Remedy
	add := func(r Remedy) {
		if !slices.ContainsFunc(all, func(o Remedy) bool { return slices.Equal(o.Command, r.Command) }) {
			all = append(all, r)
		}
	}
	for _, g := range d.URLs {
		if g.Service != "" {
			add(e.stopService(g.Service))
			continue
		}
		for _, h := range g.Holders {
			switch {
			case strings.EqualFold(h.Name, "w3wp.exe"):
				add(e.stopService(iis))
			case h.Unit != "" && !strings.Contains(h.Unit, ", "):
				add(e.stopService(h.Unit))
			case h.Unit == "":
				// Whose user can't be read is somebody else's.
				add(Remedy{Kind: RemedyCommand, About: "end_process", Admin: !e.Elevated && h.User == "", Command: []string{"taskkill", "/PID", strconv.Itoa(int(h.PID))}})
			}
		}
	}
	for _, g := range d.URLs {
		for _, url := range g.URLs {
			add(Remedy{Kind: RemedyCommand, About: "delete_urlacl", Admin: true, Command: []string{"netsh", "http", "delete", "urlacl", "url=" + url}})
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
