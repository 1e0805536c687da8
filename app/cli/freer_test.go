package cli

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// freer is what a test's machine says of freeing.
type freer struct {
	diagnoses map[uint16]*doctor.Diagnosis
	plans     map[uint16]*free.Plan // port 0: by PID alone
	final     free.Final
	steps     []free.Step
	ports     []uint16
	orphans   []monitor.OrphanGroup
	err       error // of everything
	denied    error // of Disconnect and Browse
	waits     bool  // a run lasts until it is taken back
	risen     free.Final
	notRisen  error
	notHeld   error // of Hold

	mu        sync.Mutex
	orders    []free.Order
	aims      []free.Aim
	discarded int
	browsed   string
	closed    []sockets.Socket
	released  bool
	elevated  []free.Order
	heldAt    []string
}

func (f *freer) Examine(_ context.Context, q doctor.Question) (*doctor.Diagnosis, error) {
	d := f.diagnoses[q.Port]
	if d == nil {
		d = &doctor.Diagnosis{Verdict: doctor.CanHave, Finding: doctor.Finding{Cause: doctor.Free}}
	}
	d.Question, d.Taken = q, noon
	return d, f.err
}

func (f *freer) Plan(_ context.Context, a free.Aim) (*free.Plan, error) {
	f.aims = append(f.aims, a)
	p := f.plans[a.Port]
	if p == nil && f.err == nil {
		return nil, free.ErrNobody
	}
	return p, f.err
}

func (f *freer) Discard(*free.Plan) { f.discarded++ }

func (f *freer) Run(ctx context.Context, _ *free.Plan, o free.Order, each func(free.Step)) (free.Final, error) {
	f.orders = append(f.orders, o)
	for _, s := range f.steps {
		each(s)
	}
	if f.waits {
		<-ctx.Done()
		return free.Final{Ending: free.EndTakenBack}, nil
	}
	final := f.final
	if o.Hold {
		final.Held = closer(func() { f.mu.Lock(); f.released = true; f.mu.Unlock() })
	}
	return final, nil
}

func (f *freer) Elevate(_ context.Context, _ *free.Plan, o free.Order) (free.Final, error) {
	f.elevated = append(f.elevated, o)
	return f.risen, f.notRisen
}

func (f *freer) Hold(proto sockets.Proto, addr netip.AddrPort) (io.Closer, error) {
	f.heldAt = append(f.heldAt, proto.String()+" "+addr.String())
	if f.notHeld != nil {
		return nil, f.notHeld
	}
	return closer(func() { f.mu.Lock(); f.released = true; f.mu.Unlock() }), nil
}

type closer func()

func (c closer) Close() error { c(); return nil }

var _ io.Closer = closer(nil)

func (f *freer) FreePorts(uint16, int, bind.Range, sockets.Proto) ([]uint16, error) {
	return f.ports, f.err
}

func (f *freer) Orphans(context.Context) ([]monitor.OrphanGroup, error) { return f.orphans, f.err }

func (f *freer) Disconnect(s sockets.Socket) error {
	f.closed = append(f.closed, s)
	return f.denied
}

func (f *freer) Browse(_ context.Context, url string) error {
	f.browsed = url
	return f.denied
}

// held finds the machine's endpoint at a port.
func held(e *engine, port uint16) monitor.Endpoint {
	for i := range e.snapshot.Endpoints {
		if p := &e.snapshot.Endpoints[i]; p.Addr.Port() == port {
			return *p
		}
	}
	panic("no such endpoint")
}

