package doctor

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// What Windows' doctor concludes, from evidence as Windows gives it. The file
// isn't named for an operating system: Diagnose is the same on all.

// windowsTries are what Survey tries there, with the codes of those that fail.
// Its keys are an address and a manner's first letter: "0.0.0.0 e".
func windowsTries(port uint16, codes map[string]bind.Code) []bind.Try {
	var all []bind.Try
	for _, a := range []string{"127.0.0.1", "0.0.0.0", "::1", "::"} {
		addr := netip.MustParseAddr(a)
		manners := []bind.Manner{bind.Server, bind.Plain}
		if addr.IsUnspecified() {
			manners = append(manners, bind.Exclusive)
		}
		if addr == netip.IPv6Unspecified() {
			manners = append(manners, bind.Dual)
		}
		for _, m := range manners {
			letter := map[bind.Manner]string{bind.Server: "s", bind.Plain: "p", bind.Exclusive: "e", bind.Dual: "d"}[m]
			code := bind.OK
			for _, key := range []string{a + " " + letter, a + " *", "* " + letter, "*"} {
				if c, ok := codes[key]; ok {
					code = c
					break
				}
			}
			all = append(all, bind.Try{Proto: sockets.TCP, Addr: netip.AddrPortFrom(addr, port), Manner: m, Code: code})
		}
	}
	return all
}

// listener is one row of Windows' table: it never tells whether [::] takes IPv4.
func listener(addr string, owner monitor.Owner, pid int32, name string) monitor.Endpoint {
	at := netip.MustParseAddrPort(addr)
	p := monitor.Endpoint{
		Key:   monitor.Key{Proto: sockets.TCP, Addr: at},
		State: sockets.Listen, Owner: owner, HoldersComplete: true,
		Sockets: []sockets.Socket{{Proto: sockets.TCP, State: sockets.Listen, Local: at, PID: pid}},
	}
	if owner == monitor.OwnerKnown {
		p.Holders = []monitor.Holder{{Process: &process.Process{Identity: process.Identity{PID: pid, Start: 1}, Name: name}}}
	}
	return p
}

// serviceOf makes the endpoint's holders that service's.
func serviceOf(name string, p monitor.Endpoint) monitor.Endpoint {
	for _, h := range p.Holders {
		h.Unit = name
	}
	return p
}

