package bind

import (
	"fmt"
	"strconv"
	"strings"
)

// parseRanges reads a list as sysctl(8) prints it: "8080,9148-9160".
func parseRanges(text string) ([]Range, error) {
	var all []Range
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		from, to, both := strings.Cut(part, "-")
		a, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			return all, fmt.Errorf("port range %q: %w", part, err)
		}
		b := a
		if both {
			if b, err = strconv.ParseUint(to, 10, 16); err != nil {
				return all, fmt.Errorf("port range %q: %w", part, err)
			}
		}
		if b < a {
			return all, fmt.Errorf("port range %q ends before it begins", part)
		}
		all = append(all, Range{uint16(a), uint16(b)})
	}
	return all, nil
}

// dynamic are IANA's dynamic ports (RFC 6335, section 6), which Windows and
// macOS use for outgoing connections unless an administrator sets others.
var dynamic = Range{49152, 65535}
