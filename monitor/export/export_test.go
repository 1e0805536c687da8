package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600))

// sample has an endpoint with everything known, one with nothing known, and a
// connection.
func sample() *monitor.Snapshot {
	node := &process.Process{Identity: process.Identity{PID: 42, Start: 18446744073709551615}, Name: "node", Exe: "/usr/bin/node", ExeDeleted: true,
		Args: []string{"node", "my app.js"}, HasUID: true, UID: 1000, User: "alice", Cwd: "/src/shop", Project: "shop", ProjectDir: "/src/shop",
		Started: noon.Add(-time.Hour), Unit: "shop.service", Container: "0123abcd"}
	bare := &process.Process{Identity: process.Identity{PID: 7}}
	local := netip.MustParseAddrPort("[::]:3000")
	return &monitor.Snapshot{Taken: noon, WithConnections: true,
		Endpoints: []monitor.Endpoint{
			{Key: monitor.Key{Proto: sockets.TCP, Addr: local, Device: "eth0"}, State: sockets.Listen, Exposure: monitor.ExposureAll,
				Owner: monitor.OwnerKnown, HoldersComplete: true, DualStack: sockets.Yes, FirstSeen: noon, CreatedAt: noon,
				Sockets:   []sockets.Socket{{HasUID: true, UID: 1000}},
				Holders:   []monitor.Holder{{Process: node, VerifiedAt: noon}, {Process: bare}},
				Creators:  []monitor.Creator{{HasUID: true, User: "root", Unit: "web.service"}},
				Container: &monitor.Container{ID: "0123abcd", Name: "shop-web-1", Image: "node:22", Project: "shop"}},
			{Key: monitor.Key{Proto: sockets.UDP, Addr: netip.MustParseAddrPort("[fe80::1%eth0]:5353")}, State: sockets.Bound,
				Exposure: monitor.ExposureNetwork, Owner: monitor.OwnerHidden, FirstSeen: noon},
		},
		Connections: []monitor.Connection{{Socket: sockets.Socket{Proto: sockets.TCP, State: sockets.Established, HasUID: true, UID: 1000,
			Local: netip.MustParseAddrPort("127.0.0.1:40000"), Remote: netip.MustParseAddrPort("127.0.0.1:5432")},
			Owner: monitor.OwnerHidden, Creator: &monitor.Creator{HasUID: true, UID: 1000, User: "alice"}}},
		Warnings: []monitor.Warning{{Code: monitor.WarnUnreadable, Count: 3}},
	}
}

