package table

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// Fit cuts text that is wider than room and puts an ellipsis at its end.
func Fit(text string, room, size float32, style fyne.TextStyle) string {
	if text == "" {
		return ""
	}
	// No glyph is wider than the text is high, or nearly so: most texts are
	// far from their limit and needn't be measured.
	if float32(utf8.RuneCountInString(text))*size <= room || width(text, size, style) <= room {
		return text
	}
	// Kerning and ligatures are small beside an ellipsis: search for the last
	// cut that fits.
	cuts := make([]int, 0, len(text))
	for i := range text {
		cuts = append(cuts, i)
	}
	lo, hi := 0, len(cuts)-1 // cuts[lo] fits, cuts[hi+1] doesn't
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if width(text[:cuts[mid]]+"…", size, style) <= room {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	if lo == 0 {
		return "…"
	}
	return text[:cuts[lo]] + "…"
}

func width(text string, size float32, style fyne.TextStyle) float32 {
	return fyne.MeasureText(text, size, style).Width
}
