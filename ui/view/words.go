package view

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// vocabulary holds the words that occur in every row, looked up once: a
// look-up costs microseconds, and there are tens of thousands of rows.
type vocabulary struct {
	second, minute, hour, day          string
	loopback, network, all             string
	known, hidden, exited, kernel, uid string
}

func newVocabulary() *vocabulary {
	return &vocabulary{
		second:   lang.X("view.unit.second", "s"),
		minute:   lang.X("view.unit.minute", "min"),
		hour:     lang.X("view.unit.hour", "h"),
		day:      lang.X("view.unit.day", "d"),
		loopback: lang.X("view.exposure.loopback", "this machine"),
		network:  lang.X("view.exposure.network", "one network"),
		all:      lang.X("view.exposure.all", "all networks"),
		known:    lang.X("view.owner.known", "known"),
		hidden:   lang.X("view.owner.hidden", "hidden"),
		exited:   lang.X("view.owner.exited", "exited"),
		kernel:   lang.X("view.owner.kernel", "kernel"),
		uid:      lang.X("view.owner.uid", "uid"),
	}
}

// duration writes a time span in its largest whole unit: "3 min".
func (v *vocabulary) duration(d time.Duration) string {
	n, unit := max(d, 0)/time.Second, v.second
	switch {
	case d >= 48*time.Hour:
		n, unit = d/(24*time.Hour), v.day
	case d >= time.Hour:
		n, unit = d/time.Hour, v.hour
	case d >= time.Minute:
		n, unit = d/time.Minute, v.minute
	}
	return strconv.FormatInt(int64(n), 10) + " " + unit
}

func (v *vocabulary) exposure(e monitor.Exposure) string {
	switch e {
	case monitor.ExposureLoopback:
		return v.loopback
	case monitor.ExposureNetwork:
		return v.network
	case monitor.ExposureAll:
		return v.all
	}
	return ""
}

func (v *vocabulary) owner(o monitor.Owner) string {
	switch o {
	case monitor.OwnerKnown:
		return v.known
	case monitor.OwnerHidden:
		return v.hidden
	case monitor.OwnerExited:
		return v.exited
	case monitor.OwnerKernel:
		return v.kernel
	}
	return "?"
}

// ownerWith adds what the kernel tells of the sockets: "hidden (uid 0,
// nginx.service)".
func (v *vocabulary) ownerWith(o monitor.Owner, user string, hasUID bool, uid uint32, unit, container string) string {
	s := v.owner(o)
	if o == monitor.OwnerKernel {
		return s
	}
	var hints []string
	switch n := strconv.FormatUint(uint64(uid), 10); {
	case hasUID && user != "" && user != n:
		hints = append(hints, user)
	case hasUID:
		hints = append(hints, v.uid+" "+n)
	}
	for _, h := range []string{unit, container} {
		if h != "" {
			hints = append(hints, h)
		}
	}
	for i, h := range hints {
		s += map[bool]string{true: " (", false: ", "}[i == 0] + h
	}
	if len(hints) > 0 {
		s += ")"
	}
	return s
}

// Duration writes a time span in its largest whole unit: "12 s", "3 min",
// "2 h", "5 d".
func Duration(d time.Duration) string { return newVocabulary().duration(d) }

// Exposure says who can reach an endpoint, in a word or two.
func Exposure(e monitor.Exposure) string { return newVocabulary().exposure(e) }

// Owner says how certain the holders are, in a word.
func Owner(o monitor.Owner) string { return newVocabulary().owner(o) }

// Change says what happened to an endpoint, in a word.
func Change(k monitor.ChangeKind) string {
	switch k {
	case monitor.Opened:
		return lang.X("view.change.opened", "opened")
	case monitor.Closed:
		return lang.X("view.change.closed", "closed")
	case monitor.HolderChanged:
		return lang.X("view.change.holder_changed", "new holder")
	case monitor.Updated:
		return lang.X("view.change.updated", "updated")
	}
	return ""
}

// Warning says what the user should know about a snapshot, in one sentence.
func Warning(w monitor.Warning) string {
	d := map[string]any{"Count": w.Count, "Err": w.Err}
	switch w.Code {
	case monitor.WarnUnreadable:
		return lang.XN("view.warning.unreadable", "{{.Count}} processes could not be read; run as root or administrator to see what they hold", w.Count, d)
	case monitor.WarnFallback:
		return lang.X("view.warning.fallback", "The kernel's socket diagnosis is not available: queues and cgroups are unknown")
	case monitor.WarnStale:
		return lang.X("view.warning.stale", "The last reading failed, older data is shown: {{.Err}}", d)
	case monitor.WarnPartial:
		return lang.X("view.warning.partial", "Part of the sockets could not be read: {{.Err}}", d)
	case monitor.WarnSlow:
		return lang.X("view.warning.slow", "Reading takes long, so it is done less often")
	}
	return string(w.Code)
}

// Origin says what started a process: "terminal tmux", "container web".
func Origin(o monitor.Origin) string {
	d := map[string]any{"Name": o.Name}
	switch o.Kind {
	case monitor.OriginTerminal:
		return lang.X("view.origin.terminal", "terminal {{.Name}}", d)
	case monitor.OriginIDE:
		return lang.X("view.origin.ide", "editor {{.Name}}", d)
	case monitor.OriginAgent:
		return lang.X("view.origin.agent", "coding agent {{.Name}}", d)
	case monitor.OriginService:
		return lang.X("view.origin.service", "service {{.Name}}", d)
	case monitor.OriginContainer:
		return lang.X("view.origin.container", "container {{.Name}}", d)
	case monitor.OriginDesktop:
		return lang.X("view.origin.desktop", "the desktop")
	case monitor.OriginOrphan:
		return lang.X("view.origin.orphan", "a parent that has ended")
	}
	return lang.X("view.origin.unknown", "unknown")
}

// Protection says why a process is never signalled, in one sentence.
func Protection(p process.Protection) string {
	switch p {
	case process.ProtectedSystem:
		return lang.X("view.protected.system", "It belongs to the operating system's core.")
	case process.ProtectedSelf:
		return lang.X("view.protected.self", "It is Portlight itself.")
	case process.ProtectedAncestor:
		return lang.X("view.protected.ancestor", "Portlight runs under it and would end with it.")
	case process.ProtectedCritical:
		return lang.X("view.protected.critical", "The system would fail without it.")
	}
	return ""
}
