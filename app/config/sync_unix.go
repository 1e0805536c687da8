//go:build unix

package config

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncDir makes a rename in the folder durable (fsync(2): the file's own sync
// doesn't cover its directory entry). Some network file systems refuse it
// with EINVAL; there is nothing better to do on them.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}
