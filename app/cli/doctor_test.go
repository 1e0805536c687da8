package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestDoctor_namesEveryCause(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		for _, columns := range []int{80, 120} {
			e := office()
			var all strings.Builder
			for _, port := range slices.Sorted(maps.Keys(e.diagnoses)) {
				r := run(t, office(), columns, "doctor", fmt.Sprint(port))
				fmt.Fprintf(&all, "$ portlight doctor %d\n%s%s(exit %d)\n\n", port, r.stdout, r.stderr, r.code)
				tooWide(t, r.stdout, columns, "/home/alice", "SO_REUSEADDR")
			}
			golden(t, fmt.Sprintf("doctor-%d-%s.txt", columns, name), all.String())
		}
	}
}

// tooWide complains of lines wider than the terminal, but for those that hold
// what must not be broken.
func tooWide(t *testing.T, text string, columns int, except ...string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if width(line) > columns && !slices.ContainsFunc(except, func(s string) bool { return strings.Contains(line, s) }) {
			t.Errorf("%d columns wide in %d: %s", width(line), columns, line)
		}
	}
}

func TestDoctor_exitsAsItsVerdict(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for args, code := range map[string]int{
		"doctor 9":                           0, // free
		"doctor 8009":                        0, // free with SO_REUSEADDR
		"doctor 3000":                        2,
		"doctor 3000 --json":                 2,
		"doctor 8010":                        1, // could not be told
		"doctor 8010 --json":                 1,
		"doctor":                             1,
		"doctor 0":                           1,
		"doctor 70000":                       1,
		"doctor abc":                         1,
		"doctor 1 2":                         1,
		"doctor 9 --proto sctp":              1,
		"doctor 9 --address localhost":       1,
		"doctor 9 --address ::1 --proto UDP": 0,
		"doctor 9 --address [::1] --probe":   0,
	} {
		r := run(t, office(), 0, strings.Fields(args)...)
		if r.code != code {
			t.Errorf("%s: exit %d, want %d\n%s%s", args, r.code, code, r.stdout, r.stderr)
		}
		if strings.Contains(args, "--json") && !json.Valid([]byte(r.stdout)) {
			t.Errorf("%s: no JSON: %q", args, r.stdout)
		}
		if code == 1 && !strings.Contains(args, "8010") && (strings.Count(r.stderr, "\n") != 1 || r.stdout != "") {
			t.Errorf("%s: want one clear line: %q %q", args, r.stdout, r.stderr)
		}
	}
}

func TestWrap_breaksWhereItMay(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"short", 20, []string{"short"}},
		{"one two three four five six", 20, []string{"one two three four", "five six"}},
		{strings.Repeat("x", 45), 20, []string{strings.Repeat("x", 20), strings.Repeat("x", 20), strings.Repeat("x", 5)}},
		{"端口三千被占用，由另一个程序所占用着", 20, []string{"端口三千被占用，由另", "一个程序所占用着"}},
		{"any width below what is sensible is none at all", 5, []string{"any width below what is sensible is none at all"}},
	} {
		if got := wrap(c.text, c.n); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
