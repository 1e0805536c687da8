package details

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

func TestWrappedTextFitsAndLosesNothingButSpaces(t *testing.T) {
	uitest.App(t, "en", theme.Light)
	style := fyne.TextStyle{Monospace: true}
	for _, text := range []string{"", "x", "/usr/lib/postgresql/16/bin/postgres -D /var/lib/postgresql/16/main", strings.Repeat("a", 300), "a\nb", "很长的命令行参数没有任何空格可以换行的地方"} {
		for _, room := range []float32{1, 40, 120, 400} {
			lines := wrap(text, room, 12, style)
			if got, want := strip(strings.Join(lines, "")), strip(text); got != want {
				t.Errorf("%q in %v became %q", text, room, got)
			}
			for _, l := range lines {
				if w := fyne.MeasureText(l, 12, style).Width; w > room && len([]rune(l)) > 1 {
					t.Errorf("%q is %v wide in %v", l, w, room)
				}
			}
		}
	}
}

func strip(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
