//go:build unix

package autostart

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func enabled() (bool, error) {
	path, err := location()
	if err != nil {
		return false, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && inForce(data), err
}

func set(e Entry) error {
	if !filepath.IsAbs(e.Program) {
		return fmt.Errorf("start at login: %q is not an absolute path", e.Program)
	}
	path, err := location()
	if err != nil {
		return err
	}
	if err := replace(path, content(e)); err != nil {
		return fmt.Errorf("start at login: %w", err)
	}
	return nil
}

// replace writes beside and renames, so a session that starts at this moment
// never reads half an entry.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".portlight-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

func remove() error {
	path, err := location()
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("start at login: %w", err)
	}
	return nil
}
