//go:build unix

package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/portlight-app/portlight/app/lockfile"
)

// place is where instances meet: a folder with a lock file and a socket. The
// lock says who is the instance; the socket alone couldn't, because it stays
// after a crash and two that find it dead would both replace it.
type place struct{ dir string }

// userPlace is a folder of the user's alone: in XDG_RUNTIME_DIR (XDG Base
// Directory Specification), where that is safe, else in the user's cache.
func userPlace() (place, error) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) && own(dir) == nil {
		return place{filepath.Join(dir, "portlight")}, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return place{}, fmt.Errorf("no place to meet other instances: %w", err)
	}
	return place{filepath.Join(dir, "portlight")}, nil
}

// own reports why dir is not a folder of ours that others can't write to.
// Under sudo, XDG_RUNTIME_DIR may well be somebody else's.
func own(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	switch {
	case !fi.IsDir():
		return fmt.Errorf("%s is not a folder", dir)
	case ok && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to another user", dir)
	case fi.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("%s can be written to by others", dir)
	}
	return nil
}

func (p place) socket() string { return filepath.Join(p.dir, "control.sock") }

func (p place) listen() (net.Listener, error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	if err := own(p.dir); err != nil {
		return nil, err
	}
	if err := os.Chmod(p.dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockfile.Try(filepath.Join(p.dir, "lock"))
	if err != nil {
		if errors.Is(err, lockfile.ErrLocked) {
			err = errTaken
		}
		return nil, err
	}
	// With the lock ours, whoever made the socket is gone.
	if err := os.Remove(p.socket()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		lock.Unlock()
		return nil, err
	}
	l, err := net.Listen("unix", p.socket())
	if err != nil {
		lock.Unlock()
		return nil, err
	}
	return &listener{l, lock}, nil
}

func (p place) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", p.socket())
}

// listener lets the lock go after its socket is removed.
type listener struct {
	net.Listener
	lock *lockfile.File
}

func (l *listener) Close() error { return errors.Join(l.Listener.Close(), l.lock.Unlock()) }
