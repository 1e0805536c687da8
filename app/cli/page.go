package cli

import (
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/portlight-app/portlight/ui/view"
)

// page writes an answer: a line that says it, and below it what it rests on.
type page struct {
	b      strings.Builder
	colour palette
	width  int // of the terminal; 0: lines are as long as they are
}

func (e *Env) page() *page { return &page{colour: e.colours(), width: e.Width()} }

func (p *page) print(out io.Writer) error {
	_, err := io.WriteString(out, p.b.String())
	return err
}

// headline writes the answer.
func (p *page) headline(s string) { p.text("", bold, s) }

// text writes a sentence, its further lines as far in as the first.
func (p *page) text(before string, st style, s string) {
	indent := strings.Repeat(" ", width(before))
	for i, line := range wrap(escape(s), p.width-len(indent)) {
		if i > 0 {
			before = indent
		}
		p.b.WriteString(before + p.colour.paint(st, line) + "\n")
	}
}

// facts writes facts with their labels set in one column.
func (p *page) facts(before string, facts []view.Fact) {
	widest := 0
	for _, f := range facts {
		widest = max(widest, width(f.Label))
	}
	for _, f := range facts {
		label := p.colour.paint(dim, pad(f.Label, widest, false))
		indent := strings.Repeat(" ", width(before)+widest+2)
		for i, line := range wrap(escape(f.Text), p.width-len(indent)) {
			if i == 0 {
				p.b.WriteString(before + label + "  " + line + "\n")
			} else {
				p.b.WriteString(indent + line + "\n")
			}
		}
	}
}

// wrap breaks text into lines of at most n columns, at spaces where it can and
// between wide characters. Below a sensible width, or without one, it doesn't.
func wrap(s string, n int) []string {
	const sensible = 20
	if n < sensible || width(s) <= n {
		return []string{s}
	}
	var lines []string
	for width(s) > n {
		used, cut, hard := 0, 0, len(s) // cut: after the last place to break
		wide := false
		for i, r := range s {
			w := runewidth.RuneWidth(r)
			if wide && !closes(r) {
				cut = i
			}
			if used+w > n {
				hard = i
				break
			}
			used += w
			wide = w > 1
			if r == ' ' {
				cut = i + 1
			}
		}
		if cut == 0 {
			cut = hard
		}
		lines = append(lines, strings.TrimRight(s[:cut], " "))
		s = strings.TrimLeft(s[cut:], " ")
	}
	return append(lines, s)
}

// closes reports whether a line may not begin with that character.
func closes(r rune) bool { return strings.ContainsRune("，。：；、）？！”》", r) }
