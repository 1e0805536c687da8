package doctor

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

var lo4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// tries makes Survey's answers: each word is an address, a manner's letter and
// how it ended ("0.0.0.0/s=in_use"); "all" names the four addresses, no letter
// every manner. What isn't named went well.
func tries(words string) []bind.Try {
	letters := map[string]bind.Manner{"s": bind.Server, "p": bind.Plain, "d": bind.Dual}
	var all []bind.Try
	for _, a := range bind.Anywhere() {
		for _, l := range []string{"s", "p", "d"} {
			if l == "d" && a != netip.IPv6Unspecified() {
				continue
			}
			t := bind.Try{Proto: sockets.TCP, Addr: netip.AddrPortFrom(a, 8080), Manner: letters[l], Code: bind.OK}
			for word := range strings.FieldsSeq(words) {
				where, code, _ := strings.Cut(word, "=")
				addr, letter, some := strings.Cut(where, "/")
				if (addr == "all" || addr == a.String()) && (!some || letter == l) {
					t.Code, t.Err = bind.Code(code), errors.New(code)
				}
			}
			all = append(all, t)
		}
	}
	return all
}

// only keeps the tries of one address, as Survey makes them for a question
// that names it.
func only(addr string, all []bind.Try) []bind.Try {
	return slices.DeleteFunc(all, func(t bind.Try) bool { return t.Addr.Addr().String() != addr })
}

func running(pid int32, name string) *process.Process {
	return &process.Process{Identity: process.Identity{PID: pid, Start: uint64(pid)}, Name: name, HasUID: true, UID: 1000}
}

func on(addr string, owner monitor.Owner, holders ...*process.Process) monitor.Endpoint {
	at := netip.MustParseAddrPort(addr)
	e := monitor.Endpoint{Key: monitor.Key{Proto: sockets.TCP, Addr: at}, Owner: owner, DualStack: sockets.No}
	e.Sockets = []sockets.Socket{{Proto: sockets.TCP, State: sockets.Listen, Local: at, Handle: 1, HasUID: true, UID: 1000}}
	if at.Addr() == netip.IPv6Unspecified() {
		e.DualStack = sockets.Yes
	}
	for _, p := range holders {
		e.Holders = append(e.Holders, monitor.Holder{Process: p})
	}
	return e
}

