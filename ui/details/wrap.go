package details

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// wrap breaks text into lines no wider than room: after a space, or within a
// path after a slash, where there is one; anywhere else if there isn't.
func wrap(text string, room, size float32, style fyne.TextStyle) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n") {
		for {
			n := fitting(part, room, size, style)
			if n == len(part) {
				out = append(out, part)
				break
			}
			cut := n
			if i := strings.LastIndexAny(part[:n], " /"); i > n/3 {
				cut = i + 1
			}
			out = append(out, strings.TrimRight(part[:cut], " "))
			part = strings.TrimLeft(part[cut:], " ")
		}
	}
	return out
}

// fitting returns how many bytes of text fit into room, at least one
// character's.
func fitting(text string, room, size float32, style fyne.TextStyle) int {
	if fyne.MeasureText(text, size, style).Width <= room {
		return len(text)
	}
	cuts := make([]int, 0, len(text))
	for i := range text {
		cuts = append(cuts, i)
	}
	lo, hi := 1, len(cuts)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if fyne.MeasureText(text[:cuts[mid]], size, style).Width <= room {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	if lo >= len(cuts) {
		_, n := utf8.DecodeRuneInString(text)
		return max(n, 1)
	}
	return cuts[lo]
}