// office is the developer's machine with plans and diagnoses for it: port
// 3000 is safe to free, 5173 has choices, 5432 is a container's, 80 hidden,
// 6666 somebody hostile's, 4789 the kernel's.
func office() *engine {
	e := machine()
	node, wide, pg, web, evil, kernel := held(e, 3000), held(e, 5173), held(e, 5432), held(e, 80), held(e, 6666), held(e, 4789)
	rails := endpoint(sockets.TCP, "127.0.0.1:2222", monitor.ExposureLoopback, proc(222, "puma", "bob", "blog", "puma"))
	victims := func(hs ...monitor.Holder) (vs []free.Victim) {
		for _, h := range hs {
			vs = append(vs, free.Victim{Process: h.Process, Holds: true})
		}
		return vs
	}
	nodemon := &process.Ancestor{Identity: process.Identity{PID: 30, Start: 30}, Name: "nodemon"}
	watcher := monitor.Holder{Process: proc(30, "nodemon", "alice", "shop", "node", "/home/alice/shop/node_modules/.bin/nodemon", "server.js")}
	plan := func(t monitor.Endpoint, cs ...free.Choice) *free.Plan {
		return &free.Plan{Aim: free.Aim{Port: t.Addr.Port()}, Made: noon, Targets: []monitor.Endpoint{t}, Choices: cs}
	}
	e.plans = map[uint16]*free.Plan{
		3000: plan(node, free.Choice{Kind: free.KindProcess, Name: "node", Reason: free.ReasonAlone, Victims: victims(node.Holders...), Clients: free.Clients{Local: 2}}),
		5173: plan(wide,
			free.Choice{Kind: free.KindWatcher, Name: "nodemon", Reason: free.ReasonWatcher, Victims: append(victims(watcher), victims(wide.Holders...)...),
				Risks: []free.Risk{free.RiskSeveral, free.RiskOtherPorts, free.RiskRemoteClients}, Also: []monitor.Key{node.Key}, Clients: free.Clients{Local: 1, Remote: 3}},
			free.Choice{Kind: free.KindTree, Name: "服务器", Victims: victims(append(wide.Holders, node.Holders...)...), Risks: []free.Risk{free.RiskSeveral}},
			free.Choice{Kind: free.KindProcess, Name: "服务器", Victims: victims(wide.Holders...), Restarter: nodemon, Risks: []free.Risk{free.RiskComesBack, free.RiskOtherUser}},
			free.Choice{Kind: free.KindProcess, Name: "bash", Blocked: free.BlockedProtected, Protection: process.ProtectedAncestor}),
		5432: plan(pg,
			free.Choice{Kind: free.KindContainer, Name: "shop-db-1", Reason: free.ReasonRelay, Container: pg.Container, Risks: []free.Risk{free.RiskContainer}},
			free.Choice{Kind: free.KindProcess, Name: "docker-proxy", Victims: victims(pg.Holders...), Blocked: free.BlockedRelay}),
		80: plan(web, free.Choice{Kind: free.KindUnit, Name: "nginx.service", Reason: free.ReasonUnit, Unit: &units.Unit{Name: "nginx.service"},
			Risks: []free.Risk{free.RiskService}, Blocked: free.BlockedRights, Elevate: true}),
		6666: plan(evil, free.Choice{Kind: free.KindProcess, Name: hostile, Reason: free.ReasonAlone, Victims: victims(evil.Holders...), Risks: []free.Risk{free.RiskOtherUser}}),
		22: plan(endpoint(sockets.TCP, "0.0.0.0:22", monitor.ExposureAll), free.Choice{Kind: free.KindProcess, Risks: []free.Risk{free.RiskUnseen},
			Blocked: free.BlockedHidden, Elevate: true}),
		2222: plan(rails, free.Choice{Kind: free.KindProcess, Name: "puma", Victims: victims(rails.Holders...), Risks: []free.Risk{free.RiskOtherUser},
			Blocked: free.BlockedRights, Elevate: true}),
		4789: plan(kernel, free.Choice{Kind: free.KindProcess, Blocked: free.BlockedKernel}),
	}
	e.plans[0] = e.plans[3000]
	e.final = free.Final{Ending: free.EndFreed, Elapsed: 400 * time.Millisecond}
	e.diagnoses = diagnoses(e)
	e.orphans = []monitor.OrphanGroup{
		{Project: "shop", Dir: "/home/alice/shop", Orphans: []monitor.Orphan{
			{Holder: node.Holders[0], Keys: []monitor.Key{node.Key, pg.Key}, Gone: monitor.Gone{Kind: monitor.OriginTerminal, Name: "tmux"}},
			{Holder: wide.Holders[0], Keys: []monitor.Key{wide.Key}, Gone: monitor.Gone{Kind: monitor.OriginAgent, Name: "codex"}}}},
		{Dir: "/home/alice/" + hostile, Orphans: []monitor.Orphan{{Holder: evil.Holders[0], Keys: []monitor.Key{evil.Key}, Gone: monitor.Gone{Kind: monitor.OriginOrphan}}}},
	}
	return e
}

