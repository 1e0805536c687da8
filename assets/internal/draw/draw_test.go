package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const icons = "../../icons"

// Pixels are compared, not bytes: another compiler's deflate or fused
// multiply-add may differ where no eye can see it.
func TestCommittedIconsAreWhatTheProgramDraws(t *testing.T) {
	files := Files()
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(icons, name))
		if err != nil {
			t.Errorf("%v; run go generate ./assets", err)
			continue
		}
		if bytes.Equal(got, want) {
			continue
		}
		if !strings.HasSuffix(name, ".png") || !samePixels(t, got, want) {
			t.Errorf("%s is stale; run go generate ./assets", name)
		}
	}
	entries, err := os.ReadDir(icons)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()] == nil {
			t.Errorf("%s is drawn by nobody", e.Name())
		}
	}
}

func samePixels(t *testing.T, a, b []byte) bool {
	t.Helper()
	x, errX := png.Decode(bytes.NewReader(a))
	y, errY := png.Decode(bytes.NewReader(b))
	if errX != nil || errY != nil || x.Bounds() != y.Bounds() {
		return false
	}
	for py := range x.Bounds().Dy() {
		for px := range x.Bounds().Dx() {
			r, g, b, a := x.At(px, py).RGBA()
			r2, g2, b2, a2 := y.At(px, py).RGBA()
			for _, d := range []int{int(r) - int(r2), int(g) - int(g2), int(b) - int(b2), int(a) - int(a2)} {
				if max(d, -d) > 2*257 {
					return false
				}
			}
		}
	}
	return true
}

// Whoever sees no colours must still tell the states apart, in a 16 pixel
// corner of the screen.
func TestStatesDifferInShapeAlone(t *testing.T) {
	for _, size := range []int{16, 22, 44} {
		for a := range States {
			for b := range a {
				differ := differing(Tray(State(a), size, true), Tray(State(b), size, true))
				if share := float64(differ) / float64(size*size); share < 0.05 {
					t.Errorf("at %d pixels %s and %s differ in %.1f %% of the picture, want 5", size, States[a], States[b], share*100)
				}
			}
		}
	}
}

func differing(a, b *image.NRGBA) (n int) {
	for i := 3; i < len(a.Pix); i += 4 {
		if d := int(a.Pix[i]) - int(b.Pix[i]); max(d, -d) > 127 {
			n++
		}
	}
	return n
}

func TestTrayColoursShowOnLightAndDarkPanels(t *testing.T) {
	for _, c := range []color.NRGBA{teal, grey, blue, amber, red} {
		l := luminance(c)
		if white, dark := 1.05/(l+.05), (l+.05)/.05; white < 3 || dark < 3 {
			t.Errorf("%v: contrast %.2f to white and %.2f to black, want 3", c, white, dark)
		}
	}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+.055)/1.055, 2.4)
	}
	return .2126*lin(c.R) + .7152*lin(c.G) + .0722*lin(c.B)
}