func TestDiagnose_JudgesByTheEvidenceAlone(t *testing.T) {
	at := netip.MustParseAddrPort
	table := func(all ...monitor.Endpoint) *monitor.Snapshot {
		slices.SortFunc(all, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
		return &monitor.Snapshot{Endpoints: all, WithConnections: true}
	}
	client := func(s *monitor.Snapshot, local, remote string, handle uint64) *monitor.Snapshot {
		s.Connections = append(s.Connections, monitor.Connection{Socket: sockets.Socket{
			Proto: sockets.TCP, State: sockets.Established, Local: at(local), Remote: at(remote), Handle: handle}})
		return s
	}
	waits := func(local string, left time.Duration) sockets.Lingering {
		return sockets.Lingering{Socket: sockets.Socket{Proto: sockets.TCP, State: sockets.TimeWait, Local: at(local)}, Left: left}
	}
	hidden := func(addr, unit, container string) monitor.Endpoint {
		e := on(addr, monitor.OwnerHidden)
		e.Creators = []monitor.Creator{{HasUID: true, UID: 0, User: "root", Unit: unit, Container: container}}
		return e
	}
	complete := func(e monitor.Endpoint, uid uint32) monitor.Endpoint {
		e.HoldersComplete = true
		e.Sockets[0].UID = uid
		return e
	}
	named := func(e monitor.Endpoint, container string) monitor.Endpoint {
		e.Container = &monitor.Container{ID: "c0ffee", Name: container}
		return e
	}
	service := func(p *process.Process, unit string) *process.Process { p.Unit = unit; return p }
	node := running(10, "node")
	v4 := "127.0.0.1=in_use 0.0.0.0=in_use ::/d=in_use"
	lo6 := netip.IPv6Loopback()
	noV6 := []netip.Addr{lo4}
	withV6 := []netip.Addr{lo4, lo6}

	for _, tt := range []struct {
		name    string
		q       Question
		e       Evidence
		want    Cause
		verdict Verdict
		notes   []Cause
		remedy  string // the first one's command, or its kind
	}{
		{"nothing is in the way", Question{}, Evidence{Tries: tries("")}, Free, CanHave, nil, ""},
		{"a machine without IPv6 can have it all the same", Question{}, Evidence{Tries: tries("::1=no_family ::=no_family")},
			Free, CanHave, []Cause{FamilyDisabled}, ""},
		{"what can't be tried isn't free", Question{}, Evidence{Tries: tries("0.0.0.0=no_resource")}, Unexplained, CanNotTell, nil, "wait"},
		{"no tries tell nothing", Question{}, Evidence{}, Unexplained, CanNotTell, nil, "wait"},
		{"closed connections stop programs without SO_REUSEADDR", Question{},
			Evidence{Tries: tries("127.0.0.1/p=in_use 0.0.0.0/p=in_use"), Lingering: []sockets.Lingering{waits("127.0.0.1:8080", 42*time.Second)}},
			FreeWithReuse, CanHave, nil, "set_reuse"},
		{"or stop all", Question{},
			Evidence{Tries: tries(v4), Lingering: []sockets.Lingering{waits("127.0.0.1:8080", 42*time.Second)}},
			LingeringOnly, CanNotHave, nil, "wait"},
		{"a holder", Question{}, Evidence{Tries: tries(v4), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, node))},
			Held, CanNotHave, nil, "portlight kill 8080"},
		{"a holder comes before what passes by itself", Question{},
			Evidence{Tries: tries(v4), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, node)), Lingering: []sockets.Lingering{waits("127.0.0.1:8080", time.Second)}},
			Held, CanNotHave, nil, "portlight kill 8080"},
		{"a holder whose service would start it again", Question{},
			Evidence{Tries: tries(v4), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, service(running(11, "nginx"), "nginx.service")))},
			Held, CanNotHave, nil, "systemctl stop nginx.service"},
		{"somebody of another user", Question{}, Evidence{Tries: tries(v4), Snapshot: table(hidden("0.0.0.0:8080", "nginx.service", ""))},
			HeldHidden, CanNotHave, nil, "systemctl stop nginx.service"},
		{"a prefork server", Question{}, Evidence{Tries: tries(v4), Snapshot: table(on("0.0.0.0:8080", monitor.OwnerKnown, node, running(12, "node")))},
			HeldShared, CanNotHave, nil, "portlight kill 8080"},
		{"whose holder was seen to end", Question{}, Evidence{Tries: tries(v4), Snapshot: table(on("0.0.0.0:8080", monitor.OwnerExited))},
			Ghost, CanNotHave, nil, "portlight kill 8080"},
		{"a user's socket that no process has", Question{}, Evidence{Tries: tries(v4), Snapshot: table(complete(on("0.0.0.0:8080", monitor.OwnerHidden), 1000))},
			Ghost, CanNotHave, nil, "portlight kill 8080"},
		{"the kernel's own", Question{}, Evidence{Tries: tries(v4), Snapshot: table(complete(on("0.0.0.0:8080", monitor.OwnerKernel), 0))},
			Held, CanNotHave, nil, ""},
		{"heirs who don't attend to it", Question{},
			Evidence{Tries: tries(v4), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, running(13, "sleep"))), Unattended: []monitor.Key{{Proto: sockets.TCP, Addr: at("127.0.0.1:8080")}}},
			Ghost, CanNotHave, nil, "portlight kill 8080"},
		{"a published port", Question{}, Evidence{Tries: tries(v4), Snapshot: table(named(hidden("0.0.0.0:8080", "docker.service", ""), "web"))},
			Container, CanNotHave, nil, "docker stop web"},
		{"a socket made in a container's cgroup", Question{}, Evidence{Tries: tries(v4), Snapshot: table(hidden("0.0.0.0:8080", "", "c0ffee"))},
			Container, CanNotHave, nil, "docker stop c0ffee"},
		{"PID 1 listens for a service", Question{}, Evidence{
			Tries: tries(v4), Snapshot: table(on("0.0.0.0:8080", monitor.OwnerKnown, running(1, "systemd"), service(running(14, "cupsd"), "cups.service"))),
			SocketUnits: map[monitor.Key]*units.Unit{{Proto: sockets.TCP, Addr: at("0.0.0.0:8080")}: {Name: "cups.socket", Listens: true}}},
			SystemdSocket, CanNotHave, nil, "systemctl stop cups.socket"},
		{"which the manager says of a hidden one", Question{}, Evidence{
			Tries: tries(v4), Snapshot: table(hidden("0.0.0.0:8080", "", "")),
			SocketUnits: map[monitor.Key]*units.Unit{{Proto: sockets.TCP, Addr: at("0.0.0.0:8080")}: {Name: "app.socket", User: true}}},
			SystemdSocket, CanNotHave, nil, "systemctl --user stop app.socket"},
		{"PID 1, for we don't know whom", Question{}, Evidence{Tries: tries(v4), Snapshot: table(on("0.0.0.0:8080", monitor.OwnerKnown, running(1, "systemd")))},
			SystemdSocket, CanNotHave, nil, "systemctl list-sockets"},
		{"both families' wildcard is in IPv4's way", Question{Addr: lo4},
			Evidence{Tries: only("127.0.0.1", tries("all=in_use")), Snapshot: table(on("[::]:8080", monitor.OwnerKnown, node))},
			HeldOtherAddress, CanNotHave, nil, "portlight kill 8080"},
		{"a program that asks for both families meets one of IPv4", Question{Addr: netip.IPv6Unspecified()},
			Evidence{Tries: only("::", tries("::/d=in_use")), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, node))},
			HeldOtherAddress, CanNotHave, nil, "portlight kill 8080"},
		{"the very address is held", Question{Addr: lo4},
			Evidence{Tries: only("127.0.0.1", tries("all=in_use")), Snapshot: table(on("127.0.0.1:8080", monitor.OwnerKnown, node))},
			Held, CanNotHave, nil, "portlight kill 8080"},
		{"one that isn't in the way is a note", Question{Addr: lo4},
			Evidence{Tries: only("127.0.0.1", tries("")), Snapshot: table(on("127.0.0.2:8080", monitor.OwnerKnown, node))},
			Free, CanHave, []Cause{HeldOtherAddress}, ""},
		{"bound and forgotten", Question{}, Evidence{
			Tries: tries(v4), BoundKnown: true,
			Bound: []BoundSocket{{Socket: sockets.Socket{Proto: sockets.TCP, Local: at("127.0.0.1:8080")}, Holders: []monitor.Holder{{Process: node}}}}},
			BoundNotListen, CanNotHave, nil, "portlight kill --pid 10"},
		{"an old kernel that lists no such", Question{}, Evidence{Tries: tries(v4)}, BoundNotListen, CanNotHave, nil, ""},
		{"a new one would", Question{}, Evidence{Tries: tries(v4), BoundKnown: true}, Unexplained, CanNotHave, nil, "wait"},
		{"an outgoing connection", Question{}, Evidence{
			Tries: tries(v4), BoundKnown: true, Reserved: bind.Reserved{Ephemeral: bind.Range{From: 8000, To: 9000}, NotEphemeral: []bind.Range{{From: 8005, To: 8006}, {From: 8010, To: 8010}}},
			Snapshot: client(table(), "127.0.0.1:8080", "192.0.2.1:443", 5)}, EphemeralClient, CanNotHave, nil, "portlight kill"},
		{"known by its far end", Question{}, Evidence{
			Tries: tries(v4), BoundKnown: true,
			Snapshot: client(table(on("127.0.0.1:5432", monitor.OwnerKnown, node)), "127.0.0.1:8080", "127.0.0.1:5432", 5)}, EphemeralClient, CanNotHave, nil, "portlight kill"},
		{"a client of a server that stopped listening", Question{}, Evidence{
			Tries: tries(v4), BoundKnown: true,
			Snapshot: client(table(), "127.0.0.1:8080", "127.0.0.1:50000", 5)}, Held, CanNotHave, nil, "portlight kill"},
		{"a connection that nobody has any more is no client", Question{}, Evidence{
			Tries: tries(v4), BoundKnown: true,
			Snapshot: client(table(), "127.0.0.1:8080", "127.0.0.1:50000", 0)}, Unexplained, CanNotHave, nil, "wait"},
		{"a low port, which also is held", Question{}, Evidence{
			Tries: tries("all=denied"), Reserved: bind.Reserved{FirstUnprivileged: 9000}, Snapshot: table(on("0.0.0.0:8080", monitor.OwnerKnown, node))},
			Privileged, CanNotHave, []Cause{Held}, "setcap cap_net_bind_service=+ep PROGRAM"},
		{"a refusal of a port for everybody", Question{}, Evidence{Tries: tries("all=denied"), Reserved: bind.Reserved{FirstUnprivileged: 1024}},
			Unexplained, CanNotHave, nil, "wait"},
		{"no such address", Question{Addr: lo4}, Evidence{Tries: only("127.0.0.1", tries("all=not_local")), Local: withV6},
			AddressNotLocal, CanNotHave, nil, "other_address"},
		{"IPv6 is off in the kernel", Question{Addr: lo6}, Evidence{Tries: only("::1", tries("all=no_family"))},
			FamilyDisabled, CanNotHave, nil, "other_address"},
		{"or by setting", Question{Addr: lo6}, Evidence{Tries: only("::1", tries("all=not_local")), Local: noV6},
			FamilyDisabled, CanNotHave, nil, "other_address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Port, tt.q.Proto = 8080, sockets.TCP
			tt.e.OS, tt.e.UID, tt.e.Near = "linux", 1000, 8081
			if tt.e.Snapshot == nil {
				tt.e.Snapshot = table()
			}
			d := Diagnose(tt.q, &tt.e)
			if d.Cause != tt.want || d.Verdict != tt.verdict {
				t.Errorf("%s (verdict %d), want %s (%d); notes %+v", d.Cause, d.Verdict, tt.want, tt.verdict, d.Notes)
			}
			var notes []Cause
			for _, n := range d.Notes {
				notes = append(notes, n.Cause)
			}
			if !slices.Equal(notes, tt.notes) {
				t.Errorf("notes %v, want %v", notes, tt.notes)
			}
			remedy := ""
			if len(d.Remedies) > 0 && d.Remedies[0].Kind != RemedyOtherPort {
				remedy = cmp.Or(strings.Join(d.Remedies[0].Command, " "), string(d.Remedies[0].Kind))
			}
			if !strings.HasPrefix(remedy, tt.remedy) && !(tt.remedy == "portlight kill" && remedy == string(RemedyFree)) || tt.remedy == "" && remedy != "" {
				t.Errorf("the first way out is %q, want %q", remedy, tt.remedy)
			}
			for _, r := range d.Remedies { // what only shows something stops nothing
				if looks := slices.Contains(r.Command, "list-sockets"); looks != (r.About == "find_unit") {
					t.Errorf("%q is said to %q", r.Command, r.About)
				}
			}
		})
	}
}

