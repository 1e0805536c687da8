//go:build linux

package desk

import (
	"fmt"
	"image"
	"image/color"
	_ "image/png" // screenshots
	"os"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// Look returns the window's pixels.
func (d *Desktop) Look(w Window) image.Image {
	d.t.Helper()
	return load(d.t, d.Screenshot(w, "last-look"))
}

func load(t testing.TB, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// AwaitPatch waits until the window shows a filled area of the colour, at least
// as large as a button, and returns its place inside the window: how a person
// finds the red button, whatever its text. Text and lines of that colour are
// too thin to count.
func (d *Desktop) AwaitPatch(w Window, c color.RGBA) image.Rectangle {
	d.t.Helper()
	var found image.Rectangle
	stage.Eventually(d.t, stage.Patience, "a filled area of the colour", func() (bool, string) {
		found = patch(d.Look(w), c)
		return !found.Empty(), "none"
	})
	return found
}

// AwaitPatchIn is AwaitPatch within a part of the window.
func (d *Desktop) AwaitPatchIn(w Window, c color.RGBA, in image.Rectangle) image.Rectangle {
	d.t.Helper()
	var found image.Rectangle
	stage.Eventually(d.t, stage.Patience, "a filled area of the colour, there", func() (bool, string) {
		img, ok := d.Look(w).(interface {
			SubImage(image.Rectangle) image.Image
		})
		if ok {
			found = patch(img.SubImage(in), c)
		}
		return !found.Empty(), "none"
	})
	return found
}

// AwaitNoPatch waits until there is no such area.
func (d *Desktop) AwaitNoPatch(w Window, c color.RGBA) {
	d.t.Helper()
	stage.Eventually(d.t, stage.Patience, "the filled area goes", func() (bool, string) {
		return patch(d.Look(w), c).Empty(), "it is there"
	})
}

// AwaitColour waits until something in that part of the window, a small sign
// will do, has the colour, and returns its middle.
func (d *Desktop) AwaitColour(w Window, c color.RGBA, in image.Rectangle) image.Point {
	d.t.Helper()
	var middle image.Point
	stage.Eventually(d.t, stage.Patience, "something of the colour", func() (bool, string) {
		img := d.Look(w)
		var sum image.Point
		n := 0
		for y := in.Min.Y; y < in.Max.Y; y++ {
			for x := in.Min.X; x < in.Max.X; x++ {
				if near(img.At(x, y), c) {
					sum = sum.Add(image.Pt(x, y))
					n++
				}
			}
		}
		if n > 0 {
			middle = sum.Div(n)
		}
		return n >= 12, fmt.Sprint(n, " pixels")
	})
	return middle
}

// near allows for the edges of drawn lines.
func near(a color.Color, b color.RGBA) bool {
	r, g, bl, _ := a.RGBA()
	off := func(x uint32, y uint8) int { return max(int(x>>8)-int(y), int(y)-int(x>>8)) }
	return off(r, b.R)+off(g, b.G)+off(bl, b.B) < 24
}

// Differ counts the pixels in which two pictures differ there.
func Differ(a, b image.Image, in image.Rectangle) int {
	n := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return n
}

// patch finds the first run of the colour that is 24 pixels wide and has
// another 8 below it, and the area of the colour around it.
func patch(img image.Image, c color.RGBA) image.Rectangle {
	const wide, deep = 24, 8
	b := img.Bounds()
	is := func(x, y int) bool {
		r, g, bl, _ := img.At(x, y).RGBA()
		return uint8(r>>8) == c.R && uint8(g>>8) == c.G && uint8(bl>>8) == c.B
	}
	for y := b.Min.Y; y < b.Max.Y-deep; y++ {
		run := 0
		for x := b.Min.X; x < b.Max.X; x++ {
			if !is(x, y) {
				run = 0
				continue
			}
			if run++; run < wide || !is(x-wide+1, y+deep) {
				continue
			}
			left, right := x-wide+1, x
			for right+1 < b.Max.X && is(right+1, y) {
				right++
			}
			bottom := y
			for bottom+1 < b.Max.Y && is(left, bottom+1) {
				bottom++
			}
			return image.Rect(left, y, right+1, bottom+1)
		}
	}
	return image.Rectangle{}
}

// Settle waits until the window shows the same picture twice in a row, a
// moment apart: what was to be drawn is drawn. The status bar at the lower edge
// counts seconds and doesn't matter.
func (d *Desktop) Settle(w Window) {
	d.t.Helper()
	var last image.Image
	stage.Eventually(d.t, stage.Patience, "the window has drawn itself", func() (bool, string) {
		time.Sleep(150 * time.Millisecond)
		now := d.Look(w)
		same := last != nil && equal(last, now, 40)
		last = now
		return same, "still changing"
	})
}

// equal compares two pictures but for the lowest rows.
func equal(a, b image.Image, but int) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y-but; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}