func windowsTable(all ...monitor.Endpoint) *monitor.Snapshot {
	slices.SortFunc(all, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	return &monitor.Snapshot{Endpoints: all, WithConnections: true}
}

func TestDiagnose_WindowsCauses(t *testing.T) {
	excluded := []bind.Excluded{
		{Range: bind.Range{From: 49671, To: 49770}, Proto: sockets.TCP, Family: 4},
		{Range: bind.Range{From: 50000, To: 50059}, Proto: sockets.TCP, Family: 4, Administered: true},
		{Range: bind.Range{From: 2900, To: 3100}, Proto: sockets.UDP, Family: 4},
	}
	none := []string{}
	for _, tc := range []struct {
		sentence string
		port     uint16
		addr     string
		codes    map[string]bind.Code
		table    *monitor.Snapshot
		groups   []URLGroup
		cause    Cause
		verdict  Verdict
		notes    []Cause
		about    []string // the remedies' codes and kinds, as they come first
	}{
		{
			sentence: "nobody has it",
			port:     3000, table: windowsTable(),
			cause: Free, verdict: CanHave,
		},
		{
			sentence: "an excluded range, with no row to show",
			port:     49700, table: windowsTable(),
			codes: map[string]bind.Code{"127.0.0.1 *": bind.Denied, "0.0.0.0 *": bind.Denied, ":: d": bind.Denied},
			cause: ExcludedRange, verdict: CanNotHave,
			about: []string{"restart_winnat", "reserve_excluded", "restart_winnat"},
		},
		{
			sentence: "10013 with an owner in the table is the owner's doing, whatever the ranges say",
			port:     49700, table: windowsTable(listener("0.0.0.0:49700", monitor.OwnerKnown, 4100, "sqlservr.exe")),
			codes: map[string]bind.Code{"127.0.0.1 *": bind.Denied, "0.0.0.0 *": bind.Denied, ":: d": bind.Denied},
			cause: Held, verdict: CanNotHave,
			about: []string{"free_port"},
		},
		{
			sentence: "a service is stopped by its manager first",
			port:     5432, table: windowsTable(serviceOf("postgresql-x64-17", listener("0.0.0.0:5432", monitor.OwnerKnown, 4100, "postgres.exe"))),
			codes: map[string]bind.Code{"0.0.0.0 *": bind.InUse},
			cause: Held, verdict: CanNotHave,
			about: []string{"stop_unit", "free_port"},
		},
		{
			sentence: "10013 of one who holds it exclusively, outside all ranges",
			port:     3000, table: windowsTable(listener("0.0.0.0:3000", monitor.OwnerKnown, 4100, "Code.exe")),
			codes: map[string]bind.Code{"127.0.0.1 *": bind.Denied, "0.0.0.0 *": bind.Denied, ":: d": bind.Denied},
			cause: Held, verdict: CanNotHave,
			about: []string{"free_port"},
		},
		{
			sentence: "a range of UDP says nothing of TCP",
			port:     3000, table: windowsTable(),
			codes: map[string]bind.Code{"0.0.0.0 *": bind.Denied},
			cause: Unexplained, verdict: CanNotHave,
		},
		{
			sentence: "a server on every address of both families",
			port:     3000, table: windowsTable(listener("[::]:3000", monitor.OwnerKnown, 4100, "node.exe")),
			codes: map[string]bind.Code{":: *": bind.InUse, "0.0.0.0 *": bind.InUse},
			cause: Held, verdict: CanNotHave,
			about: []string{"free_port"},
		},
		{
			sentence: "http.sys answers for a program behind it",
			port:     80, table: windowsTable(listener("[::]:80", monitor.OwnerKernel, 4, ""), listener("0.0.0.0:80", monitor.OwnerKernel, 4, "")),
			codes:  map[string]bind.Code{"0.0.0.0 *": bind.Denied, ":: *": bind.Denied},
			groups: []URLGroup{{Queue: "DefaultAppPool", PIDs: []int32{3248}, URLs: []string{"HTTP://*:80/"}}},
			cause:  HTTPSys, verdict: CanNotHave,
			about: []string{"delete_urlacl"},
		},
		{
			sentence: "the kernel holds it for something else than http.sys: SMB",
			port:     445, table: windowsTable(listener("[::]:445", monitor.OwnerKernel, 4, ""), listener("0.0.0.0:445", monitor.OwnerKernel, 4, "")),
			codes: map[string]bind.Code{"*": bind.Denied},
			cause: Held, verdict: CanNotHave, about: none,
		},
		{
			// A specific address and the wildcard may both be bound on
			// Windows; only the exclusive bind tells.
			sentence: "WSL's relay has localhost, and the program wants every address",
			port:     8080, addr: "0.0.0.0", table: windowsTable(listener("127.0.0.1:8080", monitor.OwnerKnown, 5200, "wslrelay.exe")),
			codes: map[string]bind.Code{"0.0.0.0 e": bind.Denied},
			cause: HeldOtherAddress, verdict: CanNotHave, about: none,
		},
		{
			sentence: "WSL's relay has localhost of both families",
			port:     8080, table: windowsTable(
				listener("127.0.0.1:8080", monitor.OwnerKnown, 5200, "wslrelay.exe"),
				listener("[::1]:8080", monitor.OwnerKnown, 5200, "wslrelay.exe")),
			codes: map[string]bind.Code{"127.0.0.1 *": bind.InUse, "::1 *": bind.InUse, "0.0.0.0 e": bind.Denied, ":: e": bind.Denied},
			cause: Held, verdict: CanNotHave,
		},
		{
			sentence: "Docker's backend serves a container",
			port:     5432, table: windowsTable(listener("0.0.0.0:5432", monitor.OwnerKnown, 6100, "com.docker.backend.exe")),
			codes: map[string]bind.Code{"0.0.0.0 *": bind.InUse, ":: d": bind.InUse},
			cause: Container, verdict: CanNotHave,
		},
		{
			sentence: "the row's owner is gone, a child inherited the socket",
			port:     3000, table: windowsTable(listener("0.0.0.0:3000", monitor.OwnerExited, 4100, "")),
			codes: map[string]bind.Code{"0.0.0.0 *": bind.InUse},
			cause: Ghost, verdict: CanNotHave,
		},
		{
			sentence: "an address of no interface: no command of Linux's is told",
			port:     3000, addr: "0.0.0.0", table: windowsTable(),
			codes: map[string]bind.Code{"*": bind.NotLocal},
			cause: AddressNotLocal, verdict: CanNotHave, about: []string{"other_address"},
		},
		{
			sentence: "an IPv6 that isn't installed doesn't count",
			port:     3000, table: windowsTable(),
			codes: map[string]bind.Code{"::1 *": bind.NoFamily, ":: *": bind.NoFamily},
			cause: Free, verdict: CanHave, notes: []Cause{FamilyDisabled},
		},
		{
			sentence: "our own trouble says nothing of the port",
			port:     3000, table: windowsTable(),
			codes: map[string]bind.Code{"*": bind.NoResource},
			cause: Unexplained, verdict: CanNotTell,
		},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			q := Question{Port: tc.port, Proto: sockets.TCP}
			tries := windowsTries(tc.port, tc.codes)
			if tc.addr != "" {
				q.Addr = netip.MustParseAddr(tc.addr)
				tries = slices.DeleteFunc(tries, func(t bind.Try) bool { return t.Addr.Addr() != q.Addr })
			}
			d := Diagnose(q, &Evidence{
				OS: "windows", Tries: tries, Snapshot: tc.table, HTTPSys: tc.groups,
				Reserved: bind.Reserved{Ephemeral: bind.Range{From: 49152, To: 65535}, Excluded: excluded},
			})
			if d.Cause != tc.cause || d.Verdict != tc.verdict {
				t.Errorf("cause %s, verdict %d; want %s, %d (%+v)", d.Cause, d.Verdict, tc.cause, tc.verdict, d.Finding)
			}
			for _, c := range tc.notes {
				if !slices.ContainsFunc(d.Notes, func(f Finding) bool { return f.Cause == c }) {
					t.Errorf("no note of %s in %+v", c, d.Notes)
				}
			}
			var about []string
			for _, r := range d.Remedies {
				about = append(about, cmp.Or(r.About, string(r.Kind)))
			}
			if len(tc.about) == 0 && tc.about != nil && len(about) > 0 {
				t.Errorf("remedies %q, want none", about)
			}
			if len(about) < len(tc.about) || !slices.Equal(about[:len(tc.about)], tc.about) {
				t.Errorf("remedies %q, want first %q", about, tc.about)
			}
			for _, r := range d.Remedies {
				if len(r.Command) > 0 && slices.Contains([]string{"ip", "sysctl", "systemctl", "setcap"}, r.Command[0]) {
					t.Errorf("Windows has no %q", r.Command)
				}
			}
			if d.Cause == HTTPSys && !reflect.DeepEqual(d.URLs, tc.groups) {
				t.Errorf("URLs %+v, want %+v", d.URLs, tc.groups)
			}
			if d.Cause == ExcludedRange && (d.Excluded == nil || d.Excluded.Family != 4 || !d.Excluded.Contains(tc.port)) {
				t.Errorf("excluded %+v", d.Excluded)
			}
		})
	}
}
