// Package draw draws Portlight's icons: the mark, a network socket with a lamp
// in it, in every size and state that systems ask for. The committed files in
// assets/icons are its output; a test keeps them so.
//
// Shapes are signed distance functions in a unit square. Coverage of a pixel
// is read off the distance of its centre, which is exact enough for straight
// edges and round corners and needs no rasteriser.
package draw

import "math"

// A shape returns the distance from a point to its edge, negative inside. The
// unit square's origin is its top left corner.
type shape func(x, y float64) float64

// box is a rectangle with round corners.
func box(x0, y0, x1, y1, radius float64) shape {
	cx, cy := (x0+x1)/2, (y0+y1)/2
	hx, hy := (x1-x0)/2-radius, (y1-y0)/2-radius
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-cx)-hx, math.Abs(y-cy)-hy
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius
	}
}

func disc(cx, cy, r float64) shape {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

// stroke is a line of a width with round ends.
func stroke(x0, y0, x1, y1, width float64) shape {
	dx, dy := x1-x0, y1-y0
	return func(x, y float64) float64 {
		t := ((x-x0)*dx + (y-y0)*dy) / (dx*dx + dy*dy)
		t = min(max(t, 0), 1)
		return math.Hypot(x-x0-t*dx, y-y0-t*dy) - width/2
	}
}

// triangle points up; half is half the length of its base.
func triangle(cx, top, bottom, half float64) shape {
	h := bottom - top
	n := math.Hypot(h, half)
	return func(x, y float64) float64 {
		side := (math.Abs(x-cx)*h - (y-top)*half) / n
		return max(side, y-bottom)
	}
}

func union(shapes ...shape) shape {
	return func(x, y float64) float64 {
		d := math.Inf(1)
		for _, s := range shapes {
			d = min(d, s(x, y))
		}
		return d
	}
}

func subtract(a, b shape) shape {
	return func(x, y float64) float64 { return max(a(x, y), -b(x, y)) }
}

// grow moves a shape's edge outwards by d.
func grow(s shape, d float64) shape {
	return func(x, y float64) float64 { return s(x, y) - d }
}
