package plain

import "testing"

func TestSentence(t *testing.T) {
	for s, want := range map[string]string{
		"freed port 3000 in 0.4 s": "Freed port 3000 in 0.4 s",
		"":                         "",
		"éteint\nnode":             "Éteint node",
		"nftables 规则：drop":         "nftables 规则：drop",
		"127.0.0.1 reaches tcp":    "127.0.0.1 reaches tcp",
	} {
		if got := Sentence(s, 80); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
