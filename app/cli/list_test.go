package cli

import (
	"fmt"
	"strings"
	"testing"
)

var languages = map[string]string{"en": "en_US.UTF-8", "zh": "zh_CN.UTF-8"}

func TestList_fitsTheTerminal(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		for _, columns := range []int{20, 40, 60, 80, 120, 200} {
			for _, args := range [][]string{{"list"}, {"list", "--all"}} {
				r := run(t, machine(), columns, args...)
				for line := range strings.Lines(r.stdout) {
					if w := width(strings.TrimSuffix(line, "\n")); w > columns {
						t.Errorf("%v at %d columns, %s: a line is %d wide: %s", args, columns, name, w, line)
					}
				}
				if columns >= 60 {
					golden(t, fmt.Sprintf("%s-%d-%s.txt", strings.Join(args, ""), columns, name), r.stdout+r.stderr)
				}
			}
		}
	}
}

func TestList_cutsNothingWhereNobodyLooks(t *testing.T) {
	speak(t, "en_US.UTF-8")
	r := run(t, machine(), 0, "list")
	golden(t, "list-pipe-en.txt", r.stdout)
	if strings.Contains(r.stdout, "…") || r.stderr != "" {
		t.Errorf("cut, or chatter on stderr: %q", r.stderr)
	}
}

func TestOutput_hostileNamesReachNoTerminal(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, args := range [][]string{{"list"}, {"list", "--all"}, {"list", "--json"}, {"list", "--csv"}, {"who", "6666"}, {"who", "6666", "--json"},
		{"__complete", "list", "66"}, {"list", hostile + ":x"}, {"who", hostile}, {hostile}, {"--" + hostile}} {
		for _, columns := range []int{0, 80} {
			r := run(t, machine(), columns, args...)
			for _, bad := range []string{"\x1b", "\u009b"} {
				if strings.Contains(r.stdout+r.stderr, bad) {
					t.Errorf("%q at %d columns: control characters in %q %q", args, columns, r.stdout, r.stderr)
				}
			}
			if strings.Contains(r.stdout+r.stderr, "\u202e") && !strings.Contains(strings.Join(args, ""), "--") { // JSON and CSV keep what is no control character
				t.Errorf("%q: a bidirectional override in %q", args, r.stdout)
			}
		}
	}
}

func TestColours_onlyWhereTheyAreWanted(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		is      string
		columns int
		vars    map[string]string
		want    bool
	}{
		{"a terminal", 80, nil, true},
		{"no terminal", 0, nil, false},
		{"NO_COLOR", 80, map[string]string{"NO_COLOR": "1"}, false},
		{"a dumb terminal", 80, map[string]string{"TERM": "dumb"}, false},
	} {
		for _, args := range [][]string{{"list"}, {"who", "3000"}} {
			r := runEnv(t, machine(), c.columns, c.vars, args...)
			if got := strings.Contains(r.stdout+r.stderr, "\x1b["); got != c.want {
				t.Errorf("%v, %s: colours %v, want %v", args, c.is, got, c.want)
			}
			if strings.Contains(strings.ReplaceAll(r.stdout, "\x1b[0m", ""), "\x1b[2J") {
				t.Error("a name clears the screen")
			}
		}
	}
}

func TestList_sortsAndFilters(t *testing.T) {
	speak(t, "en_US.UTF-8")
	first := func(args ...string) string {
		line, _, _ := strings.Cut(run(t, machine(), 0, append([]string{"list", "--no-header"}, args...)...).stdout, "\n")
		return line
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, " 80 "}, {[]string{"--sort", "-port"}, " 6666 "}, {[]string{"--sort=process", "proto:tcp", "-port:80"}, "docker-proxy"},
		{[]string{"shop", "-node"}, "docker-proxy"}, {[]string{"-80", "-shop", "proto:udp"}, "4789"}, {[]string{"--", "-80", "proto:tcp"}, " 3000 "},
		{[]string{"-80", "--sort", "-port"}, " 6666 "},
	} {
		if got := first(c.args...); !strings.Contains(got, c.want) {
			t.Errorf("list %q begins with %q, want %q in it", c.args, got, c.want)
		}
	}
}

func TestList_readsConnectionsOnlyForAll(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := machine()
	run(t, e, 0, "list")
	if e.asked.connections {
		t.Error("list read the connections")
	}
	if r := run(t, e, 0, "list", "--all", "443"); !e.asked.connections || !strings.Contains(r.stdout, "93.184.216.34:443") {
		t.Errorf("list --all 443 shows no connection to it: %q", r.stdout)
	}
}
