// Package uitest shows pages to tests: in a theme, in a language, with a
// made-up machine that looks like a real one.
package uitest

import (
	"embed"
	"encoding/json"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/assets"
	"github.com/portlight-app/portlight/ui/theme"
)

var update = flag.Bool("update", false, "write golden images instead of comparing with them")

// App starts a test app in a theme and a language ("en" or "zh").
func App(t testing.TB, language string, choice theme.Choice) fyne.App {
	t.Helper()
	Speak(t, language)
	a := test.NewTempApp(t)
	a.Settings().SetTheme(theme.New(choice))
	return a
}

// Speak loads the language's texts. Fyne asks the environment which language
// to speak whenever texts are added.
func Speak(t testing.TB, language string) {
	t.Helper()
	locale := map[string]string{"en": "en_US.UTF-8", "zh": "zh_CN.UTF-8"}[language]
	t.Setenv("LANGUAGE", "")
	t.Setenv("LC_ALL", locale)
	for l, tag := range map[string]fyne.Locale{"en": "en", "zh": "zh-Hans"} {
		if err := lang.AddTranslationsForLocale(texts(t, assets.Translations, l), tag); err != nil {
			t.Fatal(err)
		}
	}
}

// texts joins all parts' texts of a language.
func texts(t testing.TB, fs embed.FS, language string) []byte {
	t.Helper()
	all := map[string]json.RawMessage{}
	parts, err := fs.ReadDir("translations")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		b, err := fs.ReadFile("translations/" + p.Name() + "/" + language + ".json")
		if err != nil {
			continue // a part without words
		}
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatalf("translations of %s to %s: %v", p.Name(), language, err)
		}
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Golden compares what the canvas shows with testdata/NAME.png; with -update
// it writes that file.
func Golden(t *testing.T, name string, c fyne.Canvas) {
	t.Helper()
	img := c.Capture()
	if *update {
		write(t, filepath.Join("testdata", name+".png"), img)
		return
	}
	test.AssertImageMatches(t, name+".png", img)
}

func write(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
