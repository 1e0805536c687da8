//go:build desktop && linux

package desktop

import (
	"encoding/json"
	"fmt"
	"image/color"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// primary is the colour of the button that does what a dialog is for, in the
// light theme (ui/theme/palette.go).
var primary = color.RGBA{0x15, 0x58, 0xc0, 0xff}

// Where the button that exports is in a window of 1280 pixels, and the one
// that reveals, beside no other, in its details.
const exportX, revealX, revealY = 1222, 950, 107

// saved waits for the only file of that ending in the session's home.
func saved(t *testing.T, d *desk.Desktop, ending string) string {
	t.Helper()
	var text []byte
	stage.Eventually(t, stage.Patience, "a file "+ending, func() (bool, string) {
		files, _ := filepath.Glob(filepath.Join(d.Home(), "*"+ending))
		if len(files) != 1 {
			return false, fmt.Sprint(files)
		}
		text, _ = os.ReadFile(files[0])
		return len(text) > 0, "it is empty"
	})
	return string(text)
}

func TestWhatIsShownIsExported(t *testing.T) {
	d, a := open(t, "")
	c, other := server(t), server(t)
	a.AwaitRow(other.Port)
	a.AwaitRow(c.Port)
	d.Key("slash")
	d.Type(fmt.Sprint(c.Port))
	a.Await("only that port's row", func(s desk.State) bool { return s.Only(c.Port) })

	t.Log("as JSON, by mouse")
	d.ClickIn(a.Window, exportX, 23, 1)
	save := d.AwaitPatch(a.Window, primary)
	d.Screenshot(a.Window, "export")
	d.ClickIn(a.Window, (save.Min.X+save.Max.X)/2, (save.Min.Y+save.Max.Y)/2, 1)
	got := document(t, saved(t, d, ".json"))
	p := stage.Build(t)
	want := document(t, p.Run(t, []string{"list", "--json", fmt.Sprint(c.Port)}).Stdout)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("exported:\n%v\nwant what portlight list prints:\n%v", got, want)
	}
	d.AwaitNoPatch(a.Window, primary)

	t.Log("as CSV, by keyboard")
	d.ClickIn(a.Window, exportX, 23, 1)
	d.AwaitPatch(a.Window, primary)
	d.Key("ctrl+a")
	d.Type("ports.csv")
	d.Key("Return")
	lines := strings.Split(strings.TrimSpace(saved(t, d, ".csv")), "\n")
	printed := strings.Split(p.Run(t, []string{"list", "--csv", fmt.Sprint(c.Port)}).Stdout, "\n")
	if len(lines) != 2 || lines[0] != printed[0] || !strings.Contains(lines[1], fmt.Sprint(c.Port)) {
		t.Errorf("exported:\n%s\nwant the header and one row of:\n%s", strings.Join(lines, "\n"), strings.Join(printed, "\n"))
	}
}

// document reads what is exported, but for the times of one reading.
func document(t *testing.T, text string) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if d["schema"] != 1.0 || d["taken_at"] == nil || len(d["endpoints"].([]any)) != 1 {
		t.Fatalf("no document of schema 1 with one endpoint: %s", text)
	}
	delete(d, "taken_at")
	delete(d, "warnings")
	endpoint := d["endpoints"].([]any)[0].(map[string]any)
	delete(endpoint, "first_seen")
	for _, h := range endpoint["holders"].([]any) {
		delete(h.(map[string]any), "verified_at")
	}
	return d
}

func TestAProgramIsRevealed(t *testing.T) {
	d, a := open(t, "")
	c := server(t)
	files := d.OwnFileManager()
	a.AwaitRow(c.Port)
	d.Key("ctrl+k")
	d.Type(fmt.Sprint(c.Port))
	d.Key("Return")
	a.Await("the details", func(s desk.State) bool { return s.Details && s.Selects(c.Port) })
	d.Settle(a.Window)
	d.ClickIn(a.Window, revealX, revealY, 1)
	stage.Eventually(t, stage.Patience, "the file manager is asked", func() (bool, string) {
		shown := files.Shown()
		if len(shown) != 1 {
			return false, fmt.Sprint(shown)
		}
		u, err := url.Parse(shown[0])
		return err == nil && u.Scheme == "file" && filepath.Base(u.Path) == "storefront", shown[0]
	})
}
