package view

import (
	"net/netip"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/process"
)

// Fact is one thing that is known, under a label. Facts that follow each
// other under one label leave it out after the first.
type Fact struct{ Label, Text string }

// Evidence lists what a diagnosis rests on.
func Evidence(d *doctor.Diagnosis) []Fact {
	var facts []Fact
	add := func(label string, texts ...string) {
		for _, s := range texts {
			facts = append(facts, Fact{label, s})
			label = ""
		}
	}
	var holders []string
	for _, h := range findingHolders(&d.Finding) {
		holders = append(holders, ProcessLine(h.Process, d.Taken))
	}
	add(lang.X("view.evidence.holder", "held by"), firstFew(holders)...)
	var ends []string
	for _, l := range d.Finding.Lingering {
		ends = append(ends, lingering(l))
	}
	add(lang.X("view.evidence.lingering", "closing"), firstFew(ends)...)
	if s := tries(d.Tries); s != "" {
		add(lang.X("view.evidence.tried", "tried"), s)
	}
	if s := routes(d.Localhost); s != "" {
		add("localhost", s)
	}
	if d.Shadow != nil {
		add(lang.X("view.evidence.shadow", "careful"), ShadowText(d.Shadow))
	}
	for i, b := range d.Barriers {
		label := ""
		if i == 0 {
			label = lang.X("view.evidence.reach", "others")
		}
		add(label, Barrier(b))
	}
	var missing []string
	for _, err := range d.Missing {
		missing = append(missing, err.Error())
	}
	add(lang.X("view.evidence.missing", "not read"), missing...)
	return facts
}

// firstFew cuts a list where it would push everything else away.
func firstFew(ss []string) []string {
	if len(ss) <= maxNamed {
		return ss
	}
	more := len(ss) - maxNamed
	return append(ss[:maxNamed:maxNamed], lang.XN("view.more", "and {{.Count}} more", more, map[string]any{"Count": more}))
}

// ProcessLine tells one process apart from its like: name and PID, whose it
// is, how long it has run, and its command line.
func ProcessLine(p *process.Process, now time.Time) string {
	parts := []string{HolderNames([]monitor.Holder{{Process: p}})}
	if p.User != "" {
		parts = append(parts, p.User)
	}
	if !p.Started.IsZero() {
		parts = append(parts, lang.X("view.process.since", "for {{.Age}}", map[string]any{"Age": Duration(now.Sub(p.Started))}))
	}
	if c := firstOf(p.CommandLine(), p.Exe); c != "" {
		parts = append(parts, c)
	}
	return strings.Join(parts, " · ")
}

// tries says of each address what became of the tries: "127.0.0.1 in use · ::1
// free".
func tries(ts []bind.Try) string {
	type place struct {
		addr netip.Addr
		dual bool // the wildcard of both families at once
	}
	var order []place
	at := map[place][]bind.Try{}
	for _, t := range ts {
		p := place{t.Addr.Addr(), t.Manner == bind.Dual}
		if at[p] == nil {
			order = append(order, p)
		}
		at[p] = append(at[p], t)
	}
	var parts []string
	for _, p := range order {
		name := p.addr.String()
		if p.dual {
			name = lang.X("view.try.dual", "{{.Address}} with IPv4", map[string]any{"Address": name})
		}
		parts = append(parts, name+" "+tried(at[p]))
	}
	return strings.Join(parts, " · ")
}

func tried(ts []bind.Try) string {
	server, plain := ts[0].Code, ts[0].Code
	for _, t := range ts {
		if t.Manner == bind.Server {
			server = t.Code
		} else {
			plain = t.Code
		}
	}
	if server == bind.OK && plain != bind.OK {
		return lang.X("view.try.reuse_only", "free with SO_REUSEADDR only")
	}
	if server != bind.OK && plain == bind.OK { // another socket of ours shares it
		return TryCode(plain)
	}
	return TryCode(server)
}

// TryCode says how a try ended, in a word or two.
func TryCode(c bind.Code) string {
	switch c {
	case bind.OK:
		return lang.X("view.try.ok", "free")
	case bind.InUse:
		return lang.X("view.try.in_use", "in use")
	case bind.Denied:
		return lang.X("view.try.denied", "not permitted")
	case bind.NotLocal:
		return lang.X("view.try.not_local", "no such address here")
	case bind.NoFamily:
		return lang.X("view.try.no_family", "switched off")
	}
	return lang.X("view.try.failed", "could not be tried")
}

// routes says what localhost reaches.
func routes(rs []doctor.Route) string {
	var parts []string
	for _, r := range rs {
		parts = append(parts, Route(r))
	}
	return strings.Join(parts, " · ")
}

// Route says what one address of localhost reaches.
func Route(r doctor.Route) string {
	d := map[string]any{"To": r.To.String(), "Where": KeyName(r.Key)}
	switch {
	case !r.Found:
		return lang.X("view.route.nobody", "nobody answers at {{.To}}", d)
	case r.Probed:
		return lang.X("view.route.probed", "{{.To}} was connected to and is answered by {{.Where}}", d)
	}
	return lang.X("view.route.found", "{{.To}} reaches {{.Where}}", d)
}
