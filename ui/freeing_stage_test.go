package ui

import (
	"net/netip"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/uitest"
)

// free presses the button for the row shown, and answers with a plan as the
// app does: carried out at once if that is safe.
func (s *stage) free(p *free.Plan) {
	s.ports.Free(false)
	s.plan(p)
}

// plan answers the latest wish with a plan.
func (s *stage) plan(p *free.Plan) {
	phase := freeing.Waiting
	if p.Choices[0].Safe() {
		phase = freeing.Running
	}
	attempts := s.desk.State().Attempts
	s.last1 = freeing.Attempt{ID: attempts[len(attempts)-1].ID, Phase: phase, Plan: p}
	s.last1.Aim = free.Aim{Port: p.Targets[0].Addr.Port()}
	s.ReportAttempt(s.last1)
}

func (s *stage) step(st free.Step) {
	s.last1.Phase, s.last1.Step = freeing.Running, st
	s.ReportAttempt(s.last1)
}

// end answers that it is over. A plan that is still shown is put away first.
func (s *stage) end(f free.Final) {
	if s.win.Canvas().Overlays().Top() != nil {
		s.win.Canvas().Overlays().Remove(s.win.Canvas().Overlays().Top())
	}
	s.last1.Phase, s.last1.Final = freeing.Done, &f
	s.ReportAttempt(s.last1)
}

func targets(s *stage, keys ...string) (out []monitor.Endpoint) {
	for _, k := range keys {
		e, ok := s.last.Endpoint(key(k))
		if !ok {
			panic("no endpoint " + k)
		}
		out = append(out, *e)
	}
	return out
}

func victims(holds bool, ps ...*process.Process) (out []free.Victim) {
	for _, p := range ps {
		out = append(out, free.Victim{Process: p, Holds: holds})
	}
	return out
}

// alone is a plan that needs no question.
func alone(s *stage) *free.Plan {
	t := targets(s, "127.0.0.1:8080")
	return &free.Plan{Made: uitest.Now, Targets: t, Choices: []free.Choice{
		{Kind: free.KindProcess, Name: "api", Reason: free.ReasonAlone, Victims: victims(true, t[0].Holders[0].Process)},
	}}
}

// watched is a plan about a program that nodemon would start again.
func watched(s *stage) *free.Plan {
	t := targets(s, "0.0.0.0:3000")
	vite := t[0].Holders[0].Process
	mon := uitest.Proc(48100, "nodemon", "storefront", "/home/alice/src/storefront", 44*time.Minute, "node", "/usr/bin/nodemon", "vite")
	by := &process.Ancestor{Identity: mon.Identity, Name: "nodemon"}
	also := []monitor.Key{key("127.0.0.1:24678")}
	return &free.Plan{Made: uitest.Now, Targets: t, Choices: []free.Choice{
		{Kind: free.KindWatcher, Name: "nodemon", Reason: free.ReasonWatcher, Victims: append(victims(false, mon), victims(true, vite)...),
			Also: also, Clients: free.Clients{Local: 2, Remote: 1},
			Risks: []free.Risk{free.RiskOtherPorts, free.RiskRemoteClients, free.RiskSeveral}},
		{Kind: free.KindProcess, Name: "node", Victims: victims(true, vite), Also: also, Clients: free.Clients{Local: 2, Remote: 1}, Restarter: by,
			Risks: []free.Risk{free.RiskOtherPorts, free.RiskRemoteClients, free.RiskComesBack}},
	}}
}

// service is a plan about a systemd unit, whose processes are another's.
func service(s *stage) *free.Plan {
	t := targets(s, "0.0.0.0:80")
	nginx := []*process.Process{t[0].Holders[0].Process, t[0].Holders[1].Process}
	also := []monitor.Key{key("0.0.0.0:443")}
	return &free.Plan{Made: uitest.Now, Targets: t, Choices: []free.Choice{
		{Kind: free.KindUnit, Name: "nginx.service", Reason: free.ReasonUnit, Unit: &units.Unit{Name: "nginx.service", CanStop: true},
			Victims: victims(true, nginx...), Also: also, Risks: []free.Risk{free.RiskOtherPorts, free.RiskService, free.RiskSeveral}},
		{Kind: free.KindTree, Name: "nginx", Victims: victims(true, nginx...), Also: also, Blocked: free.BlockedRights, Elevate: true,
			Risks: []free.Risk{free.RiskOtherUser, free.RiskOtherPorts, free.RiskService, free.RiskSeveral, free.RiskComesBack}},
	}}
}

// forbidden is a plan of which nothing can be done.
func forbidden(s *stage) *free.Plan {
	t := targets(s, "0.0.0.0:22")
	sshd := t[0].Holders[0].Process
	return &free.Plan{Made: uitest.Now, Targets: t, Choices: []free.Choice{
		{Kind: free.KindUnit, Name: "ssh.service", Unit: &units.Unit{Name: "ssh.service"}, Victims: victims(true, sshd), Blocked: free.BlockedManager,
			Risks: []free.Risk{free.RiskService}},
		{Kind: free.KindProcess, Name: "sshd", Victims: victims(true, sshd), Blocked: free.BlockedProtected, Protection: process.ProtectedCritical,
			Risks: []free.Risk{free.RiskOtherUser, free.RiskService}},
	}}
}