func storyDocument(t *testing.T) []byte {
	s := sample()
	var b bytes.Buffer
	err := WriteStories(&b, noon, []monitor.Story{
		{Endpoint: s.Endpoints[0], HasBacklog: true, Backlog: 1, BacklogLimit: 128,
			Origins: []monitor.Origin{{Kind: monitor.OriginTerminal, Name: "tmux", Chain: []process.Ancestor{{Name: "bash"}}}, {Kind: monitor.OriginUnknown}},
			Peers: []monitor.Peer{{Connection: s.Connections[0], Local: s.Endpoints[0].Holders, Info: &sockets.Info{BytesAcked: 5, RTT: 40 * time.Microsecond}},
				{Connection: s.Connections[0]}}},
		{Endpoint: s.Endpoints[1]},
	}, []*monitor.Connection{&s.Connections[0]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDocuments_keepToTheirSchema(t *testing.T) {
	raw, err := os.ReadFile("../../docs/portlight.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	list, err := JSON(sample())
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := JSON(&monitor.Snapshot{Taken: noon})
	e := sample().Endpoints
	var events [2]bytes.Buffer
	WriteEvent(&events[0], monitor.Change{Kind: monitor.HolderChanged, Before: &e[0], After: &e[1], At: noon})
	WriteEvent(&events[1], monitor.Change{Kind: monitor.Closed, Before: &e[0], At: noon})
	for _, d := range []struct {
		def  string
		text []byte
	}{{"list", list}, {"list", empty}, {"who", storyDocument(t)}, {"event", events[0].Bytes()}, {"event", events[1].Bytes()}} {
		var v any
		if err := json.Unmarshal(d.text, &v); err != nil {
			t.Fatalf("%v in %s", err, d.text)
		}
		for _, problem := range check(schema, map[string]any{"$ref": "#/$defs/" + d.def}, v, d.def) {
			t.Error(problem)
		}
	}
	broken := map[string]any{"schema": 2.0, "taken_at": 5.0, "endpoints": nil, "more": true}
	if n := len(check(schema, map[string]any{"$ref": "#/$defs/list"}, broken, "broken")); n != 5 {
		t.Errorf("the checker found %d of 5 mistakes", n)
	}
}

// check is the part of JSON Schema 2020-12 that portlight.schema.json uses.
func check(root, schema map[string]any, v any, at string) (problems []string) {
	fail := func(format string, args ...any) { problems = append(problems, at+": "+fmt.Sprintf(format, args...)) }
	for word, arg := range schema {
		switch word {
		case "$ref":
			def := root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")].(map[string]any)
			problems = append(problems, check(root, def, v, at)...)
		case "anyOf":
			if !slices.ContainsFunc(arg.([]any), func(s any) bool { return len(check(root, s.(map[string]any), v, at)) == 0 }) {
				fail("fits none of anyOf")
			}
		case "const":
			if v != arg {
				fail("%v, want %v", v, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				fail("%v is not in %v", v, arg)
			}
		case "type":
			types, ok := arg.([]any)
			if !ok {
				types = []any{arg}
			}
			if !slices.Contains(types, any(typeOf(v))) && !(typeOf(v) == "integer" && slices.Contains(types, any("number"))) {
				fail("%v is no %v", v, arg)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < arg.(float64) {
				fail("%v is too small", n)
			}
		case "maximum":
			if n, ok := v.(float64); ok && n > arg.(float64) {
				fail("%v is too great", n)
			}
		case "format":
			if s, ok := v.(string); ok {
				if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
					fail("%v", err)
				}
			}
		case "items":
			list, _ := v.([]any)
			for i, x := range list {
				problems = append(problems, check(root, arg.(map[string]any), x, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "required":
			m, _ := v.(map[string]any)
			for _, k := range arg.([]any) {
				if _, ok := m[k.(string)]; !ok {
					fail("%v is missing", k)
				}
			}
		case "properties":
			m, _ := v.(map[string]any)
			for k, x := range m {
				if p, ok := arg.(map[string]any)[k]; ok {
					problems = append(problems, check(root, p.(map[string]any), x, at+"."+k)...)
				} else {
					fail("%s is not described", k)
				}
			}
		case "additionalProperties", "$schema", "$id", "title", "description", "$defs":
		default:
			fail("the checker doesn't know %q", word)
		}
	}
	return problems
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

func TestJSON_unknownIsNullAndListsNeverAre(t *testing.T) {
	raw, err := JSON(sample())
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{
		`"taken_at":"2026-03-01T11:00:00.123456Z"`,
		`"start":"18446744073709551615"`, // exact, though greater than 2^53
		`"cmdline":"node 'my app.js'"`,
		`"holders":[]`, `"remote_address":null`, `"uid":null`, `"dual_stack":null`, `"created_at":null`,
		`"address":"fe80::1%eth0","port":5353`,
		`"remote_address":"127.0.0.1","remote_port":5432`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "\n"); n != 5 { // opening, three entries, closing
		t.Errorf("%d lines, want an entry on each", n)
	}
	empty, _ := JSON(&monitor.Snapshot{Taken: noon})
	if want := `{"schema":1,"taken_at":"2026-03-01T11:00:00.123456Z","endpoints":[],"warnings":[]}` + "\n"; string(empty) != want {
		t.Errorf("got %s, want %s", empty, want)
	}
}

const hostile = "a\nb\x1b[31m\x7f\u009b2J\xff=\"é"

func TestJSON_aHostileNameStaysOnItsLineAndOffTheTerminal(t *testing.T) {
	s := sample()
	s.Endpoints[0].Holders[0].Name = hostile
	raw, _ := JSON(s)
	if bytes.ContainsAny(raw, "\x1b\x7f") || bytes.Contains(raw, []byte("\u009b")) || bytes.Count(raw, []byte("\n")) != 5 {
		t.Errorf("control characters in %q", raw)
	}
	var d struct {
		Endpoints []struct{ Holders []struct{ Name string } }
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if got, want := d.Endpoints[0].Holders[0].Name, strings.ToValidUTF8(hostile, "\ufffd"); got != want {
		t.Errorf("read back %q, want %q", got, want)
	}
}

func TestCSV_isOneLineAnItemAndNoFormula(t *testing.T) {
	s := sample()
	h := s.Endpoints[0].Holders[0]
	h.Name, h.Cwd, h.Args = hostile, "@SUM(A1)", []string{"=HYPERLINK(1)"}
	s.Endpoints[0].Holders[0] = h
	var b bytes.Buffer
	if err := CSV(&b, s); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\r\n"); n != 4 || strings.Count(b.String(), "\n") != 4 {
		t.Errorf("%d lines, want a header and three", n)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	get := func(row int, col string) string { return rows[row][slices.Index(rows[0], col)] }
	for _, c := range []struct {
		row       int
		col, want string
	}{
		{1, "pids", "42 7"}, {1, "process", `a\nb\x1b[31m\x7f\u009b2J` + "\ufffd" + `="é`}, {1, "cwd", "'@SUM(A1)"},
		{1, "container", "shop-web-1"}, {1, "dual_stack", "true"}, {1, "port", "3000"}, {1, "first_seen", "2026-03-01T11:00:00Z"},
		{2, "pids", ""}, {2, "owner", "hidden"}, {2, "dual_stack", ""}, {3, "remote_port", "5432"}, {3, "user", "alice"},
	} {
		if got := get(c.row, c.col); got != c.want {
			t.Errorf("row %d, %s: %q, want %q", c.row, c.col, got, c.want)
		}
	}
	if got := get(1, "command"); strings.HasPrefix(got, "=") {
		t.Errorf("command %q is a formula", got)
	}
}

func TestCSV_cellIsSafeAndTrue(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a name stays", "node", "node"},
		{"other scripts and spaces stay", "服务 señor\u00a0Ü 🚀", "服务 señor\u00a0Ü 🚀"},
		{"a bidirectional override is seen", "gpj.\u202eexe", `gpj.\u202eexe`},
		{"an isolate, a zero-width space and a tag are seen", "a\u2066b\u200bc\U000e0041", `a\u2066b\u200bc\U000e0041`},
		{"a line separator is no line", "a\u2028b\r\nc", `a\u2028b\r\nc`},
		{"a terminal is told nothing", "\x1b]0;x\a", `\x1b]0;x\a`},
		{"what wasn't UTF-8 stays marked", "a\ufffdb", "a\ufffdb"},
		{"a formula is text", "=1+2", "'=1+2"},
		{"even behind a space", " \u00a0=1+2", "' \u00a0=1+2"},
		{"and in full width", "＝1+2", "'＝1+2"},
		{"a call behind a sign is text", "@SUM(A1)", "'@SUM(A1)"},
		{"so is a program by DDE", "-2+3+cmd|' /C calc'!E0", "'-2+3+cmd|' /C calc'!E0"},
		{"a scoped package keeps its name", "@acme/shop", "@acme/shop"},
		{"an argument stays", "-v", "-v"},
		{"nothing stays nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cell(&tt.in); got != tt.want {
				t.Errorf("cell(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestWriteJSON_reportsAReaderThatIsGone(t *testing.T) {
	if err := WriteJSON(gone{}, noon, Items(sample()), nil); err == nil {
		t.Error("no error from a closed pipe")
	}
	if err := WriteCSV(gone{}, Items(sample()), true); err == nil {
		t.Error("no error from a closed pipe")
	}
}

type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, os.ErrClosed }
