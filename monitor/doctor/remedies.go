package doctor

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// remedies are the ways out of the primary cause, and of what stands between
// the port and others.
func remedies(d *Diagnosis, e *Evidence) []Remedy {
	var all []Remedy
	switch d.Cause {
	case Free, FreeWithReuse, Unexplained:
	default:
		all = append(all, e.remediesFor(d)...)
	}
	switch d.Cause {
	case FreeWithReuse:
		all = append(all, Remedy{Kind: RemedyReuse})
		if d.Wait > 0 {
			all = append(all, Remedy{Kind: RemedyWait, Wait: d.Wait})
		}
	case Unexplained:
		all = append(all, Remedy{Kind: RemedyWait})
	}
	if d.Cause != Free && e.Near != 0 && e.Near != d.Port && d.Cause != AddressNotLocal && d.Cause != FamilyDisabled {
		all = append(all, Remedy{Kind: RemedyOtherPort, Port: e.Near})
	}
	return append(all, reachRemedies(d)...)
}

func (e *Evidence) remediesFor(d *Diagnosis) []Remedy {
	port := strconv.Itoa(int(d.Port))
	switch d.Cause {
	case Held, HeldShared, HeldHidden, Ghost, HeldOtherAddress:
		if d.Client != nil {
			return []Remedy{e.freeHolder(d.Client.Holders), {Kind: RemedyCloseConn, Admin: !e.Elevated}}
		}
		if nobodyToEnd(d.Endpoints) {
			return nil
		}
		return append(e.stopUnits(d), e.freePort(d))
	case Container:
		return e.stopContainers(d)
	case SystemdSocket:
		return e.stopSocket(d)
	case HTTPSys:
		return e.httpSysRemedies(d)
	case BoundNotListen:
		var holders []monitor.Holder
		for _, b := range d.Bound {
			holders = append(holders, b.Holders...)
		}
		if len(holders) > 0 {
			return []Remedy{e.freeHolder(holders)}
		}
	case LingeringOnly:
		r := []Remedy{{Kind: RemedyWait, Wait: d.Wait}, {Kind: RemedyCloseConn, Admin: !e.Elevated}}
		return r
	case EphemeralClient:
		if e.OS == "windows" {
			return []Remedy{
				e.freeHolder(d.Client.Holders), {Kind: RemedyCloseConn, Admin: !e.Elevated},
				reserveExcluded(d, d.Client.Local.Addr().Is4(), port),
			}
		}
		return []Remedy{
			e.freeHolder(d.Client.Holders), {Kind: RemedyCloseConn, Admin: !e.Elevated},
			{Kind: RemedyCommand, About: "reserve_local", Admin: true, Command: []string{"sysctl", "-w", "net.ipv4.ip_local_reserved_ports=" + e.reservedWith(port)}},
		}
	case Privileged:
		return e.allowLowPorts(port)
	case ExcludedRange:
		return []Remedy{
			{Kind: RemedyCommand, About: "restart_winnat", Admin: true, Command: []string{"net", "stop", "winnat"}},
			reserveExcluded(d, d.Excluded.Family == 4, port),
			{Kind: RemedyCommand, About: "restart_winnat", Admin: true, Command: []string{"net", "start", "winnat"}},
		}
	case AddressNotLocal:
		return e.addAddress(d.Addrs)
	case FamilyDisabled:
		return e.otherFamily(d)
	}
	return nil
}

// freePort is Portlight's own command; it asks for rights where it must.
func (e *Evidence) freePort(d *Diagnosis) Remedy {
	admin := false
	for _, p := range d.Endpoints {
		uid, ok := p.UID()
		admin = admin || !e.Elevated && (p.Owner == monitor.OwnerHidden || ok && e.UID != uid)
	}
	return Remedy{Kind: RemedyFree, Admin: admin, Command: []string{"portlight", "kill", strconv.Itoa(int(d.Port))}}
}

// freeHolder ends a process that has no endpoint on the port.
func (e *Evidence) freeHolder(holders []monitor.Holder) Remedy {
	r := Remedy{Kind: RemedyFree, Admin: !e.Elevated}
	if len(holders) > 0 {
		h := holders[0]
		r.Admin = !e.Elevated && h.HasUID && h.UID != e.UID
		r.Command = []string{"portlight", "kill", "--pid", strconv.Itoa(int(h.PID))}
	}
	return r
}

// stopUnits stops the services that hold the endpoints, which their manager
// might start again.
func (e *Evidence) stopUnits(d *Diagnosis) []Remedy {
	var all []Remedy
	var seen []string
	add := func(unit string, user bool) {
		if !strings.HasSuffix(unit, ".service") || slices.Contains(seen, unit) {
			return
		}
		seen = append(seen, unit)
		all = append(all, e.stopUnit(unit, user))
	}
	switch e.OS {
	case "windows":
		return e.stopServices(d)
	case "linux":
	default:
		return nil
	}
	for _, p := range d.Endpoints {
		for _, h := range p.Holders {
			add(h.Unit, ofUser(h.Process))
		}
		for _, c := range p.Creators {
			add(c.Unit, false)
		}
	}
	return all
}

func (e *Evidence) stopUnit(name string, user bool) Remedy {
	r := Remedy{Kind: RemedyCommand, About: "stop_unit", Admin: !user && !e.Elevated, Command: []string{"systemctl", "stop", name}}
	if user {
		r.Command = []string{"systemctl", "--user", "stop", name}
	}
	return r
}

