package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// fullDiagnosis has something in every field.
func fullDiagnosis() *doctor.Diagnosis {
	s := sample()
	socket := s.Connections[0].Socket
	f := doctor.Finding{Cause: doctor.HeldShared, Endpoints: s.Endpoints, Wait: 42 * time.Second, LowPort: 1024,
		Bound:     []doctor.BoundSocket{{Socket: socket, Holders: s.Endpoints[0].Holders}},
		Lingering: []sockets.Lingering{{Socket: socket, Left: 1500 * time.Millisecond}, {Socket: socket}},
		Client:    &s.Connections[0], Excluded: &bind.Excluded{Range: bind.Range{From: 1, To: 2}, Administered: true},
		URLs: []doctor.URLGroup{{URLs: []string{"http://+:80/"}, Queue: "q", PIDs: []int32{4}, Service: "W3SVC", Holders: s.Endpoints[0].Holders}, {}}, Addrs: []netip.Addr{netip.IPv6Loopback()}}
	return &doctor.Diagnosis{Question: doctor.Question{Port: 3000, Proto: sockets.TCP, Addr: netip.IPv6Loopback()}, Taken: noon,
		Verdict: doctor.CanNotHave, Finding: f, Notes: []doctor.Finding{{Cause: doctor.Free}},
		Remedies: []doctor.Remedy{{Kind: doctor.RemedyCommand, Command: []string{"docker", "stop", "x"}, Admin: true, About: "stop_container"}, {Kind: doctor.RemedyOtherPort, Port: 3001}, {Kind: doctor.RemedyWait, Wait: time.Second}},
		Tries: []bind.Try{{Proto: sockets.TCP, Addr: netip.MustParseAddrPort("[::1]:3000"), Manner: bind.Server, Code: bind.InUse, Err: errors.New("in use")},
			{Proto: sockets.TCP, Addr: netip.MustParseAddrPort("[::1]:3000"), Manner: bind.Exclusive, Code: bind.OK},
			{Proto: sockets.TCP, Addr: netip.MustParseAddrPort("[::]:3000"), Manner: bind.Dual, Code: bind.InUse, Err: errors.New("in use")}},
		Localhost: []doctor.Route{{To: netip.IPv6Loopback(), Key: s.Endpoints[0].Key, Found: true, Probed: true}, {To: netip.IPv6Loopback()}},
		Shadow:    &monitor.Shadow{Keys: []monitor.Key{s.Endpoints[0].Key}},
		Barriers:  []doctor.Barrier{{Kind: doctor.BarrierNft, Evidence: "drop", Certain: true}, {Kind: doctor.BarrierUnknown}},
		Missing:   []error{errors.New("not read")}}
}

// fullAttempts are a plan with everything, and an aim that nobody holds.
func fullAttempts() []Attempt {
	s := sample()
	hs := s.Endpoints[0].Holders
	nodemon := &process.Ancestor{Identity: process.Identity{PID: 30, Start: 1 << 60}, Name: "nodemon"}
	return []Attempt{
		{Aim: free.Aim{Port: 3000, Process: process.Identity{PID: 42}}, Chosen: 0, Exit: 4,
			Plan: &free.Plan{Targets: s.Endpoints, Choices: []free.Choice{
				{Kind: free.KindWatcher, Name: "nodemon", Reason: free.ReasonWatcher, Victims: []free.Victim{{Process: hs[0].Process, Holds: true}, {Process: hs[1].Process}},
					Also: []monitor.Key{s.Endpoints[1].Key}, Clients: free.Clients{Local: 1, Remote: 2}, Shares: []string{"dhcp"}, Restarter: nodemon, Risks: []free.Risk{free.RiskSeveral}},
				{Kind: free.KindProcess, Blocked: free.BlockedProtected, Protection: process.ProtectedSelf, Elevate: true}}},
			Final: &free.Final{Ending: free.EndTakenAgain, Elapsed: 400 * time.Millisecond, Holders: hs, By: nodemon, Alive: []process.Identity{{PID: 7}}, Wait: time.Second, Err: errors.New("bind")}},
		{Aim: free.Aim{Process: process.Identity{PID: 9}}, Chosen: -1, Err: errors.New("gone"), Exit: 1},
	}
}

func TestFreeingDocuments_keepToTheirSchema(t *testing.T) {
	raw, err := os.ReadFile("../../docs/portlight.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	hs := sample().Endpoints[0].Holders
	for _, d := range []struct {
		def   string
		write func(io.Writer) error
	}{
		{"doctor", func(w io.Writer) error { return WriteDiagnosis(w, fullDiagnosis()) }},
		{"doctor", func(w io.Writer) error {
			return WriteDiagnosis(w, &doctor.Diagnosis{Question: doctor.Question{Proto: sockets.UDP}, Taken: noon, Finding: doctor.Finding{Cause: doctor.Free}})
		}},
		{"kill", func(w io.Writer) error { return WriteKill(w, noon, fullAttempts()) }},
		{"kill", func(w io.Writer) error { return WriteKill(w, noon, nil) }},
		{"free", func(w io.Writer) error { return WritePorts(w, noon, sockets.TCP, []uint16{8080}) }},
		{"free", func(w io.Writer) error { return WritePorts(w, noon, sockets.UDP, nil) }},
		{"orphans", func(w io.Writer) error {
			return WriteOrphans(w, noon, []monitor.OrphanGroup{{Project: "shop", Dir: "/src/shop", Orphans: []monitor.Orphan{
				{Holder: hs[0], Keys: []monitor.Key{sample().Endpoints[0].Key}, Gone: monitor.Gone{Kind: monitor.OriginIDE, Name: "code"}},
				{Holder: hs[1], Gone: monitor.Gone{Kind: monitor.OriginOrphan}}}}, {}})
		}},
		{"orphans", func(w io.Writer) error { return WriteOrphans(w, noon, nil) }},
	} {
		var b bytes.Buffer
		if err := d.write(&b); err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Fatalf("%v in %s", err, b.Bytes())
		}
		for _, problem := range check(schema, map[string]any{"$ref": "#/$defs/" + d.def}, v, d.def) {
			t.Errorf("%s\n%s", problem, b.Bytes())
		}
		if strings.Count(b.String(), "\n") != 1 {
			t.Errorf("%s: not one line: %s", d.def, b.Bytes())
		}
	}
}
