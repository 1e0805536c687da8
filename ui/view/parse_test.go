package view

import (
	"errors"
	"testing"
)

func TestParse_readsBackInItsShortestForm(t *testing.T) {
	for _, c := range []struct{ is, in, want string }{
		{"nothing lets everything pass", "  ", ""},
		{"a bare number is a port", "3000", "3000"},
		{"so is one with a colon before it, as errors print it", ":3000", "3000"},
		{"and one with its key", "port:3000", "3000"},
		{"a range", "3000-3999", "3000-3999"},
		{"several ports and ranges", "80,3000-3999", "80,3000-3999"},
		{"a comma still being typed after", "80,", "80"},
		{"a word", "Node", "node"},
		{"a word that begins with a number", "7zip", "7zip"},
		{"a word with a space, in quotes", `"My App"`, `"my app"`},
		{"a quoted number is a word", `"3000"`, `"3000"`},
		{"a quoted key is a word", `"foo:bar"`, `"foo:bar"`},
		{"an address with its port", "127.0.0.1:80", "80 addr:127.0.0.1,*"},
		{"the same in IPv6", "[::1]:80", "80 addr:::1,*"},
		{"with a name", "LOCALHOST:80", "80 addr:localhost,*"},
		{"every interface is no restriction", "0.0.0.0:80 *:81 [::]:82 :::83", "80 81 82 83"},
		{"a quoted address is a word", `"127.0.0.1:80"`, `"127.0.0.1:80"`},
		{"a path is a word, not a key", `/a:b ::1`, `/a:b ::1`},
		{"every term can be negated", `-node -3000 -proto:udp -"a b"`, `-node -3000 -proto:udp -"a b"`},
		{"a word may hold a minus", "docker-proxy", "docker-proxy"},
		{"keys and fixed values in any case", "PROTO:TCP State:Time-Wait", "proto:tcp state:time_wait"},
		{"several values of a key", "state:listen,bound", "state:listen,bound"},
		{"an account with a space", `user:"Jane Doe"`, `user:"jane doe"`},
		{"a program", "process:Node", "process:node"},
		{"programs whose names hold commas and spaces", `process:"My App","a,b",c`, `process:"my app","a,b",c`},
		{"a network, masked", "addr:10.1.2.3/8", "addr:10.0.0.0/8"},
		{"an IPv6 address in its short form", "addr:0:0::1", "addr:::1"},
		{"the beginning of an address", "addr:192.168.", "addr:192.168."},
		{"an escaped quote inside quotes", `"a\"b"`, `"a\"b"`},
	} {
		t.Run(c.is, func(t *testing.T) {
			q, err := Parse(c.in)
			if err != nil {
				t.Fatalf("Parse(%q): %v", c.in, err)
			}
			if got := q.String(); got != c.want {
				t.Errorf("Parse(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestParse_saysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		in   string
		code ErrorCode
		pos  int
	}{
		{"0", CodePort, 0},
		{"node 70000", CodePort, 5},
		{"99999999999999999999", CodePort, 0},
		{"80,0", CodePort, 0},
		{"1-70000", CodePort, 0},
		{"port:abc", CodePortWord, 0},
		{"port:", CodeNoValue, 0},
		{"port:,", CodeNoValue, 0},
		{"process:", CodeNoValue, 0},
		{"3999-3000", CodeBackwards, 0},
		{"3000-", CodeRange, 0},
		{"1-2-3", CodePortWord, 0},
		{"node colour:red", CodeKey, 5},
		{"node localhost:70000", CodePort, 5},
		{"localhost:abc", CodeKey, 0},
		{"node -", CodeNothing, 5},
		{`""`, CodeNothing, 0},
		{`node "my app`, CodeQuote, 5},
		{"proto:sctp", CodeProto, 0},
		{"pid:abc", CodePID, 0},
		{"pid:-1", CodePID, 0},
		{"pid:4294967296", CodePID, 0},
		{"state:open", CodeState, 0},
		{"addr:10.0.0.0/99", CodeAddr, 0},
		{"addr:example.org", CodeAddr, 0},
		{"addr::", CodeAddr, 0},
	} {
		t.Run(c.in, func(t *testing.T) {
			_, err := Parse(c.in)
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("Parse(%q) = %v, want a *ParseError", c.in, err)
			}
			if pe.Code != c.code || pe.Pos != c.pos {
				t.Errorf("Parse(%q): %s at %d, want %s at %d", c.in, pe.Code, pe.Pos, c.code, c.pos)
			}
			if s := pe.Error(); s == string(pe.Code) || s == "" {
				t.Errorf("Parse(%q): no sentence for %s", c.in, pe.Code)
			}
		})
	}
}

func TestParseTerms_takesArgumentsAsTheShellCutThem(t *testing.T) {
	q, err := ParseTerms([]string{"my app", "3000", "-user:Jane Doe", `"a b" c`})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := q.String(), `"my app" 3000 -user:"jane doe" "a b" c`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err = ParseTerms([]string{"node", "70000"})
	var pe *ParseError
	if !errors.As(err, &pe) || pe.Pos != 5 {
		t.Errorf("position of the second argument: %+v", err)
	}
}

func TestParsePort(t *testing.T) {
	for in, want := range map[string]ErrorCode{
		"3000": "", ":3000": "", "65535": "", "127.0.0.1:3000": "", ":::3000": "", "localhost:3000": "",
		"localhost:0": CodePort,
		"0":           CodePort, "70000": CodePort, "-1": CodePort, "abc": CodePortWord, "": CodePortNone, "80-90": CodePortWord, "8 0": CodePortWord,
	} {
		_, err := ParsePort(in)
		var pe *ParseError
		switch {
		case want == "" && err != nil:
			t.Errorf("ParsePort(%q): %v", in, err)
		case want != "" && (!errors.As(err, &pe) || pe.Code != want):
			t.Errorf("ParsePort(%q) = %v, want code %s", in, err, want)
		}
	}
}

func TestQuery_PortIsTheOneAskedFor(t *testing.T) {
	for in, want := range map[string]uint16{"3000": 3000, "node 80": 80, "80-81": 0, "-80": 0, "80,81": 0, "pid:80": 0} {
		q, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := q.Port(); got != want {
			t.Errorf("%q asks for %d, want %d", in, got, want)
		}
	}
}

func TestParseError_UnfinishedWhileTyping(t *testing.T) {
	for in, want := range map[string]bool{"proto:": true, "-": true, `"my`: true, "3000-": true, "proto:sctp": false, "70000": false, "colour:": false} {
		_, err := Parse(in)
		var pe *ParseError
		if !errors.As(err, &pe) || pe.Unfinished() != want {
			t.Errorf("Parse(%q) = %v, unfinished should be %v", in, err, want)
		}
	}
}