// ofUser: a user's own service manager started it.
func ofUser(p *process.Process) bool {
	return slices.ContainsFunc(p.Parents, func(a process.Ancestor) bool {
		return a.Name == "systemd" && slices.Contains(a.Args, "--user")
	})
}

func (e *Evidence) stopContainers(d *Diagnosis) []Remedy {
	var all []Remedy
	var seen []string
	for _, p := range d.Endpoints {
		name := ""
		if p.Container != nil {
			name = p.Container.Name
		}
		for _, h := range p.Holders {
			if name == "" {
				name = h.Container
			}
		}
		for _, c := range p.Creators {
			if name == "" {
				name = c.Container
			}
		}
		if name != "" && !slices.Contains(seen, name) {
			seen = append(seen, name)
			all = append(all, Remedy{Kind: RemedyCommand, About: "stop_container", Command: []string{"docker", "stop", name}})
		}
	}
	return append(all, e.freePort(d))
}

func (e *Evidence) stopSocket(d *Diagnosis) []Remedy {
	if d.Unit == nil {
		return []Remedy{{Kind: RemedyCommand, About: "find_unit", Command: []string{"systemctl", "list-sockets"}}}
	}
	all := []Remedy{e.stopUnit(d.Unit.Name, d.Unit.User)}
	for _, p := range d.Endpoints {
		for _, h := range p.Holders { // the service has the socket too
			if strings.HasSuffix(h.Unit, ".service") && !slices.ContainsFunc(all, func(r Remedy) bool { return slices.Contains(r.Command, h.Unit) }) {
				all = append(all, e.stopUnit(h.Unit, d.Unit.User))
			}
		}
	}
	return all
}

func (e *Evidence) allowLowPorts(port string) []Remedy {
	if e.OS != "linux" {
		return nil
	}
	return []Remedy{
		// One program, and it keeps its rights when it is run again; a rebuild loses them.
		{Kind: RemedyCommand, About: "setcap", Admin: true, Command: []string{"setcap", "cap_net_bind_service=+ep", "PROGRAM"}},
		// Everybody, until the next boot.
		{Kind: RemedyCommand, About: "allow_low_ports", Admin: true, Command: []string{"sysctl", "-w", "net.ipv4.ip_unprivileged_port_start=" + port}},
	}
}

// reservedWith is ip_local_reserved_ports with one more: writing it replaces
// the whole list.
func (e *Evidence) reservedWith(port string) string {
	var all []string
	for _, r := range e.Reserved.NotEphemeral {
		text := strconv.Itoa(int(r.From))
		if r.To != r.From {
			text += "-" + strconv.Itoa(int(r.To))
		}
		all = append(all, text)
	}
	return strings.Join(append(all, port), ",")
}

func (e *Evidence) addAddress(addrs []netip.Addr) []Remedy {
	var all []Remedy
	for _, a := range addrs {
		any := netip.IPv4Unspecified()
		if a.Is6() {
			any = netip.IPv6Unspecified()
		}
		all = append(all, Remedy{Kind: RemedyOtherAddr, Addr: any})
		if e.OS == "linux" {
			all = append(all, Remedy{Kind: RemedyCommand, About: "add_address", Admin: true, Command: []string{"ip", "address", "add", a.WithZone("").String(), "dev", "lo"}})
		}
	}
	return all
}

func (e *Evidence) otherFamily(d *Diagnosis) []Remedy {
	var all []Remedy
	for _, a := range d.Addrs {
		if !a.Is6() {
			continue
		}
		four := netip.IPv4Unspecified()
		if a.IsLoopback() {
			four = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		all = append(all, Remedy{Kind: RemedyOtherAddr, Addr: four})
	}
	if e.OS == "linux" && len(all) > 0 {
		all = append(all, Remedy{Kind: RemedyCommand, About: "enable_ipv6", Admin: true, Command: []string{"sysctl", "-w", "net.ipv6.conf.all.disable_ipv6=0"}})
	}
	return all
}

// reachRemedies open the way for others.
func reachRemedies(d *Diagnosis) []Remedy {
	var all []Remedy
	for _, b := range d.Barriers {
		switch b.Kind {
		case BarrierLoopback:
			any := netip.IPv4Unspecified()
			if strings.Contains(b.Evidence, "[") {
				any = netip.IPv6Unspecified()
			}
			all = append(all, Remedy{Kind: RemedyOtherAddr, Addr: any})
		case BarrierUFW:
			all = append(all, Remedy{Kind: RemedyCommand, About: "allow_firewall", Admin: true, Command: []string{"ufw", "allow", strconv.Itoa(int(d.Port)) + "/" + d.Proto.String()}})
		case BarrierWinFw:
			all = append(all, Remedy{Kind: RemedyCommand, About: "allow_firewall", Admin: true, Command: []string{
				"netsh", "advfirewall", "firewall", "add", "rule", "name=" + d.Proto.String() + " " + strconv.Itoa(int(d.Port)), "dir=in", "action=allow",
				"protocol=" + strings.ToUpper(d.Proto.String()), "localport=" + strconv.Itoa(int(d.Port))}})
		case BarrierUnpublish:
			all = append(all, Remedy{Kind: RemedyCommand, About: "publish_port"})
		case BarrierOneAddr, BarrierNft, BarrierWSL, BarrierUnknown:
		}
	}
	return all
}