func takenAgain() free.Final {
	node := uitest.Proc(49100, "node", "storefront", "/home/alice/src/storefront", time.Second, "node", "vite")
	return free.Final{Ending: free.EndTakenAgain, Elapsed: 300 * time.Millisecond, Holders: []monitor.Holder{{Process: node}},
		By: &process.Ancestor{Identity: process.Identity{PID: 48100, Start: 48_100_000}, Name: "nodemon"}}
}

// shadow has another program at the IPv6 side of port 8000, and opens its
// details.
func (s *stage) shadow() {
	next := *s.last
	next.Endpoints = slices.Clone(s.last.Endpoints)
	other := uitest.Proc(49200, "node", "notes", "/home/alice/src/notes", time.Minute, "node", "serve.js")
	next.Endpoints = append(next.Endpoints, uitest.Endpoint(sockets.TCP, "[::1]:8000", uitest.Now, other))
	slices.SortFunc(next.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	s.Apply(monitor.Update{Snapshot: &next})
	s.SelectEndpoint(key("0.0.0.0:8000"))
	s.ApplyStory(uitest.Story(s.last, key("0.0.0.0:8000")), []doctor.Route{
		{To: netip.MustParseAddr("127.0.0.1"), Key: key("0.0.0.0:8000"), Found: true},
		{To: netip.IPv6Loopback(), Key: key("[::1]:8000"), Found: true},
	})
}

func leftBehind() []monitor.OrphanGroup {
	orphan := func(pid int32, name, project, dir, addr string, gone monitor.Gone, args ...string) monitor.Orphan {
		p := uitest.Proc(pid, name, project, dir, 26*time.Hour, args...)
		return monitor.Orphan{Holder: monitor.Holder{Process: p}, Keys: []monitor.Key{key(addr)}, Gone: gone}
	}
	return []monitor.OrphanGroup{
		{Project: "shop", Dir: "/home/alice/src/shop", Orphans: []monitor.Orphan{
			orphan(40100, "node", "shop", "/home/alice/src/shop", "127.0.0.1:4000", monitor.Gone{Kind: monitor.OriginTerminal, Name: "kitty"}, "node", "server.js"),
			orphan(40200, "python3.12", "shop", "/home/alice/src/shop", "127.0.0.1:4001", monitor.Gone{Kind: monitor.OriginIDE, Name: "code"}, "python3", "worker.py"),
		}},
		{Dir: "/home/alice", Orphans: []monitor.Orphan{
			orphan(40300, "ruby", "", "/home/alice", "0.0.0.0:4567", monitor.Gone{Kind: monitor.OriginOrphan}, "ruby", "app.rb"),
		}},
	}
}

// askDisconnect asks to close the first connection by its menu.
func (s *stage) askDisconnect() {
	s.win.Canvas().Focus(s.ports.Mode())
	s.press(fyne.KeyRight)
	s.ports.Search()
	s.write("state:established")
	s.press(fyne.KeyDown)
	s.ports.FocusTable()
	s.press(fyne.KeyHome)
	s.choose(2) // past Reveal program
}

// diagnosis is what the doctor says of port 3000 on the made-up machine.
func diagnosis(s *stage) *doctor.Diagnosis {
	q := s.why.Question()
	try := func(addr string, m bind.Manner, c bind.Code) bind.Try {
		return bind.Try{Proto: q.Proto, Addr: netip.AddrPortFrom(netip.MustParseAddr(addr), q.Port), Manner: m, Code: c}
	}
	d := &doctor.Diagnosis{Question: q, Taken: uitest.Now, Verdict: doctor.CanNotHave,
		Finding: doctor.Finding{Cause: doctor.Held, Endpoints: targets(s, "0.0.0.0:3000")},
		Notes:   []doctor.Finding{{Cause: doctor.LingeringOnly, Wait: 42 * time.Second, Lingering: make([]sockets.Lingering, 3)}},
		Remedies: []doctor.Remedy{
			{Kind: doctor.RemedyFree}, {Kind: doctor.RemedyOtherPort, Port: 3001},
			{Kind: doctor.RemedyCommand, Command: []string{"systemctl", "--user", "stop", "storefront.service"}, About: "stop_unit"},
			{Kind: doctor.RemedyReuse},
		},
		Tries: []bind.Try{
			try("127.0.0.1", bind.Server, bind.InUse), try("127.0.0.1", bind.Plain, bind.InUse),
			try("0.0.0.0", bind.Server, bind.InUse), try("0.0.0.0", bind.Plain, bind.InUse),
			try("::1", bind.Server, bind.OK), try("::1", bind.Plain, bind.OK),
			try("::", bind.Server, bind.OK), try("::", bind.Plain, bind.OK), try("::", bind.Dual, bind.InUse),
		},
		Localhost: []doctor.Route{
			{To: netip.MustParseAddr("127.0.0.1"), Key: key("0.0.0.0:3000"), Found: true}, {To: netip.IPv6Loopback()},
		},
		Barriers: []doctor.Barrier{{Kind: doctor.BarrierNft, Evidence: "tcp dport 3000 drop", Certain: true}},
	}
	return d
}
