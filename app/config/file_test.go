package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestFile_StartsWithTheDefaultsWhereThereIsNone(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "none", "portlight.yaml")).Load()
	if err != nil || !s.Equal(Default()) {
		t.Fatalf("got %+v, %v", s, err)
	}
}

func TestFile_NeverOverwritesAFileWithAMistake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portlight.yaml")
	const broken = "theme: blue # mine\n"
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Open(path)
	var e *Error
	if s, err := f.Load(); !errors.As(err, &e) || !s.Equal(Default()) {
		t.Errorf("Load: %+v, %v; want the defaults and an *Error", s, err)
	}
	if _, err := f.Update(t.Context(), func(s *Settings) { s.Theme = ThemeDark }); !errors.As(err, &e) {
		t.Errorf("Update: %v, want an *Error", err)
	}
	if got := read(t, path); got != broken {
		t.Errorf("file is now %q", got)
	}
}

func TestFile_RefusesSettingsItWouldNotReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portlight.yaml")
	if _, err := Open(path).Update(t.Context(), func(s *Settings) { s.Interval = time.Millisecond }); err == nil {
		t.Error("saved an interval of 1 ms")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was written")
	}
}

func TestFile_WritesThroughALinkAndKeepsTheMode(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "dotfiles.yaml"), filepath.Join(dir, "portlight.yaml")
	if err := os.WriteFile(real, []byte("theme: dark # here\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("this system makes no symbolic links here:", err)
	}
	if _, err := Open(link).Update(t.Context(), func(s *Settings) { s.Theme = ThemeLight }); err != nil {
		t.Fatal(err)
	}
	if got := read(t, real); got != "theme: light # here\n" {
		t.Errorf("the file linked to is %q", got)
	}
	if fi, err := os.Lstat(link); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", fi.Mode(), err)
	}
	if fi, err := os.Stat(real); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("mode is %v, %v; want 0640", fi.Mode(), err)
	}
}

func TestFile_KeepsTheOldTextOfAShapeItCannotEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portlight.yaml")
	const old = "{theme: dark}\n"
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Open(path)
	if _, err := f.Update(t.Context(), func(s *Settings) {
		s.HideSystem, s.Notifications.Enabled = true, false
	}); !errors.Is(err, ErrRewritten) {
		t.Fatalf("Update: %v, want ErrRewritten", err)
	}
	if s, err := f.Load(); err != nil || s.Theme != ThemeDark || !s.HideSystem {
		t.Errorf("Load: %+v, %v", s, err)
	}
	if got := read(t, path+".old"); got != old {
		t.Errorf("kept %q", got)
	}
}

// Each writer adds its own port to what it finds: only if every Update saw
// the one before it are all there in the end.
func TestFile_ConcurrentWritersLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portlight.yaml")
	const writers, rounds = 4, 10
	stop := make(chan struct{})
	var readers, wg sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := Open(path).Load(); err != nil {
					t.Errorf("read half a file: %v", err)
					return
				}
			}
		}
	})
	for w := range writers {
		wg.Go(func() {
			f := Open(path) // one each, as separate programs have
			for r := range rounds {
				_, err := f.Update(t.Context(), func(s *Settings) {
					s.Notifications.MutedPorts = append(s.Notifications.MutedPorts, uint16(1+w*rounds+r))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	readers.Wait()
	s, err := Open(path).Load()
	if err != nil || len(s.Notifications.MutedPorts) != writers*rounds {
		t.Errorf("%d ports were kept, %v; want %d", len(s.Notifications.MutedPorts), err, writers*rounds)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp"))
	if len(left) > 0 {
		t.Errorf("left behind: %s, %v", strings.Join(left, " "), err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
