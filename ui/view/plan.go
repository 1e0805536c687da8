package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
)

// ChoiceTitle says what a choice does, in a few words: "end node (PID 42)".
func ChoiceTitle(c *free.Choice) string {
	n := len(c.Victims)
	d := map[string]any{"Name": c.Name, "Who": VictimNames(c.Victims), "First": c.Name, "Count": max(n-1, 0)}
	if n > 0 {
		d["First"] = VictimNames(c.Victims[:1])
	}
	switch c.Kind {
	case free.KindTree:
		if n <= 1 {
			return lang.X("view.choice.process", "end {{.Who}}", d)
		}
		return lang.XN("view.choice.tree", "end {{.First}} and the {{.Count}} processes below it", n-1, d)
	case free.KindWatcher:
		if n <= 1 {
			return lang.X("view.choice.watcher_alone", "end {{.First}}, which would start it again", d)
		}
		return lang.XN("view.choice.watcher", "end {{.First}}, which would start it again, and the {{.Count}} processes below it", n-1, d)
	case free.KindUnit:
		if c.Unit != nil && c.Unit.User {
			return lang.X("view.choice.user_unit", "stop your own service {{.Name}}", d)
		}
		return lang.X("view.choice.unit", "stop the service {{.Name}}", d)
	case free.KindContainer:
		return lang.X("view.choice.container", "stop the container {{.Name}}", d)
	}
	if n == 0 && c.Name != "" {
		return lang.X("view.choice.named", "end {{.Name}}", d)
	}
	if n == 0 {
		return lang.X("view.choice.nobody", "end its holder")
	}
	return lang.X("view.choice.process", "end {{.Who}}", d)
}

// VictimNames names those who would end: "node (PID 42)".
func VictimNames(vs []free.Victim) string {
	hs := make([]monitor.Holder, len(vs))
	for i, v := range vs {
		hs[i] = monitor.Holder{Process: v.Process}
	}
	return HolderNames(hs)
}

// Reason says why a choice is the recommended one, "" if it isn't.
func Reason(c *free.Choice) string {
	d := map[string]any{"Name": c.Name}
	switch c.Reason {
	case free.ReasonAlone:
		return lang.X("view.reason.alone", "nobody else is concerned")
	case free.ReasonPrefork:
		return lang.X("view.reason.prefork", "these processes share the socket")
	case free.ReasonWatcher:
		return lang.X("view.reason.restarts", "ended alone, it would be started again by {{.Name}}", d)
	case free.ReasonUnit:
		return lang.X("view.reason.managed", "the service manager looks after it, and is the one to stop it")
	case free.ReasonContainer:
		return lang.X("view.reason.in_container", "it serves that container")
	case free.ReasonRelay:
		return lang.X("view.reason.relay", "the process that holds the port only relays for it")
	case free.ReasonSocket:
		return lang.X("view.reason.socket_activated", "systemd itself holds the port for it")
	case free.ReasonInherited:
		return lang.X("view.reason.inherited", "it inherited the socket from a process that is gone")
	}
	return ""
}

// Risks says what should be seen before agreeing, a sentence each.
func Risks(c *free.Choice) []string {
	out := make([]string, 0, len(c.Risks))
	for _, r := range c.Risks {
		out = append(out, Risk(c, r))
	}
	return out
}

// Grave reports whether a choice concerns others more than the user: to agree
// to it, one types its name.
func Grave(c *free.Choice) bool {
	return slices.ContainsFunc(c.Risks, func(r free.Risk) bool {
		return r == free.RiskService || r == free.RiskContainer || r == free.RiskOtherUser || r == free.RiskDesktop
	})
}

