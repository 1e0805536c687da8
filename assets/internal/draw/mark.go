package draw

import (
	"image"
	"image/color"
	"math"
)

// State is what a tray icon tells by its shape first and its colour second.
type State int

// The states, in the order of assets.TrayState.
const (
	Normal  State = iota
	Changed       // a dot: something happened
	Warning       // a triangle: look at it
	Paused        // two bars, no lamp: notifications are off
	Error         // a cross: the ports can't be read
)

// States names the states as the files are named.
var States = [...]string{"normal", "changed", "warning", "paused", "error"}

// Colours of the tray are mid-tones that keep a contrast of at least 3:1 to
// white and to black panels alike (WCAG 2.2, 1.4.11), because nobody tells us
// the panel's colour.
var (
	teal  = color.NRGBA{0x1c, 0x8f, 0xa6, 0xff}
	grey  = color.NRGBA{0x80, 0x86, 0x8b, 0xff}
	blue  = color.NRGBA{0x3b, 0x82, 0xf6, 0xff}
	amber = color.NRGBA{0xc2, 0x7c, 0x0e, 0xff}
	red   = color.NRGBA{0xe0, 0x3e, 0x3e, 0xff}
	lamp  = color.NRGBA{0xff, 0xc5, 0x3d, 0xff}
	night = color.NRGBA{0x0d, 0x2f, 0x3a, 0xff}
	black = color.NRGBA{0, 0, 0, 0xff}
)

type layer struct {
	shape
	fill color.NRGBA
}

// snapped moves a coordinate of the unit square to the nearest pixel edge, so
// that small icons have sharp sides.
func snapped(v float64, size int) float64 { return math.Round(v*float64(size)) / float64(size) }

// socket is the mark's outline: a jack seen from the front, with its hole.
func socket(size int) shape {
	at := func(v float64) float64 { return snapped(v, size) }
	body := box(at(.06), at(.06), at(.94), at(.94), .16)
	hole := union(
		box(at(.20), at(.20), at(.80), at(.66), .05),
		box(at(.36), at(.5), at(.64), at(.80), .04),
	)
	return subtract(body, hole)
}

// Tray draws the icon of one state; template icons are black, for systems
// that colour them themselves (macOS).
func Tray(s State, size int, template bool) *image.NRGBA {
	fill := func(c color.NRGBA) color.NRGBA {
		if template {
			return black
		}
		return c
	}
	frame, light := socket(size), disc(.5, .43, .15)
	if s == Paused {
		bars := union(box(.34, .27, .455, .60, .02), box(.545, .27, .66, .60, .02))
		return paint(size, layer{frame, fill(grey)}, layer{bars, fill(grey)})
	}
	var badge shape
	var tint color.NRGBA
	switch s {
	case Changed:
		badge, tint = disc(.76, .76, .22), blue
	case Warning:
		badge, tint = triangle(.70, .44, .98, .30), amber
	case Error:
		badge, tint = union(stroke(.56, .56, .90, .90, .16), stroke(.90, .56, .56, .90, .16)), red
	default:
		return paint(size, layer{frame, fill(teal)}, layer{light, fill(teal)})
	}
	// A gap around the badge keeps its shape readable in one colour.
	cut := grow(badge, max(.07, 1.2/float64(size)))
	return paint(size,
		layer{subtract(frame, cut), fill(teal)}, layer{subtract(light, cut), fill(teal)},
		layer{badge, fill(tint)})
}

// App draws the program's icon: the mark on a dark ground, its lamp lit.
func App(size int) *image.NRGBA {
	at := func(v float64) float64 { return snapped(v, size) }
	ground := box(at(.03), at(.03), at(.97), at(.97), .2)
	hole := union(
		box(at(.17), at(.20), at(.83), at(.67), .05),
		box(at(.34), at(.5), at(.66), at(.84), .05),
	)
	return paint(size,
		layer{ground, teal},
		layer{hole, night},
		layer{disc(.5, .435, .21), alpha(lamp, 0x50)},
		layer{disc(.5, .435, .13), lamp})
}

func alpha(c color.NRGBA, a uint8) color.NRGBA { c.A = a; return c }

// paint lays the layers over each other.
func paint(size int, layers ...layer) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	n := float64(size)
	for py := range size {
		for px := range size {
			var r, g, b, a float64 // premultiplied
			x, y := (float64(px)+.5)/n, (float64(py)+.5)/n
			for _, l := range layers {
				cover := min(max(.5-l.shape(x, y)*n, 0), 1) * float64(l.fill.A) / 255
				r = r*(1-cover) + float64(l.fill.R)*cover
				g = g*(1-cover) + float64(l.fill.G)*cover
				b = b*(1-cover) + float64(l.fill.B)*cover
				a = a*(1-cover) + cover
			}
			if a > 0 {
				img.SetNRGBA(px, py, color.NRGBA{round(r / a), round(g / a), round(b / a), round(a * 255)})
			}
		}
	}
	return img
}

func round(v float64) uint8 { return uint8(math.Round(min(v, 255))) }