// diagnoses has every cause once, at ports that stand for them.
func diagnoses(e *engine) map[uint16]*doctor.Diagnosis {
	four := func(port uint16, codes ...bind.Code) (ts []bind.Try) {
		for i, a := range []string{"127.0.0.1", "0.0.0.0", "::1", "::"} {
			c := codes[min(i, len(codes)-1)]
			var err error
			if c != bind.OK {
				err = errors.New("address already in use")
			}
			at := netip.AddrPortFrom(netip.MustParseAddr(a), port)
			ts = append(ts, bind.Try{Proto: sockets.TCP, Addr: at, Manner: bind.Server, Code: c, Err: err},
				bind.Try{Proto: sockets.TCP, Addr: at, Manner: bind.Plain, Code: c, Err: err})
		}
		return ts
	}
	pids := func(name string, ids ...int32) (ps []*process.Process) {
		for _, id := range ids {
			ps = append(ps, proc(id, name, "alice", "shop", name))
		}
		return ps
	}
	at := func(port string, ps ...*process.Process) []monitor.Endpoint {
		return []monitor.Endpoint{endpoint(sockets.TCP, "0.0.0.0:"+port, monitor.ExposureAll, ps...)}
	}
	no := func(f doctor.Finding, rs ...doctor.Remedy) *doctor.Diagnosis {
		return &doctor.Diagnosis{Verdict: doctor.CanNotHave, Finding: f, Remedies: rs}
	}
	kill := doctor.Remedy{Kind: doctor.RemedyFree}
	other := func(p uint16) doctor.Remedy { return doctor.Remedy{Kind: doctor.RemedyOtherPort, Port: p} }
	closing := sockets.Lingering{Left: 42 * time.Second, Socket: sockets.Socket{Proto: sockets.TCP, State: sockets.TimeWait,
		Local: netip.MustParseAddrPort("127.0.0.1:3999"), Remote: netip.MustParseAddrPort("127.0.0.1:50002")}}
	socketUnit := endpoint(sockets.TCP, "[::]:631", monitor.ExposureAll, proc(1, "systemd", "root", ""))
	socketUnit.Creators = []monitor.Creator{{Unit: "cups.socket"}}
	ds := map[uint16]*doctor.Diagnosis{
		3000: no(doctor.Finding{Cause: doctor.Held, Endpoints: []monitor.Endpoint{held(e, 3000)}}, kill, other(3001)),
		80:   no(doctor.Finding{Cause: doctor.HeldHidden, Endpoints: []monitor.Endpoint{held(e, 80)}}, doctor.Remedy{Kind: doctor.RemedyFree, Command: []string{"portlight", "kill", "80"}, Admin: true}, doctor.Remedy{Kind: doctor.RemedyCommand, About: "stop_unit", Command: []string{"systemctl", "stop", "nginx.service"}, Admin: true}),
		8000: no(doctor.Finding{Cause: doctor.HeldShared, Endpoints: at("8000", pids("gunicorn", 51, 52, 53, 54, 55, 56)...)}, kill),
		8001: no(doctor.Finding{Cause: doctor.Ghost, Endpoints: at("8001", pids("worker", 61)...)}, kill),
		8002: no(doctor.Finding{Cause: doctor.HeldOtherAddress, Endpoints: at("8002", pids("java", 62)...)}, kill),
		8003: no(doctor.Finding{Cause: doctor.BoundNotListen, Bound: []doctor.BoundSocket{{Socket: sockets.Socket{Proto: sockets.TCP, Local: netip.MustParseAddrPort("127.0.0.1:8003")}, Holders: []monitor.Holder{{Process: pids("python3", 63)[0]}}}}}, kill),
		8004: no(doctor.Finding{Cause: doctor.BoundNotListen}),
		3999: no(doctor.Finding{Cause: doctor.LingeringOnly, Lingering: []sockets.Lingering{closing}, Wait: 42 * time.Second}, doctor.Remedy{Kind: doctor.RemedyWait, Wait: 42 * time.Second}, doctor.Remedy{Kind: doctor.RemedyReuse}),
		41000: no(doctor.Finding{Cause: doctor.EphemeralClient, Client: &e.snapshot.Connections[len(e.snapshot.Connections)-1]},
			doctor.Remedy{Kind: doctor.RemedyCloseConn, Command: []string{"portlight", "disconnect", "10.0.0.7:41000", "93.184.216.34:443"}, Admin: true}, other(41001)),
		81: no(doctor.Finding{Cause: doctor.Privileged, LowPort: 1024}, other(8081),
			doctor.Remedy{Kind: doctor.RemedyCommand, About: "allow_low_ports", Command: []string{"sysctl", "net.ipv4.ip_unprivileged_port_start=81"}, Admin: true},
			doctor.Remedy{Kind: doctor.RemedyCommand, About: "setcap", Command: []string{"setcap", "cap_net_bind_service=+ep", "/home/alice/go/bin/web server"}, Admin: true}),
		8005: no(doctor.Finding{Cause: doctor.AddressNotLocal, Addrs: []netip.Addr{netip.MustParseAddr("10.1.2.3")}}, doctor.Remedy{Kind: doctor.RemedyOtherAddr}),
		8006: no(doctor.Finding{Cause: doctor.FamilyDisabled, Addrs: []netip.Addr{netip.MustParseAddr("::1")}}, doctor.Remedy{Kind: doctor.RemedyCommand, About: "enable_ipv6", Command: []string{"sysctl", "net.ipv6.conf.all.disable_ipv6=0"}, Admin: true}),
		5432: no(doctor.Finding{Cause: doctor.Container, Endpoints: []monitor.Endpoint{held(e, 5432)}}, doctor.Remedy{Kind: doctor.RemedyCommand, About: "stop_container", Command: []string{"docker", "stop", "shop-db-1"}}),
		631:  no(doctor.Finding{Cause: doctor.SystemdSocket, Endpoints: []monitor.Endpoint{socketUnit}}, doctor.Remedy{Kind: doctor.RemedyCommand, About: "stop_unit", Command: []string{"systemctl", "stop", "cups.socket"}, Admin: true}),
		50000: no(doctor.Finding{Cause: doctor.ExcludedRange, Excluded: &bind.Excluded{Range: bind.Range{From: 49976, To: 50075}}}, other(49152),
			doctor.Remedy{Kind: doctor.RemedyCommand, About: "restart_winnat", Command: []string{"net", "stop", "winnat"}, Admin: true}),
		8007: no(doctor.Finding{Cause: doctor.HTTPSys, URLs: []doctor.URLGroup{{URLs: []string{"HTTP://+:8007/"}, Queue: "q", PIDs: []int32{4711}, Service: "W3SVC"}}}),
		8008: no(doctor.Finding{Cause: doctor.Unexplained}),
		8009: {Verdict: doctor.CanHave, Finding: doctor.Finding{Cause: doctor.FreeWithReuse, Wait: 17 * time.Second}, Remedies: []doctor.Remedy{{Kind: doctor.RemedyReuse}, {Kind: doctor.RemedyWait, Wait: 17 * time.Second}}},
		8010: {Verdict: doctor.CanNotTell, Finding: doctor.Finding{Cause: doctor.Unexplained}, Missing: []error{errors.New("too many open files")}},
		6666: no(doctor.Finding{Cause: doctor.Held, Endpoints: []monitor.Endpoint{held(e, 6666)}}, kill),
	}
	d := ds[3000]
	d.Tries = four(3000, bind.InUse, bind.InUse, bind.OK, bind.NoFamily)
	d.Notes = []doctor.Finding{{Cause: doctor.LingeringOnly, Lingering: []sockets.Lingering{closing, closing}, Wait: 42 * time.Second}}
	d.Localhost = []doctor.Route{{To: netip.MustParseAddr("127.0.0.1"), Key: held(e, 3000).Key, Found: true}, {To: netip.MustParseAddr("::1")}}
	d.Shadow = &monitor.Shadow{Proto: sockets.TCP, Port: 3000, Keys: []monitor.Key{held(e, 3000).Key, {Proto: sockets.TCP, Addr: netip.MustParseAddrPort("[::]:3000")}}}
	d.Barriers = []doctor.Barrier{{Kind: doctor.BarrierLoopback, Evidence: "127.0.0.1", Certain: true}, {Kind: doctor.BarrierNft, Evidence: "tcp dport 3000 drop"}, {Kind: doctor.BarrierUnknown}}
	ds[8009].Tries = four(8009, bind.OK)
	ds[8009].Tries[1].Code = bind.InUse
	return ds
}

// typed are the lines that somebody types.
func typed(lines ...string) io.Reader { return strings.NewReader(strings.Join(lines, "\n") + "\n") }
