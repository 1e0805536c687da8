package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestOrphans_areShownByProject(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		for _, columns := range []int{80, 120} {
			r := run(t, office(), columns, "orphans")
			tooWide(t, r.stdout, columns)
			golden(t, fmt.Sprintf("orphans-%d-%s.txt", columns, name), r.stdout+r.stderr)
		}
	}
}

func TestOrphans_areEndedOnlyWithAgreement(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		is, args string
		typed    []string
		code     int
		ended    int
	}{
		{"shown only", "", nil, 0, 0},
		{"as JSON", "--json", nil, 0, 0},
		{"a dry run", "--clean --dry-run", nil, 0, 0},
		{"no terminal", "--clean", nil, 1, 0},
		{"no", "--clean", []string{"n"}, 1, 0},
		{"yes", "--clean", []string{"y"}, 0, 3},
		{"--yes", "--clean --yes", nil, 0, 3},
		{"--yes as JSON", "--clean --yes --json", nil, 0, 3},
		{"JSON asks nothing", "--clean --json", []string{"y"}, 1, 0},
		{"--yes alone", "--yes", nil, 1, 0},
		{"an argument", "3000", nil, 1, 0},
	} {
		e := office()
		var r result
		if args := append([]string{"orphans"}, strings.Fields(c.args)...); c.typed == nil {
			r = run(t, e, 0, args...)
		} else {
			r = runTyping(t, t.Context(), e, 80, plain, typed(c.typed...), args...)
		}
		if r.code != c.code || len(e.orders) != c.ended {
			t.Errorf("%s: exit %d, %d ended: %q %q", c.is, r.code, len(e.orders), r.stdout, r.stderr)
		}
		if strings.Contains(c.args, "--json") && !json.Valid([]byte(r.stdout)) {
			t.Errorf("%s: no JSON: %q", c.is, r.stdout)
		}
		if strings.Contains(c.args, "--clean") && e.discarded != 3 {
			t.Errorf("%s: %d plans were let go", c.is, e.discarded)
		}
	}
	e := office()
	e.freer.orphans = nil
	if r := run(t, e, 0, "orphans", "--clean"); r.code != 2 {
		t.Errorf("none: exit %d", r.code)
	}
}
