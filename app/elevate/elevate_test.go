package elevate

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func request() Request {
	return Request{
		PID: 4321, Start: 987654, Boot: [16]byte{0xab, 15: 1}, Socket: 77,
		Proto: "tcp", Addr: netip.MustParseAddrPort("[fe80::1%eth0]:3000"), Force: true, Grace: 1500 * time.Millisecond,
	}
}

func TestParse_ReadsWhatArgsWrote(t *testing.T) {
	hidden := request()
	hidden.PID, hidden.Start, hidden.Force = 0, 0, false
	for _, r := range []Request{request(), hidden} {
		args := r.Args()
		if args[0] != Verb {
			t.Fatalf("the verb comes first: %q", args)
		}
		got, watch, err := Parse(args[1:])
		if err != nil || watch || got != r {
			t.Errorf("got %+v %v, %v\nwant %+v", got, watch, err, r)
		}
		if got, watch, err = Parse(append(args[1:], watchFlag)); err != nil || !watch || got != r {
			t.Errorf("watching: got %+v %v, %v", got, watch, err)
		}
	}
}

func TestParse_RefusesEverythingElse(t *testing.T) {
	with := func(name, value string) []string {
		args := request().Args()[1:]
		args[slices.Index(args, name)+1] = value
		return args
	}
	good := request().Args()[1:]
	tests := []struct {
		name string
		args []string
		says string
	}{
		{"nothing", nil, "missing"},
		{"a flag left out", good[2:], "--pid is missing"},
		{"a flag without its value", []string{"--pid"}, "needs a value"},
		{"a flag twice", append(slices.Clone(good), "--pid", "5"), "twice"},
		{"a flag nobody knows", append(slices.Clone(good), "--shell", "x"), "unknown"},
		{"an argument that is no flag", append(slices.Clone(good), "x", "y"), "unknown"},
		{"flag and value in one", append([]string{"--pid=4321"}, good[2:]...), "unknown"},
		{"the first process", with("--pid", "1"), "never"},
		{"a process group", with("--pid", "-4321"), "never"},
		{"a PID too large", with("--pid", "4294967297"), "--pid"},
		{"no number", with("--pid", "4321;id"), "--pid"},
		{"a process without its start", with("--start", "0"), "start"},
		{"a short boot id", with("--boot", "ab"), "--boot"},
		{"no hexadecimal", with("--boot", strings.Repeat("g", 32)), "--boot"},
		{"another protocol", with("--proto", "sctp"), "protocol"},
		{"a name for an address", with("--addr", "localhost:80"), "--addr"},
		{"no port", with("--addr", "127.0.0.1:0"), "port"},
		{"no grace", with("--grace", "0s"), "grace"},
		{"a negative grace", with("--grace", "-1s"), "grace"},
		{"a grace too long", with("--grace", "61s"), "grace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r, _, err := Parse(tt.args); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %+v, %v; want an error about %q", r, err, tt.says)
			}
		})
	}
	hidden := request()
	hidden.PID, hidden.Socket = 0, 0
	if _, _, err := Parse(hidden.Args()[1:]); err == nil {
		t.Error("neither process nor socket is no target")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(strings.Join(request().Args()[1:], "\x00"))
	f.Add("--pid\x00\x00--force\x00--addr\x00[::]:1")
	f.Fuzz(func(t *testing.T, joined string) {
		r, watch, err := Parse(strings.Split(joined, "\x00"))
		if err != nil {
			return
		}
		if err := r.check(); err != nil {
			t.Fatalf("%q was read as %+v: %v", joined, r, err)
		}
		args := r.Args()[1:]
		if watch {
			args = append(args, watchFlag)
		}
		if again, w, err := Parse(args); err != nil || again != r || w != watch {
			t.Errorf("%+v is written as %q and read as %+v, %v", r, args, again, err)
		}
	})
}

func TestResult_CodeTellsItsEnding(t *testing.T) {
	seen := make(map[int]bool)
	for _, e := range endings {
		code := Result{Ending: e}.Code()
		got, ok := fromCode(code)
		if !ok || got.Ending != e || seen[code] || code < 3 || code >= 126 {
			t.Errorf("%s: code %d tells %+v", e, code, got)
		}
		seen[code] = true
	}
	if got, ok := fromCode(Result{Blocked: "protected"}.Code()); !ok || got.Blocked == "" {
		t.Errorf("blocked is read as %+v", got)
	}
	for _, code := range []int{0, 1, 2, 126, 127} {
		if r, ok := fromCode(code); ok {
			t.Errorf("%d tells %+v", code, r)
		}
	}
	if code := (Result{Error: "x"}).Code(); code != 1 {
		t.Errorf("an error is told as %d", code)
	}
}

func TestSudo(t *testing.T) {
	got := Sudo("/opt/portlight", request())
	want := []string{"sudo", "/opt/portlight", "kill", "3000", "--pid", "4321", "--force"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
