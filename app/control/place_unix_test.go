//go:build unix

package control

import (
	"os"
	"path/filepath"
	"testing"
)

func TestUserPlace_UsesOnlyARuntimeFolderThatIsSafe(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	fallback, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	safe, open := t.TempDir(), t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(safe, link); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ runtime, want string }{
		"one of ours":                {safe, safe},
		"none":                       {"", fallback},
		"a relative one":             {"run", fallback},
		"one that others can write":  {open, fallback},
		"a link somebody may change": {link, fallback},
		"one that is missing":        {filepath.Join(safe, "none"), fallback},
	}
	if os.Geteuid() == 0 {
		foreign := t.TempDir()
		if err := os.Chown(foreign, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		cases["somebody else's, as under sudo"] = struct{ runtime, want string }{foreign, fallback}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", c.runtime)
			p, err := userPlace()
			if err != nil || p.dir != filepath.Join(c.want, "portlight") {
				t.Errorf("got %s, %v; want it in %s", p.dir, err, c.want)
			}
		})
	}
}

func TestListen_RefusesAFolderOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if l, err := (place{dir}).listen(); err == nil {
		l.Close()
		t.Error("listened in another user's folder")
	}
}
