// Package plain makes text of unknown origin safe to show.
//
// Whoever names a program or a folder chooses what others read in their menus
// and notifications. Package plain keeps what can be read and takes away what
// only steers how it is shown. It doesn't escape: that depends on where the
// text goes, and belongs there.
package plain

import (
	"strings"
	"unicode"
)

// maxMarks is how many combining marks one letter may carry. Three are enough
// for every orthography (Vietnamese needs two); more climb over other lines.
const maxMarks = 3

// Text returns s as one line of at most limit characters, an ellipsis among
// them if something was cut:
//
//   - line breaks, tabs and other white space become single spaces;
//   - format characters are removed: bidirectional overrides and isolates,
//     zero-width characters, tags (Unicode's category Cf);
//   - control characters, private and unassigned code points and what isn't
//     UTF-8 become U+FFFD, so that they are seen to be there;
//   - of many combining marks on one letter the first three stay.
//
// It reads no more of s than it needs.
func Text(s string, limit int) string {
	var b strings.Builder
	length, marks := 0, 0
	space := false // a space is due before the next character
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space, marks = length > 0, 0
			continue
		case unicode.Is(unicode.Cf, r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks || length == 0 {
				continue
			}
		case !unicode.IsPrint(r):
			r, marks = unicode.ReplacementChar, 0
		default:
			marks = 0
		}
		need := 1
		if space {
			need = 2
		}
		if length+need > limit {
			return cut(b.String(), limit)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		length += need
	}
	return b.String()
}

// cut makes room for an ellipsis within limit characters.
func cut(s string, limit int) string {
	rs := []rune(s)
	if limit <= 0 {
		return ""
	}
	if len(rs) >= limit {
		rs = rs[:limit-1]
	}
	return strings.TrimRight(string(rs), " ") + "…"
}