// Risk says what one of a choice's risks is.
func Risk(c *free.Choice, r free.Risk) string {
	d := map[string]any{"Name": c.Name, "Users": strings.Join(usersOf(c.Victims), ", "), "Ports": keyNames(c.Also),
		"Remote": c.Clients.Remote, "Shares": strings.Join(c.Shares, ", "), "Count": len(c.Victims)}
	switch r {
	case free.RiskOtherUser:
		return lang.X("view.risk.other_user", "it belongs to somebody else: {{.Users}}", d)
	case free.RiskOtherPorts:
		return lang.X("view.risk.other_ports", "these ports go with it: {{.Ports}}", d)
	case free.RiskRemoteClients:
		return lang.XN("view.risk.remote_clients", "{{.Remote}} clients on other machines are cut off", c.Clients.Remote, d)
	case free.RiskService:
		return lang.X("view.risk.service", "a service of this machine stops")
	case free.RiskShares:
		return lang.X("view.risk.shares", "these services run in the same process and stop too: {{.Shares}}", d)
	case free.RiskContainer:
		return lang.X("view.risk.container", "a container stops")
	case free.RiskSeveral:
		return lang.XN("view.risk.several", "{{.Count}} processes end", len(c.Victims), d)
	case free.RiskComesBack:
		if c.Restarter != nil {
			return lang.X("view.risk.comes_back_by", "{{.Who}} will start it again", map[string]any{"Who": AncestorName(*c.Restarter)})
		}
		return lang.X("view.risk.comes_back", "it will be started again")
	case free.RiskUnseen:
		return lang.X("view.risk.unseen", "there may be more holders, which may not be read")
	case free.RiskConsole:
		return lang.X("view.risk.console", "everything in its console window is asked to end")
	case free.RiskForceOnly:
		return lang.X("view.risk.force_only", "it can't be asked to end, only forced: what it hasn't saved is lost")
	case free.RiskDesktop:
		return lang.X("view.risk.own_session", "it is part of your desktop, terminal or editor")
	}
	return string(r)
}

func usersOf(vs []free.Victim) (users []string) {
	for _, v := range vs {
		name := v.User
		if name == "" && v.HasUID {
			name = strconv.FormatUint(uint64(v.UID), 10)
		}
		if name != "" && !slices.Contains(users, name) {
			users = append(users, name)
		}
	}
	return users
}

// Blocked says why a choice can't be taken, "" if it can.
func Blocked(c *free.Choice) string {
	d := map[string]any{"Name": c.Name}
	switch c.Blocked {
	case "":
		return ""
	case free.BlockedProtected:
		if c.Protection == "" {
			return lang.X("view.blocked.protected", "it is never ended by Portlight")
		}
		return lang.X("view.blocked.protected_why", "it is never ended by Portlight: {{.Why}}", map[string]any{"Why": protectedClause(c.Protection)})
	case free.BlockedRights:
		return lang.X("view.blocked.rights", "you may not end it")
	case free.BlockedHidden:
		return lang.X("view.blocked.hidden", "which process holds it may not be read")
	case free.BlockedKernel:
		return lang.X("view.blocked.kernel", "the kernel itself holds it")
	case free.BlockedRelay:
		return lang.X("view.blocked.relay", "it relays for others, who would all be cut off")
	case free.BlockedManager:
		return lang.X("view.blocked.manager", "whoever looks after {{.Name}} doesn't answer or refuses to stop it", d)
	case free.BlockedGone:
		return lang.X("view.blocked.gone", "it has ended meanwhile")
	}
	return string(c.Blocked)
}

// protectedClause is Protection's reason inside a sentence.
func protectedClause(p process.Protection) string {
	switch p {
	case process.ProtectedSystem:
		return lang.X("view.blocked.system", "the operating system's core")
	case process.ProtectedSelf:
		return lang.X("view.blocked.self", "Portlight itself")
	case process.ProtectedAncestor:
		return lang.X("view.blocked.ancestor", "Portlight runs under it")
	case process.ProtectedCritical:
		return lang.X("view.blocked.critical", "the system would fail without it")
	}
	return string(p)
}

// Clients says whom a choice cuts off, "" if nobody.
func Clients(c *free.Choice) string {
	d := map[string]any{"Local": c.Clients.Local, "Remote": c.Clients.Remote}
	switch l, r := c.Clients.Local, c.Clients.Remote; {
	case l > 0 && r > 0:
		return lang.X("view.clients.both", "{{.Local}} of this machine, {{.Remote}} of others", d)
	case l > 0:
		return lang.X("view.clients.local", "{{.Local}} of this machine", d)
	case r > 0:
		return lang.X("view.clients.remote", "{{.Remote}} of other machines", d)
	}
	return ""
}

// KeyNames names endpoints in one line: "tcp 127.0.0.1:3000, udp [::]:53".
func KeyNames(ks []monitor.Key) string { return keyNames(ks) }

// Seconds writes the short times of a run: "34 ms", "0.4 s", "12 s", "2 min".
func Seconds(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return Duration(d)
	case d < 95*time.Millisecond:
		return strconv.FormatInt(max(d, 0).Milliseconds(), 10) + " " + lang.X("view.unit.millisecond", "ms")
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " " + newVocabulary().second
}
