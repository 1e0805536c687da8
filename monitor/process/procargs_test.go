package process

import (
	"slices"
	"strings"
	"testing"
)

func TestParseProcArgs(t *testing.T) {
	const two, none = "\x02\x00\x00\x00", "\x00\x00\x00\x00"
	tests := []struct {
		sentence, bytes, exe string
		args                 []string
	}{
		{"path, padding, arguments, environment", two + "/usr/bin/node\x00\x00\x00node\x00server.js\x00SECRET=1\x00", "/usr/bin/node", []string{"node", "server.js"}},
		{"an argument may be empty", two + "/bin/echo\x00\x00echo\x00\x00HOME=/\x00", "/bin/echo", []string{"echo", ""}},
		{"a program started without arguments", none + "/bin/true\x00\x00PATH=/bin\x00", "/bin/true", nil},
		{"a relative path names nothing", two + "./server\x00\x00./server\x00-v\x00", "", []string{"./server", "-v"}},
		{"an argument that is cut off is left out", two + "/bin/sh\x00\x00sh\x00-c ec", "/bin/sh", []string{"sh"}},
		{"a negative count means none", "\xff\xff\xff\xff/bin/sh\x00\x00sh\x00", "/bin/sh", nil},
		{"nothing at all", "", "", nil},
		{"a count alone", two, "", nil},
	}
	for _, tt := range tests {
		exe, args := parseProcArgs([]byte(tt.bytes))
		if exe != tt.exe || !slices.Equal(args, tt.args) {
			t.Errorf("%s: %q %q, want %q %q", tt.sentence, exe, args, tt.exe, tt.args)
		}
	}
}

// The environment holds secrets: whatever the bytes, no more strings come out
// than the count allows.
func FuzzParseProcArgs(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00/usr/bin/node\x00\x00\x00node\x00server.js\x00SECRET=1\x00"))
	f.Add([]byte("\xff\xff\xff\x7f/\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		exe, args := parseProcArgs(b)
		if len(args) > 0 && len(args) > int(b[0])|int(b[1])<<8|int(b[2])<<16|int(b[3])<<24 {
			t.Errorf("%d arguments of %x", len(args), b[:4])
		}
		if strings.Contains(exe+strings.Join(args, ""), "\x00") {
			t.Errorf("a NUL in %q %q", exe, args)
		}
	})
}
