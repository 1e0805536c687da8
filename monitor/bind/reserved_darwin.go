package bind

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// reserved reads sysctl(3)'s net.inet.ip.portrange. macOS lets everybody
// have low ports on the wildcard address, but not on others: FirstUnprivileged
// stays 0, and the tries tell.
func reserved(context.Context) (Reserved, error) {
	r := Reserved{Ephemeral: dynamic}
	first, err := unix.SysctlUint32("net.inet.ip.portrange.hifirst")
	if err != nil {
		return r, fmt.Errorf("net.inet.ip.portrange.hifirst: %w", err)
	}
	last, err := unix.SysctlUint32("net.inet.ip.portrange.hilast")
	if err != nil {
		return r, fmt.Errorf("net.inet.ip.portrange.hilast: %w", err)
	}
	if first <= last && last <= 65535 {
		r.Ephemeral = Range{uint16(first), uint16(last)}
	}
	return r, nil
}
