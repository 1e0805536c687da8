package doctor

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/monitor/sockets"
)

func recordedRules(t testing.TB) (ruleset []byte, text string) {
	t.Helper()
	ruleset, err := os.ReadFile("testdata/ruleset.json")
	if err != nil {
		t.Fatal(err)
	}
	words, err := os.ReadFile("testdata/ruleset.txt")
	if err != nil {
		t.Fatal(err)
	}
	return ruleset, string(words)
}

// The rules were printed by nft 1.0.6.
func TestParseNft_FollowsAPacketThroughTheRules(t *testing.T) {
	ruleset, text := recordedRules(t)
	const byPolicy = "inet filter input: policy drop"
	for _, tt := range []struct {
		name  string
		proto sockets.Proto
		port  uint16
		want  []string
	}{
		{"a port with a rule of its own is open", sockets.TCP, 22, nil},
		{"but not for the other protocol", sockets.UDP, 22, []string{byPolicy + " maybe"}},
		{"a port of a named set too", sockets.TCP, 80, nil},
		{"and of a range in it", sockets.TCP, 8005, nil},
		{"a later table may close what an earlier opened", sockets.TCP, 443, []string{"ip other in: tcp dport 443 drop certain"}},
		{"a refusal is quoted", sockets.TCP, 5432, []string{"inet filter input: tcp dport 5432 reject with tcp reset maybe"}},
		{"some addresses may be let in", sockets.TCP, 3000, []string{byPolicy + " maybe"}},
		{"a jump returns for some", sockets.TCP, 9005, nil},
	} {
		got, err := parseNft(ruleset, text, tt.proto, tt.port)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, b := range got {
			words = append(words, b.Evidence+map[bool]string{true: " certain", false: " maybe"}[b.Certain])
		}
		if !slices.Equal(words, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, words, tt.want)
		}
	}
}

func TestParseNft_IsCertainWhereNothingElseCouldLetItIn(t *testing.T) {
	rules := func(all ...string) []byte {
		return fmt.Appendf(nil, `{"nftables": [
			{"chain": {"family": "inet", "table": "t", "name": "in", "hook": "input", "policy": "drop"}}, %s]}`, strings.Join(all, ","))
	}
	rule := func(expr string) string {
		return fmt.Sprintf(`{"rule": {"family": "inet", "table": "t", "chain": "in", "handle": 3, "expr": [%s]}}`, expr)
	}
	accept := `{"accept": null}`
	state := `{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}`
	lo := `{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}`
	notLo := `{"match": {"op": "!=", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}`
	for _, tt := range []struct {
		name string
		b    []byte
		want []Barrier
	}{
		{"established connections and loopback are not others' first packets",
			rules(rule(state+","+accept), rule(lo+","+accept)), []Barrier{{BarrierNft, "inet t in: policy drop", true}}},
		{"everything but loopback is let in", rules(rule(notLo + "," + accept)), nil},
		{"iptables' extensions may test anything",
			rules(rule(`{"xt": null},` + accept)), []Barrier{{BarrierNft, "inet t in: policy drop", false}}},
		{"a rule without words has its handle", rules(rule(`{"drop": null}`)), []Barrier{{BarrierNft, "inet t in: handle 3 drop", true}}},
		{"a chain that isn't there", rules(rule(`{"jump": {"target": "x"}}`)), []Barrier{{BarrierNft, "inet t in: policy drop", false}}},
		{"a chain that jumps to itself ends", rules(rule(`{"jump": {"target": "in"}}`)), []Barrier{{BarrierNft, "inet t in: policy drop", true}}},
		{"no rules at all", []byte(`{"nftables": []}`), nil},
	} {
		if got, err := parseNft(tt.b, "", sockets.TCP, 80); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	if _, err := parseNft([]byte("nonsense"), "", sockets.TCP, 80); err == nil {
		t.Error("nonsense was understood")
	}
}

func FuzzParseNft(f *testing.F) {
	ruleset, text := recordedRules(f)
	f.Add(ruleset, text)
	f.Fuzz(func(t *testing.T, ruleset []byte, text string) {
		parseNft(ruleset, text, sockets.TCP, 443)
	})
}

func TestParseUFW_ReadsTheFirstRuleThatNamesThePort(t *testing.T) {
	const rules = `*filter
### RULES ###

### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 22 -j ACCEPT
### tuple ### allow any 80,443 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### deny tcp 8000:8010 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 5432 0.0.0.0/0 any 192.0.2.0/24 in
### tuple ### limit tcp 2222 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 25 0.0.0.0/0 any 0.0.0.0/0 out
### END RULES ###
`
	for _, tt := range []struct {
		name    string
		proto   sockets.Proto
		port    uint16
		accepts bool
		want    []Barrier
	}{
		{"allowed", sockets.TCP, 22, false, nil},
		{"for TCP alone", sockets.UDP, 22, false, []Barrier{{BarrierUFW, "DEFAULT_INPUT_POLICY", true}}},
		{"one of a list, for both", sockets.UDP, 443, false, nil},
		{"denied, even if all else is let in", sockets.TCP, 8005, true, []Barrier{{BarrierUFW, "deny tcp 8000:8010 0.0.0.0/0 any 0.0.0.0/0 in", true}}},
		{"allowed for some", sockets.TCP, 5432, false, []Barrier{{BarrierUFW, "DEFAULT_INPUT_POLICY", false}}},
		{"limited", sockets.TCP, 2222, false, []Barrier{{BarrierUFW, "DEFAULT_INPUT_POLICY", false}}},
		{"outgoing is another matter", sockets.TCP, 25, false, []Barrier{{BarrierUFW, "DEFAULT_INPUT_POLICY", true}}},
		{"not named, and let in", sockets.TCP, 9999, true, nil},
	} {
		if got := parseUFW(rules, tt.accepts, tt.proto, tt.port); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if !ufwEnabled("# comment\nENABLED=yes\n") || ufwEnabled("ENABLED=no") {
		t.Error("ufw.conf was misread")
	}
	if !ufwAccepts(`DEFAULT_INPUT_POLICY="ACCEPT"`) || ufwAccepts(`DEFAULT_INPUT_POLICY="DROP"`) {
		t.Error("the policy was misread")
	}
}

func FuzzParseUFW(f *testing.F) {
	f.Add("### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in")
	f.Fuzz(func(t *testing.T, rules string) { parseUFW(rules, false, sockets.TCP, 22) })
}
