package bind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// reserved reads the sysctls of ip(7) and Documentation/networking/ip-sysctl.rst.
// They count for the network namespace we are in.
func reserved(context.Context) (Reserved, error) {
	// The kernel's own defaults, where /proc doesn't say.
	r := Reserved{Ephemeral: usual, FirstUnprivileged: 1024}
	var missing []error
	read := func(name string, parse func(text string) error) {
		data, err := os.ReadFile("/proc/sys/net/ipv4/" + name)
		if err == nil {
			err = parse(strings.TrimSpace(string(data)))
		}
		// ip_unprivileged_port_start is there since Linux 4.11.
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			missing = append(missing, fmt.Errorf("%s: %w", name, err))
		}
	}
	read("ip_local_port_range", func(text string) error { return parseLocalRange(text, &r.Ephemeral) })
	read("ip_local_reserved_ports", func(text string) (err error) {
		r.NotEphemeral, err = parseRanges(text)
		return err
	})
	read("ip_unprivileged_port_start", func(text string) error {
		n, err := strconv.ParseUint(text, 10, 32)
		if err == nil {
			r.FirstUnprivileged = uint16(min(n, 65535))
		}
		return err
	})
	return r, errors.Join(missing...)
}

// Ephemeral returns the ports that outgoing connections are given, or the
// kernel's default where it doesn't say.
func Ephemeral() Range {
	r := usual
	if data, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		parseLocalRange(string(data), &r) // else the default stays
	}
	return r
}

// usual is ip_local_port_range's default (net/ipv4/af_inet.c).
var usual = Range{32768, 60999}

func parseLocalRange(text string, into *Range) error {
	var r Range
	if _, err := fmt.Sscan(text, &r.From, &r.To); err != nil {
		return err
	}
	*into = r
	return nil
}
