package view

import (
	"net/netip"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Cause says why the port can't be had, or that it can, in one sentence.
func Cause(d *doctor.Diagnosis) string { return Finding(&d.Finding, d.Question) }

// Note says what a secondary finding adds, in one sentence.
func Note(f *doctor.Finding, q doctor.Question) string {
	if f.Cause != doctor.LingeringOnly && f.Cause != doctor.FreeWithReuse || len(f.Lingering) == 0 {
		return Finding(f, q)
	}
	d := map[string]any{"Count": len(f.Lingering), "Wait": Duration(f.Wait)}
	if f.Wait <= 0 {
		return lang.XN("view.note.lingering", "{{.Count}} closed connections linger there besides", len(f.Lingering), d)
	}
	return lang.XN("view.note.lingering_wait", "{{.Count}} closed connections linger there besides, for up to {{.Wait}}", len(f.Lingering), d)
}

// Finding says what one finding about a question comes to, in one sentence.
func Finding(f *doctor.Finding, q doctor.Question) string {
	who, where := findingHolders(f), findingPlace(f, q)
	d := map[string]any{
		"Port": PortName(q.Proto, q.Port), "Who": HolderNames(who), "Where": where, "Count": len(who),
		"Wait": Duration(f.Wait), "Address": addresses(f.Addrs, q.Addr), "Low": f.LowPort,
	}
	switch f.Cause {
	case doctor.Free:
		return lang.X("view.cause.free", "{{.Port}} is free: any program can have it", d)
	case doctor.FreeWithReuse:
		if f.Wait <= 0 {
			return lang.X("view.cause.free_with_reuse", "{{.Port}} is free for programs that set SO_REUSEADDR; others wait until closed connections are gone", d)
		}
		return lang.X("view.cause.free_with_reuse_wait", "{{.Port}} is free for programs that set SO_REUSEADDR; others wait up to {{.Wait}}", d)
	case doctor.Held:
		if len(who) == 0 {
			return lang.X("view.cause.held_kernel", "the kernel itself holds {{.Where}}", d)
		}
		return lang.X("view.cause.held", "{{.Who}} holds {{.Where}}", d)
	case doctor.HeldHidden:
		d["Hint"] = hiddenHint(f.Endpoints)
		return lang.X("view.cause.held_hidden", "{{.Where}} is held by a process that may not be read{{.Hint}}", d)
	case doctor.HeldShared:
		if len(who) == 0 {
			return lang.X("view.cause.held_several", "several processes share {{.Where}}", d)
		}
		return lang.XN("view.cause.held_shared", "{{.Count}} processes share {{.Where}}: {{.Who}}", len(who), d)
	case doctor.Ghost:
		if len(who) == 0 {
			return lang.X("view.cause.ghost", "{{.Where}} is open, and no process that holds it is found", d)
		}
		return lang.X("view.cause.ghost_inherited", "whoever opened {{.Where}} has ended; {{.Who}} inherited it and keeps it open", d)
	case doctor.HeldOtherAddress:
		if len(who) == 0 {
			return lang.X("view.cause.held_other_unknown", "{{.Where}} is held, another address of the port that is in the way", d)
		}
		return lang.X("view.cause.held_other_address", "{{.Who}} holds {{.Where}}, another address of the port that is in the way", d)
	case doctor.BoundNotListen:
		if len(who) == 0 {
			return lang.X("view.cause.bound_unlisted", "{{.Port}} is bound by a socket that the kernel doesn't list", d)
		}
		return lang.X("view.cause.bound_not_listening", "{{.Who}} has bound {{.Where}} and doesn't listen there", d)
	}
	return passing(f, d)
}

// passing says the rest: what is of the system's making, or goes by itself.
func passing(f *doctor.Finding, d map[string]any) string {
	switch f.Cause {
	case doctor.LingeringOnly:
		d["Count"] = len(f.Lingering)
		if f.Wait <= 0 {
			return lang.XN("view.cause.lingering", "nobody holds {{.Port}}; {{.Count}} closed connections keep it for a while", len(f.Lingering), d)
		}
		return lang.XN("view.cause.lingering_wait", "nobody holds {{.Port}}; {{.Count}} closed connections keep it for up to {{.Wait}}", len(f.Lingering), d)
	case doctor.EphemeralClient:
		d["Remote"] = "?"
		if c := f.Client; c != nil {
			d["Remote"] = c.Remote.String()
		}
		if d["Who"] == "" {
			return lang.X("view.cause.ephemeral_unknown", "an outgoing connection to {{.Remote}} was given {{.Port}}", d)
		}
		return lang.X("view.cause.ephemeral_client", "an outgoing connection of {{.Who}} to {{.Remote}} was given {{.Port}}", d)
	case doctor.Privileged:
		return lang.X("view.cause.privileged", "{{.Port}} is below {{.Low}}: an ordinary user may not have it", d)
	case doctor.AddressNotLocal:
		return lang.X("view.cause.address_not_local", "{{.Address}} is no address of this machine", d)
	case doctor.FamilyDisabled:
		return lang.X("view.cause.family_disabled", "that version of IP is switched off here: {{.Address}} can't be had", d)
	case doctor.Container:
		d["Name"] = containerName(f.Endpoints)
		return lang.X("view.cause.container", "the container {{.Name}} has {{.Where}}", d)
	case doctor.SystemdSocket:
		d["Name"] = unitName(f.Endpoints)
		return lang.X("view.cause.systemd_socket", "systemd itself holds {{.Where}}, for {{.Name}}", d)
	case doctor.ExcludedRange:
		if f.Excluded != nil {
			d["From"], d["To"] = f.Excluded.From, f.Excluded.To
		}
		if f.Excluded != nil && f.Excluded.Administered {
			return lang.X("view.cause.excluded_administered", "an administrator has set the ports {{.From}} to {{.To}} aside", d)
		}
		return lang.X("view.cause.excluded_range", "Windows has set the ports {{.From}} to {{.To}} aside (Hyper-V and winnat do, and choose anew at every boot)", d)
	case doctor.HTTPSys:
		d["URLs"] = urls(f.URLs)
		if d["Who"] = behind(f.URLs); d["Who"] != "" {
			return lang.X("view.cause.http_sys_for", "Windows' own web server (http.sys) has {{.Port}} for {{.Who}}, at {{.URLs}}", d)
		}
		return lang.X("view.cause.http_sys", "Windows' own web server (http.sys) has {{.Port}}, for {{.URLs}}", d)
	}
	return lang.X("view.cause.unexplained", "{{.Port}} can't be had, and nothing that could be read says why", d)
}

// FindingHolders are the processes a finding is about.
func FindingHolders(f *doctor.Finding) []monitor.Holder { return findingHolders(f) }

// findingHolders are the processes a finding is about.
func findingHolders(f *doctor.Finding) []monitor.Holder {
	who := allHolders(f.Endpoints)
	if len(who) == 0 {
		for _, b := range f.Bound {
			who = append(who, b.Holders...)
		}
	}
	if len(who) == 0 && f.Client != nil {
		who = f.Client.Holders
	}
	return who
}

// findingPlace names the sockets a finding is about, or the port.
func findingPlace(f *doctor.Finding, q doctor.Question) string {
	switch {
	case len(f.Endpoints) > 0:
		return keyNames(keysOf(f.Endpoints))
	case len(f.Bound) > 0:
		return KeyName(monitor.Key{Proto: f.Bound[0].Proto, Addr: f.Bound[0].Local})
	}
	return PortName(q.Proto, q.Port)
}

// hiddenHint is what the kernel tells of a socket's user, unit and container:
// " (root, nginx.service)".
func hiddenHint(es []monitor.Endpoint) string {
	for i := range es {
		e := &es[i]
		one := &monitor.Snapshot{Endpoints: []monitor.Endpoint{*e}}
		row := NewBuilder().Build(one, Query{}, Options{}).Rows[0]
		if hint := strings.TrimPrefix(row.Owner, Owner(monitor.OwnerHidden)); hint != "" && e.Owner == monitor.OwnerHidden {
			return hint
		}
	}
	return ""
}

func containerName(es []monitor.Endpoint) string {
	for i := range es {
		if c := es[i].Container; c != nil {
			return firstOf(c.Name, shortID(c.ID))
		}
		for _, h := range es[i].Holders {
			if h.Container != "" {
				return shortID(h.Container)
			}
		}
		for _, c := range es[i].Creators {
			if c.Container != "" {
				return shortID(c.Container)
			}
		}
	}
	return "?"
}

func unitName(es []monitor.Endpoint) string {
	for i := range es {
		for _, c := range es[i].Creators {
			if c.Unit != "" {
				return c.Unit
			}
		}
		for _, h := range es[i].Holders {
			if h.Unit != "" && h.PID != 1 {
				return h.Unit
			}
		}
	}
	return "?"
}

func urls(groups []doctor.URLGroup) string {
	var all []string
	for _, g := range groups {
		all = append(all, g.URLs...)
	}
	return firstOf(strings.Join(all, ", "), "?")
}

// behind names who answers behind http.sys: the service, or the processes.
func behind(groups []doctor.URLGroup) string {
	var names []string
	var others []monitor.Holder
	for _, g := range groups {
		switch {
		case g.Service == "":
			others = append(others, g.Holders...)
		case !slices.Contains(names, g.Service):
			names = append(names, g.Service)
		}
	}
	if len(others) > 0 {
		names = append(names, HolderNames(others))
	}
	return strings.Join(names, ", ")
}

// addresses joins them; asked is what the user named, if nothing else is known.
func addresses(as []netip.Addr, asked netip.Addr) string {
	var names []string
	for _, a := range as {
		names = append(names, a.String())
	}
	if len(names) == 0 && asked.IsValid() {
		return asked.String()
	}
	return strings.Join(names, ", ")
}

// Verdict sums a diagnosis up in a word or two.
func Verdict(v doctor.Verdict) string {
	switch v {
	case doctor.CanHave:
		return lang.X("view.verdict.free", "free")
	case doctor.CanNotHave:
		return lang.X("view.verdict.taken", "taken")
	}
	return lang.X("view.verdict.unknown", "not known")
}

// ShadowText says what a port with several owners means for its clients.
func ShadowText(s *monitor.Shadow) string {
	return lang.X("view.shadow", "different programs have {{.Where}}: who answers depends on how the address is written",
		map[string]any{"Where": keyNames(s.Keys)})
}

// Barrier says what keeps others from connecting, in one sentence.
func Barrier(b doctor.Barrier) string {
	d := map[string]any{"Evidence": b.Evidence}
	s := string(b.Kind)
	switch b.Kind {
	case doctor.BarrierLoopback:
		s = lang.X("view.barrier.loopback_only", "it is bound to {{.Evidence}}: only this machine can connect", d)
	case doctor.BarrierOneAddr:
		s = lang.X("view.barrier.one_address", "it is bound to {{.Evidence}}: only that network can connect", d)
	case doctor.BarrierNft:
		s = lang.X("view.barrier.nftables", "a rule of nftables: {{.Evidence}}", d)
	case doctor.BarrierUFW:
		s = lang.X("view.barrier.ufw", "a rule of ufw: {{.Evidence}}", d)
	case doctor.BarrierWinFw:
		s = lang.X("view.barrier.windows_firewall", "Windows' firewall: {{.Evidence}}", d)
	case doctor.BarrierUnpublish:
		s = lang.X("view.barrier.not_published", "the container doesn't publish the port: {{.Evidence}}", d)
	case doctor.BarrierWSL:
		s = lang.X("view.barrier.wsl", "it runs inside WSL: only Windows' own localhost reaches it")
	case doctor.BarrierUnknown:
		if b.Evidence == "" {
			return lang.X("view.barrier.unreadable", "there may be a firewall, and its rules may not be read")
		}
		return lang.X("view.barrier.unreadable_why", "there may be a firewall, and its rules may not be read ({{.Evidence}})", d)
	}
	if !b.Certain {
		s = lang.X("view.barrier.perhaps", "perhaps {{.What}}", map[string]any{"What": s})
	}
	return s
}

// lingering names a closing connection: "127.0.0.1:3000 → 10.0.0.7:50112,
// time_wait, 42 s left".
func lingering(l sockets.Lingering) string {
	d := map[string]any{"Local": l.Local.String(), "Remote": l.Remote.String(), "State": l.State.String(), "Left": Duration(l.Left)}
	if l.Left <= 0 {
		return lang.X("view.lingering.unknown", "{{.Local}} → {{.Remote}}, {{.State}}", d)
	}
	return lang.X("view.lingering.left", "{{.Local}} → {{.Remote}}, {{.State}}, {{.Left}} left", d)
}
