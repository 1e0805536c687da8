// Package lockfile lets one process at a time do something. The lock ends
// with the process that holds it, however that ends, and the file stays: a
// lock file that is removed can be locked twice.
package lockfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrLocked: another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// File is a held lock.
type File struct{ f *os.File }

// Try takes the lock or fails with ErrLocked at once. The file is made,
// readable by this user only, if it doesn't exist.
func Try(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &File{f}, nil
}

// Lock waits for the lock until ctx ends.
func Lock(ctx context.Context, path string) (*File, error) {
	const pause = 10 * time.Millisecond // neither system tells when a lock is let go
	for {
		f, err := Try(path)
		if !errors.Is(err, ErrLocked) {
			return f, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// Unlock gives the lock back.
func (f *File) Unlock() error { return f.f.Close() }
