package view

import "testing"

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "3000", "3000-3999", "-3000", "3000,8080", ":3000", "0", "70000", "3999-3000", "3000-", "node", `"my app"`, `-"a \" b"`,
		"proto:tcp", "proto:", "pid:42", `process:"a,b",c`, "user:alice", `user:"a b"`, `user:DOM\x`, "state:time-wait", "addr:127.", "addr:10.0.0.0/8",
		"addr:fe80::1%eth0", "addr:*", "foo:bar", "-", `"`, `"foo:bar"`, "a\"b c\"d", "\xff", "İ", "127.0.0.1:80",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			pe, ok := err.(*ParseError)
			if !ok || pe.Pos < 0 || pe.Pos > len(s) || pe.Error() == "" {
				t.Fatalf("Parse(%q): bad error %#v", s, err)
			}
			return
		}
		again, err := Parse(q.String())
		if err != nil {
			t.Fatalf("Parse(%q) = %q, which doesn't parse: %v", s, q, err)
		}
		if again.String() != q.String() {
			t.Fatalf("Parse(%q) = %q, read back as %q", s, q, again)
		}
	})
}