func TestDiagnose_KeepsTheReservedListWhenItAddsToIt(t *testing.T) {
	e := Evidence{Reserved: bind.Reserved{NotEphemeral: []bind.Range{{From: 8005, To: 8006}, {From: 8010, To: 8010}}}}
	if got := e.reservedWith("8080"); got != "8005-8006,8010,8080" {
		t.Errorf("ip_local_reserved_ports would become %q", got)
	}
}

// The longest wait counts, and one that isn't known makes all unknown.
func TestWait_IsOverWhenTheLastIsGone(t *testing.T) {
	l := func(left ...time.Duration) (all []sockets.Lingering) {
		for _, d := range left {
			all = append(all, sockets.Lingering{Left: d})
		}
		return all
	}
	for _, tt := range []struct {
		all  []sockets.Lingering
		want time.Duration
	}{{l(), 0}, {l(3, 9, 5), 9}, {l(3, 0, 5), 0}} {
		if got := wait(tt.all); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.all, got, tt.want)
		}
	}
}

func TestBoundNarrowly_IsSilentOnceOneIsEverywhere(t *testing.T) {
	reach := func(addr string, x monitor.Exposure) monitor.Endpoint {
		e := on(addr, monitor.OwnerKnown)
		e.Exposure = x
		return e
	}
	local, network, all := reach("127.0.0.1:80", monitor.ExposureLoopback), reach("192.0.2.1:80", monitor.ExposureNetwork), reach("0.0.0.0:80", monitor.ExposureAll)
	for _, tt := range []struct {
		name string
		on   []monitor.Endpoint
		want []BarrierKind
	}{
		{"this machine only", []monitor.Endpoint{local}, []BarrierKind{BarrierLoopback}},
		{"one network", []monitor.Endpoint{network}, []BarrierKind{BarrierOneAddr}},
		{"everywhere", []monitor.Endpoint{all}, nil},
		{"everywhere and here as well", []monitor.Endpoint{local, all}, nil},
	} {
		var got []BarrierKind
		for _, b := range boundNarrowly(tt.on) {
			got = append(got, b.Kind)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A reading of its own sees a socket of somebody who may not be read; a monitor
// that ran all the time knows that its holder has ended.
func TestRemember_TakesOverWhatTheMonitorSawEnd(t *testing.T) {
	for _, tt := range []struct {
		name   string
		then   monitor.Owner
		handle uint64
		now    monitor.Owner
		want   monitor.Owner
	}{
		{"its holder ended", monitor.OwnerExited, 1, monitor.OwnerHidden, monitor.OwnerExited},
		{"that was another socket", monitor.OwnerExited, 2, monitor.OwnerHidden, monitor.OwnerHidden},
		{"it never had one", monitor.OwnerHidden, 1, monitor.OwnerHidden, monitor.OwnerHidden},
		{"an heir is seen now", monitor.OwnerExited, 1, monitor.OwnerKnown, monitor.OwnerKnown},
	} {
		then := on("127.0.0.1:80", tt.then)
		then.Sockets[0].Handle = tt.handle
		e := Evidence{Snapshot: &monitor.Snapshot{Endpoints: []monitor.Endpoint{on("127.0.0.1:80", tt.now)}}}
		e.remember(&monitor.Snapshot{Endpoints: []monitor.Endpoint{then}})
		if got := e.Snapshot.Endpoints[0].Owner; got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	(&Evidence{Snapshot: &monitor.Snapshot{Endpoints: []monitor.Endpoint{on("127.0.0.1:80", monitor.OwnerHidden)}}}).remember(nil)
}
