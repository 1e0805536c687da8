package view

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// speak sets the language for one test.
func speak(t *testing.T, locale string) {
	t.Helper()
	t.Setenv("LC_ALL", locale)
	t.Setenv("LANGUAGE", "")
	text := func(l string) []byte {
		b, err := assets.Translations.ReadFile("translations/view/" + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// Fyne's own Chinese is "zh-Hans", and only texts under that very tag are
	// found beside it.
	if err := errors.Join(lang.AddTranslationsForLocale(text("en"), "en"),
		lang.AddTranslationsForLocale(text("zh"), "zh-Hans")); err != nil {
		t.Fatal(err)
	}
}

func proc(pid int32, name string, set ...func(*process.Process)) *process.Process {
	p := &process.Process{Identity: process.Identity{PID: pid, Start: uint64(pid) * 100}, Name: name,
		Exe: "/usr/bin/" + name, Args: []string{name}, HasUID: true, UID: 1000, User: "alice",
		Started: noon.Add(-3 * time.Hour)}
	for _, f := range set {
		f(p)
	}
	return p
}

func endpoint(proto sockets.Proto, addr string, holders ...*process.Process) monitor.Endpoint {
	ap := netip.MustParseAddrPort(addr)
	e := monitor.Endpoint{Key: monitor.Key{Proto: proto, Addr: ap}, State: sockets.Listen, Owner: monitor.OwnerHidden,
		Exposure: monitor.ExposureNetwork, FirstSeen: noon,
		Sockets: []sockets.Socket{{Proto: proto, Local: ap, HasUID: true, UID: 1000}}}
	if proto == sockets.UDP {
		e.State = sockets.Bound
	}
	switch a := ap.Addr().Unmap(); {
	case a.IsUnspecified():
		e.Exposure = monitor.ExposureAll
	case a.IsLoopback():
		e.Exposure = monitor.ExposureLoopback
	}
	for _, p := range holders {
		e.Owner = monitor.OwnerKnown
		e.Holders = append(e.Holders, monitor.Holder{Process: p, VerifiedAt: noon})
	}
	return e
}

func connection(local, remote string, inode uint64, holder *process.Process) monitor.Connection {
	return monitor.Connection{Owner: monitor.OwnerKnown, HoldersComplete: true,
		Socket: sockets.Socket{Proto: sockets.TCP, State: sockets.Established, Handle: inode,
			Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote)},
		Holders: []monitor.Holder{{Process: holder, VerifiedAt: noon}}}
}

func snapshot(es []monitor.Endpoint, cs ...monitor.Connection) *monitor.Snapshot {
	slices.SortFunc(es, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(cs, func(a, b monitor.Connection) int { return sockets.Compare(&a.Socket, &b.Socket) })
	return &monitor.Snapshot{Seq: 1, Taken: noon, Endpoints: es, Connections: cs, WithConnections: cs != nil}
}

func query(t testing.TB, s string) Query {
	t.Helper()
	q, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// locals lists the rows' local addresses.
func locals(rows []Row) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.Proto+" "+r.Local)
	}
	return out
}
