package bind

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// This file reads what Windows' netsh prints about ports. There is no documented
// function for either list. The words are in the user's language and in whatever
// encoding, so only digits, dashes and the star count. It is built everywhere,
// so that it can be tested anywhere; only reserved_windows.go runs netsh.

// errNetsh: that is no such table; an error message of netsh's, say.
var errNetsh = errors.New("netsh printed no table")

// parseExcluded reads `netsh int ipv4 show excludedportrange protocol=tcp`: two
// columns of numbers under a line of dashes, and a star behind the ranges that
// an administrator set. A table without rows is none.
func parseExcluded(text string, proto sockets.Proto, family int) ([]Excluded, error) {
	var ranges []Excluded
	table := false
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && strings.Trim(fields[0], "-") == "" && strings.Trim(fields[1], "-") == "" {
			table = true
			continue
		}
		if !table || len(fields) < 2 || len(fields) > 3 {
			continue
		}
		from, err1 := port(fields[0])
		to, err2 := port(fields[1])
		if err1 != nil || err2 != nil || from > to || len(fields) == 3 && fields[2] != "*" {
			continue
		}
		ranges = append(ranges, Excluded{
			Range: Range{From: from, To: to}, Proto: proto, Family: family, Administered: len(fields) == 3,
		})
	}
	if !table {
		return nil, fmt.Errorf("excluded ranges of %s, IPv%d: %w", proto, family, errNetsh)
	}
	return ranges, nil
}

// parseDynamic reads `netsh int ipv4 show dynamicport tcp`: two lines that end
// with a number, the first port and how many there are.
func parseDynamic(text string) (Range, error) {
	var numbers []int
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		digits := line[len(strings.TrimRight(line, "0123456789")):]
		if n, err := strconv.Atoi(digits); err == nil && digits != line {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) != 2 {
		return Range{}, fmt.Errorf("dynamic ports: %w", errNetsh)
	}
	first, count := numbers[0], numbers[1]
	if first < 1 || count < 1 || count > 1<<16 || first+count-1 > 1<<16-1 {
		return Range{}, fmt.Errorf("dynamic ports: %d from %d on: %w", count, first, errNetsh)
	}
	return Range{From: uint16(first), To: uint16(first + count - 1)}, nil
}

func port(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	return uint16(n), err
}
