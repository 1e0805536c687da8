package process

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFindProject(t *testing.T) {
	home := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("shop/.git/HEAD", "ref: refs/heads/main")
	write("shop/web/package.json", `{"name": "@shop/web"}`)
	write("worktree/.git", "gitdir: /elsewhere")
	write("loose/package.json", `{"name": "loose-pkg"}`)
	write("loose/src/deep/x", "")
	write("tool/go.mod", "module example.org/some/tool\n\ngo 1.26\n")
	write("crate/Cargo.toml", "[package]\nname = \"my-crate\"\nversion = \"1\"\n")
	write("py/pyproject.toml", "[project]\nname = 'my-py'\n")
	write("broken/package.json", `{"name": `)
	write("unnamed/package.json", `{}`)
	write(".git/HEAD", "the home folder itself is under version control")
	write("plain/x", "")
	tests := []struct{ dir, name, root string }{
		{"shop", "shop", "shop"},
		{"shop/web", "shop", "shop"},
		{"worktree", "worktree", "worktree"},
		{"loose/src/deep", "loose-pkg", "loose"},
		{"tool", "tool", "tool"},
		{"crate", "my-crate", "crate"},
		{"py", "my-py", "py"},
		{"broken", "", ""},
		{"unnamed", "", ""},
		{"plain", "", ""},
		{"", "", ""},
	}
	for _, tt := range tests {
		got := findProject(filepath.Join(home, tt.dir), home)
		want := project{name: tt.name}
		if tt.root != "" {
			want.dir = filepath.Join(home, tt.root)
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", tt.dir, got, want)
		}
	}
}

func TestProjects_GiveUpOnAFileSystemThatHangs(t *testing.T) {
	p := newProjects()
	p.wait = time.Millisecond
	for range cap(p.slots) {
		p.slots <- struct{}{} // as if every look so far hung
	}
	began := time.Now()
	if name, _ := p.of(t.Context(), t.TempDir()); name != "" {
		t.Errorf("a project out of nowhere: %q", name)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("waited %v for a hung file system", took)
	}
}
