package sockets

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// readHex reads a table written as hex with #-comments.
func readHex(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "iphelper", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	var digits strings.Builder
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		for _, field := range strings.Fields(line) {
			digits.WriteString(field)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// newYear is the creation time most rows in testdata carry.
var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

func TestDecodeRecordedTables(t *testing.T) {
	tests := []struct {
		layout *rowLayout
		want   []Socket
	}{
		{&tcp4Rows, []Socket{
			{Proto: TCP, State: Listen, Local: at("0.0.0.0:3000"), PID: 4242, Created: newYear},
			{Proto: TCP, State: Listen, Local: at("0.0.0.0:135"), PID: 940, Created: newYear + 1500, ServiceTag: 87},
			{Proto: TCP, State: Listen, Local: at("127.0.0.1:80"), PID: 4},
			{Proto: TCP, State: Established, Local: at("127.0.0.1:3000"), Remote: at("127.0.0.1:50123"), PID: 4242, Created: newYear + 9e9},
			{Proto: TCP, State: TimeWait, Local: at("127.0.0.1:50124"), Remote: at("127.0.0.1:3000")},
			{Proto: TCP, Local: at("127.0.0.1:50125"), Remote: at("127.0.0.1:3000"), PID: 7},
		}},
		{&tcp6Rows, []Socket{
			{Proto: TCP, State: Listen, Local: at("[::]:3000"), PID: 4242, Created: newYear},
			{Proto: TCP, State: Established, Local: at("[fe80::1%12]:445"), Remote: at("[fe80::2%12]:50000"), PID: 4, Created: newYear},
			{Proto: TCP, State: Listen, Local: at("[fe80::1%300]:5357"), PID: 4, Created: newYear},
			{Proto: TCP, State: CloseWait, Local: at("[::ffff:127.0.0.1]:3000"), Remote: at("[::ffff:127.0.0.1]:50200"), PID: 4242, Created: newYear},
			{Proto: TCP, State: Listen, Local: at("[::1]:3001"), PID: 4242},
		}},
		{&udp4Rows, []Socket{
			{Proto: UDP, State: Bound, Local: at("0.0.0.0:5353"), PID: 1820, Created: newYear, ServiceTag: 112},
			{Proto: UDP, State: Bound, Local: at("192.168.1.20:60001"), PID: 7000, Created: newYear + 100},
		}},
		{&udp6Rows, []Socket{
			{Proto: UDP, State: Bound, Local: at("[fe80::1%12]:1900"), PID: 3300, Created: newYear, ServiceTag: 66},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.layout.name, func(t *testing.T) {
			table := readHex(t, tt.layout.name)
			got, err := tt.layout.decode(table, Endpoints|Connections, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("decoded\n%+v\nwant\n%+v", got, tt.want)
			}

			endpoints, err := tt.layout.decode(table, Endpoints, nil)
			if err != nil {
				t.Fatal(err)
			}
			connections, err := tt.layout.decode(table, Connections, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantEndpoints := slices.DeleteFunc(slices.Clone(tt.want), func(s Socket) bool { return !s.IsEndpoint() })
			wantConnections := slices.DeleteFunc(slices.Clone(tt.want), func(s Socket) bool { return s.IsEndpoint() })
			if !slices.Equal(endpoints, wantEndpoints) {
				t.Errorf("endpoints alone are\n%+v\nwant\n%+v", endpoints, wantEndpoints)
			}
			if !slices.Equal(connections, wantConnections) {
				t.Errorf("connections alone are\n%+v\nwant\n%+v", connections, wantConnections)
			}
		})
	}
}

func TestDecodeBrokenTables(t *testing.T) {
	full := readHex(t, "tcp4")
	tests := []struct {
		name    string
		table   []byte
		rows    int
		wantErr string
	}{
		{"no bytes at all are an error", nil, 0, "hold no row count"},
		{"half a count is an error", full[:3], 0, "hold no row count"},
		{"a count of zero without padding is an empty table", make([]byte, 4), 0, ""},
		{"a count without rows is an error", full[:4], 0, "6 rows announced, 0 in the buffer"},
		{"a row cut short is left out and reported", full[:len(full)-1], 5, "6 rows announced, 5 in the buffer"},
		{"bytes behind the last row are slack", append(slices.Clone(full), 1, 2, 3), 6, ""},
		{"an absurd count reads no further than the buffer", append([]byte{0xff, 0xff, 0xff, 0xff}, full[4:]...), 6, "4294967295 rows announced"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tcp4Rows.decode(tt.table, Endpoints|Connections, nil)
			if len(got) != tt.rows {
				t.Errorf("%d rows, want %d", len(got), tt.rows)
			}
			switch {
			case tt.wantErr == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)):
				t.Errorf("error %v, want one with %q", err, tt.wantErr)
			}
		})
	}
}

func TestDecodeAppends(t *testing.T) {
	before := Socket{Proto: UDP, State: Bound, Local: at("127.0.0.1:53")}
	got, err := udp6Rows.decode(readHex(t, "udp6"), Endpoints, []Socket{before})
	if err != nil || len(got) != 2 || got[0] != before {
		t.Errorf("got %+v, %v; want the given row and one more", got, err)
	}
}

func TestUnixNanos(t *testing.T) {
	tests := []struct {
		name     string
		filetime uint64
		want     int64
	}{
		{"no time is unknown", 0, 0},
		{"a time before 1970 is unknown", 116444736000000000, 0},
		{"the first step after 1970 is 100 ns", 116444736000000001, 100},
		{"a time past int64 is unknown", 1<<64 - 1, 0},
		{"the last time that fits is kept", 116444736000000000 + (1<<63-1)/100, (1<<63 - 1) / 100 * 100},
	}
	for _, tt := range tests {
		if got := unixNanos(tt.filetime); got != tt.want {
			t.Errorf("%s: unixNanos(%d) = %d, want %d", tt.name, tt.filetime, got, tt.want)
		}
	}
}

// Whatever bytes come, decoding must end, stay inside the buffer, give no
// more rows than fit, and split them exactly between the two wants.
func FuzzDecodeIPHelper(f *testing.F) {
	layouts := []*rowLayout{&tcp4Rows, &tcp6Rows, &udp4Rows, &udp6Rows}
	for i, l := range layouts {
		f.Add(uint8(i), readHex(f, l.name))
	}
	f.Add(uint8(0), []byte{1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, which uint8, table []byte) {
		l := layouts[int(which)%len(layouts)]
		all, err := l.decode(table, Endpoints|Connections, nil)
		if len(all)*l.size > len(table) {
			t.Fatalf("%d rows of %d bytes out of %d", len(all), l.size, len(table))
		}
		endpoints, _ := l.decode(table, Endpoints, nil)
		connections, _ := l.decode(table, Connections, nil)
		if len(endpoints)+len(connections) != len(all) {
			t.Fatalf("%d endpoints and %d connections, %d in all", len(endpoints), len(connections), len(all))
		}
		for _, s := range all {
			if s.Proto != l.proto || !s.Local.IsValid() || s.Local.Addr().Is4() == l.v6 {
				t.Fatalf("%s row %+v", l.name, s)
			}
		}
		if err == nil && len(table) >= 4 && len(all) != int(table[0])|int(table[1])<<8|int(table[2])<<16|int(table[3])<<24 {
			t.Fatalf("%d rows of a table that announces another number", len(all))
		}
	})
}

func BenchmarkDecodeIPHelper(b *testing.B) {
	row := readHex(b, "tcp6")[tableHeader:][:tcp6Rows.size]
	const rows = 5000
	table := []byte{rows & 0xff, rows >> 8, 0, 0, 0, 0, 0, 0}
	for range rows {
		table = append(table, row...)
	}
	var dst []Socket
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = tcp6Rows.decode(table, Endpoints, dst[:0])
	}
	if len(dst) != rows {
		b.Fatal(len(dst))
	}
}
