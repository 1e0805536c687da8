package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence is Text that begins with a capital letter, as a line that stands by
// itself does. Chinese knows no capitals, and a name before it stays as it is.
func Sentence(s string, limit int) string {
	s = Text(s, limit)
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
