package cli

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// escape makes text safe for a terminal and for one line: what isn't printable
// – control characters, bidirectional overrides, invalid UTF-8 – is written as
// an escape. Names of processes are whatever somebody chose.
func escape(s string) string {
	safe := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case safe(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case r == utf8.RuneError && s[i] != "\ufffd"[0]: // not UTF-8
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[i]), 16))
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// terminal counts columns as terminals do: "…" and "≤" are one column wide
// whatever the locale says of ambiguous widths.
var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

func width(s string) int { return terminal.StringWidth(s) }

// fit cuts s to n columns, with an ellipsis where something is missing.
func fit(s string, n int) string {
	if width(s) <= n {
		return s
	}
	return terminal.Truncate(s, n, "…")
}

// pad fills s with spaces to n columns, before it if it is a number.
func pad(s string, n int, right bool) string {
	gap := strings.Repeat(" ", max(0, n-width(s)))
	if right {
		return gap + s
	}
	return s + gap
}

// style is an SGR sequence (ECMA-48, 8.3.117), or nothing where colours are
// not wanted.
type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// palette paints if it is true.
type palette bool

func (p palette) paint(st style, s string) string {
	if !p || st == "" || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// colours reports whether colours are wanted (no-color.org).
func (e *Env) colours() palette {
	return palette(e.Width() > 0 && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb" && obeysSequences(e.Stdout))
}
