package cli

import (
	"strings"
	"testing"
	"time"
)

func TestWho_tellsAStory(t *testing.T) {
	for name, locale := range languages {
		speak(t, locale)
		var all strings.Builder
		for _, port := range []string{"3000", "80", "5432", "4789", "6666", "41000", "3999", "9"} {
			r := run(t, machine(), 80, "who", port)
			all.WriteString("$ portlight who " + port + "\n" + r.stdout + r.stderr)
		}
		golden(t, "who-"+name+".txt", all.String())
	}
}

func TestSizeAndMillis(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 12345: "12.3 kB", 999_400: "999 kB", 999_999: "1 MB", 1 << 40: "1.1 TB", 1<<64 - 1: "18.4 EB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{23 * time.Microsecond: "0.023 ms", 150 * time.Millisecond: "150 ms", 1234 * time.Millisecond: "1.23e+03 ms"} {
		if got := millis(d); got != want {
			t.Errorf("millis(%v) = %q, want %q", d, got, want)
		}
	}
}
