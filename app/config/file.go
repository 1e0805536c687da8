package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/portlight-app/portlight/app/lockfile"
)

// DefaultPath is where the settings are kept unless the user says otherwise.
func DefaultPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for settings: %w", err)
	}
	return filepath.Join(dir, "portlight", "portlight.yaml"), nil
}

// File is one settings file. It is safe for concurrent use.
type File struct {
	path string
	mu   sync.Mutex
}

// Open names a file; it need not exist.
func Open(path string) *File { return &File{path: path} }

// Path returns where the file is.
func (f *File) Path() string { return f.path }

// Load reads the settings. It always returns some that can be worked with:
// the defaults if there is no file (no error), and the defaults beside the
// error if there is one that can't be read or has a mistake (*Error).
func (f *File) Load() (Settings, error) {
	data, err := f.read()
	if err != nil {
		return Default(), err
	}
	return Decode(f.path, data)
}

func (f *File) read() ([]byte, error) {
	r, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxSize+1))
}

// ErrRewritten: the settings are saved, but the old text could not be edited
// in place and was kept beside the new one, named with ".old" at its end.
var ErrRewritten = errors.New("settings file was written anew")

// lockPatience bounds the wait for another program that saves at this moment.
const lockPatience = 5 * time.Second

// Update changes the settings and saves them: it reads the file as it is now,
// lets change work on that, and returns what was written. A file with a
// mistake in it is never overwritten: the error is Load's. Once Update returns
// nil the new text is on the disk.
func (f *File) Update(ctx context.Context, change func(*Settings)) (Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Default(), fmt.Errorf("save settings: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	lock, err := lockfile.Lock(ctx, filepath.Join(dir, ".portlight.lock"))
	if err != nil {
		return Default(), fmt.Errorf("save settings: %w", err)
	}
	defer lock.Unlock()

	data, err := f.read()
	if err != nil {
		return Default(), fmt.Errorf("save settings: %w", err)
	}
	s, err := Decode(f.path, data)
	if err != nil {
		return s, err
	}
	change(&s)
	if err := s.validate(); err != nil {
		return s, fmt.Errorf("save settings: %w", err)
	}
	if data == nil {
		return s, f.write(Render(s))
	}
	out, kept, err := Edit(f.path, data, s)
	if err != nil {
		return s, err
	}
	if string(out) == string(data) {
		return s, nil
	}
	if !kept {
		if err := writeFile(f.path+".old", data, 0o600); err != nil {
			return s, fmt.Errorf("save settings: %w", err)
		}
		return s, errors.Join(f.write(out), ErrRewritten)
	}
	return s, f.write(out)
}

// write replaces the file, and where it is a link to one elsewhere, as those
// have who keep their settings in a repository, that one.
func (f *File) write(data []byte) error {
	path, mode := f.path, fs.FileMode(0o600)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
		if fi, err := os.Stat(path); err == nil {
			mode = fi.Mode().Perm()
		}
	}
	if err := writeFile(path, data, mode); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}
