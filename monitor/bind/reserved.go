package bind

import (
	"context"
	"time"
)

// reserveTimeout bounds the reading: Windows' ranges are asked of a program.
const reserveTimeout = 10 * time.Second

// ReadReserved reads what the system sets aside, together with what of it
// could not be read. Nothing is remembered: some of it moves.
func ReadReserved() (Reserved, []error) {
	ctx, cancel := context.WithTimeout(context.Background(), reserveTimeout)
	defer cancel()
	r, err := reserved(ctx)
	if err == nil {
		return r, nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // the very error, not what it wraps
		return r, several.Unwrap()
	}
	return r, []error{err}
}
