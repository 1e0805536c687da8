package doctor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// This file judges what Windows' firewall keeps in the registry. It is built
// everywhere, so that it can be tested anywhere; only winfw_windows.go reads it.
// The rules' form is that of [MS-GPFAS], section 2.2.2:
// https://learn.microsoft.com/openspecs/windows_protocols/ms-gpfas/

// fwProfile is one of the firewall's profiles. Which is in force depends on the
// network and isn't read.
type fwProfile struct {
	Name string // Domain, Private or Public, as in rules
	On   bool
	// Blocks what no rule allows, as is usual.
	Blocks bool
	// Shielded: "block all incoming connections", even allowed ones.
	Shielded bool
	// Rules are those that count in this profile, as they are stored.
	Rules []string
}

// fwTarget is what others want to connect to.
type fwTarget struct {
	Proto sockets.Proto
	Port  uint16
	// Programs and Services are those that hold the port.
	Programs, Services []string
	// Expand replaces %SystemRoot% and the like in a rule's path.
	Expand func(string) string
}

// winFirewall finds what keeps others from the target. It is certain only if
// no profile lets them through.
func winFirewall(profiles []fwProfile, t *fwTarget) []Barrier {
	type closed struct{ evidence, profile string }
	var all []closed
	open := false
	for _, p := range profiles {
		evidence, blocked := p.judge(t)
		if blocked {
			all = append(all, closed{evidence, p.Name})
		} else {
			open = true
		}
	}
	var out []Barrier
	for _, c := range all {
		i := slices.IndexFunc(out, func(b Barrier) bool { return strings.HasPrefix(b.Evidence, c.evidence+" [") })
		if i < 0 {
			out = append(out, Barrier{Kind: BarrierWinFw, Evidence: c.evidence + " [" + c.profile + "]", Certain: !open})
			continue
		}
		out[i].Evidence = strings.TrimSuffix(out[i].Evidence, "]") + ", " + c.profile + "]"
	}
	return out
}

// judge applies the profile: a rule that blocks wins over any that allows.
func (p *fwProfile) judge(t *fwTarget) (evidence string, blocked bool) {
	if !p.On {
		return "", false
	}
	if p.Shielded {
		return "DoNotAllowExceptions", true
	}
	allowed := false
	for _, text := range p.Rules {
		r, ok := parseFwRule(text)
		if !ok || !r.concerns(p.Name, t) {
			continue
		}
		switch r.one("Action") {
		case "Block":
			if !r.narrow() {
				return text, true
			}
		case "Allow", "ByPass":
			allowed = true
		}
	}
	if allowed || !p.Blocks {
		return "", false
	}
	return "DefaultInboundAction", true
}

// fwRule are the fields of a rule; most may occur several times.
type fwRule map[string][]string

// parseFwRule reads "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|".
func parseFwRule(text string) (fwRule, bool) {
	version, rest, ok := strings.Cut(text, "|")
	if !ok || !strings.HasPrefix(version, "v") {
		return nil, false
	}
	r := make(fwRule)
	for part := range strings.SplitSeq(rest, "|") {
		if name, value, ok := strings.Cut(part, "="); ok {
			r[name] = append(r[name], value)
		}
	}
	return r, true
}

func (r fwRule) one(name string) string {
	if len(r[name]) == 0 {
		return ""
	}
	return r[name][0]
}

// concerns reports whether the rule is about connections to the target.
func (r fwRule) concerns(profile string, t *fwTarget) bool {
	if !strings.EqualFold(r.one("Active"), "TRUE") || r.one("Dir") != "In" {
		return false
	}
	if p := r["Profile"]; len(p) > 0 && !slices.Contains(p, profile) {
		return false
	}
	number := "6"
	if t.Proto == sockets.UDP {
		number = "17"
	}
	const anyProtocol = "256"
	if p := r.one("Protocol"); p != "" && p != number && p != anyProtocol {
		return false
	}
	if !r.namesPort(t.Port) {
		return false
	}
	if app := r.one("App"); app != "" && !containsFold(t.Programs, t.Expand(app)) {
		return false
	}
	// A Windows service, a store app or a container of its own.
	if s := r.one("Svc"); s != "" && s != "*" && !containsFold(t.Services, s) {
		return false
	}
	return r.one("AppPkgId") == ""
}

func (r fwRule) namesPort(port uint16) bool {
	named := false
	for name, values := range r {
		if name != "LPort" && !strings.HasPrefix(name, "LPort2_") {
			continue
		}
		named = true
		for _, v := range values { // "80", "5000-5010", or a word such as "RPC"
			from, to, both := strings.Cut(v, "-")
			if !both {
				to = from
			}
			a, err1 := strconv.ParseUint(from, 10, 16)
			b, err2 := strconv.ParseUint(to, 10, 16)
			if err1 == nil && err2 == nil && uint16(a) <= port && port <= uint16(b) {
				return true
			}
		}
	}
	return !named
}

// narrow: the rule is for some peers, addresses, interfaces or users only.
func (r fwRule) narrow() bool {
	for name := range r {
		for _, n := range [...]string{"RA4", "RA6", "RA42", "RA62", "RPort", "RPort2_", "LA4", "LA6", "IF", "IFType", "RUAuth", "RMauth", "LUAuth", "LUOwn"} {
			if strings.HasPrefix(name, n) {
				return true
			}
		}
	}
	return false
}

func containsFold(all []string, s string) bool {
	return slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, s) })
}
