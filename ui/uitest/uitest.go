// Package uitest shows pages to tests: in a theme, in a language, with a
// made-up machine that looks like a real one.
package uitest

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
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
// it writes that file. Chinese says that there is Chinese to be seen: Fyne has
// no Chinese font and takes one of the system's, so such a picture can be
// compared only where that is the font of the one who made it.
func Golden(t *testing.T, name string, c fyne.Canvas, chinese bool) {
	t.Helper()
	img := c.Capture()
	if *update {
		write(t, filepath.Join("testdata", name+".png"), img)
		return
	}
	if chinese && !sameChinese(t) {
		t.Skip("Chinese is drawn with another font here than in testdata (there: Debian's fonts-droid-fallback)")
	}
	test.AssertImageMatches(t, name+".png", img)
}

// chineseFont is the SHA-256 of a line of Chinese, drawn with Debian 12's
// fonts-droid-fallback.
const chineseFont = "756cb1b252be3fda0b1dc8b73bc2788e53ae67ac0507466aadd1a72d4632b9a6"

func sameChinese(t *testing.T) bool {
	t.Helper()
	text := canvas.NewText("端口监听 占用者", color.Black)
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(text)
	c.Resize(fyne.NewSize(160, 24))
	h := sha256.New()
	if err := png.Encode(h, c.Capture()); err != nil {
		t.Fatal(err)
	}
	got := hex.EncodeToString(h.Sum(nil))
	t.Logf("Chinese drawn here has the SHA-256 %s", got)
	return got == chineseFont
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
	// Few colours in large areas: packed well, a page is a tenth of its size.
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
