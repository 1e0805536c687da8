//go:build unix && !linux && !darwin

package bind

import "context"

// reserved returns what such systems set aside by convention.
func reserved(context.Context) (Reserved, error) {
	return Reserved{Ephemeral: dynamic, FirstUnprivileged: 1024}, nil
}
