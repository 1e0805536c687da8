package plain

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"an ordinary name stays":                   {"node", "node"},
		"other scripts stay":                       {"服务 señor Ü", "服务 señor Ü"},
		"an emoji stays":                           {"🚀 app", "🚀 app"},
		"what shells and markup read is only text": {"$(x)`\"<b>&'", "$(x)`\"<b>&'"},
		"line breaks become one space":             {"a\r\n\n\tb", "a b"},
		"spaces at the ends go":                    {"  a  ", "a"},
		"a line separator is a space":              {"a\u2028b", "a b"},
		"control characters are shown to be there": {"a\x00\x1b[31mb\x7f", "a\ufffd\ufffd[31mb\ufffd"},
		"what isn't UTF-8 is shown to be there":    {"a\xff\xfeb", "a\ufffd\ufffdb"},
		"bidirectional overrides go":               {"gpj.\u202eexe.doc\u2066x\u2069", "gpj.exe.docx"},
		"zero-width characters go":                 {"no\u200bde\ufeff", "node"},
		"tag characters go":                        {"a\U000e0041\U000e007f", "a"},
		"private and unassigned are shown":         {"\ue000\uffff", "\ufffd\ufffd"},
		"a tower of marks is cut":                  {"e" + strings.Repeat("\u0301", 50) + "f", "e\u0301\u0301\u0301f"},
		"a mark without a letter goes":             {"\u0301a", "a"},
		"twelve characters fit":                    {"abcdefghijkl", "abcdefghijkl"},
		"the thirteenth is cut":                    {"abcdefghijklm", "abcdefghijk…"},
		"no space before the ellipsis":             {"abcdefghij kl", "abcdefghij…"},
		"a space and a letter too many":            {"abcdefghijk lm", "abcdefghijk…"},
		"five thousand characters are cut":         {strings.Repeat("x", 5000), "xxxxxxxxxxx…"},
		"nothing stays nothing":                    {"", ""},
		"only spaces are nothing":                  {" \t\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Text(tt.in, 12); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	f.Add("$(calc).exe\u202e\x00<b>", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit %= 200
		got := Text(s, limit)
		if n := utf8.RuneCountInString(got); n > max(limit, 0) {
			t.Errorf("%d characters, limit %d: %q", n, limit, got)
		}
		if !utf8.ValidString(got) {
			t.Errorf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' ' {
				t.Errorf("%U in %q", r, got)
			}
		}
		if again := Text(got, limit); again != got {
			t.Errorf("not stable: %q then %q", got, again)
		}
	})
}
