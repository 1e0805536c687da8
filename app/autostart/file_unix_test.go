//go:build unix

package autostart

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSet_CanBeSeenChangedAndUndone(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	state := func(want bool) {
		t.Helper()
		if got, err := Enabled(); err != nil || got != want {
			t.Fatalf("Enabled: %v, %v; want %v", got, err, want)
		}
	}
	state(false)
	if err := Remove(); err != nil {
		t.Errorf("Remove of nothing: %v", err)
	}
	if err := Set(Entry{Program: "portlight"}); err == nil {
		t.Error("took a relative path: at login the working directory is another")
	}
	state(false)
	for _, program := range []string{"/usr/bin/portlight", "/opt/portlight"} {
		if err := Set(Entry{Program: program, Args: []string{"--minimised"}}); err != nil {
			t.Fatal(err)
		}
		state(true)
	}
	path, err := location()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(content(Entry{Program: "/opt/portlight", Args: []string{"--minimised"}})) {
		t.Errorf("the entry is %s, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
	if err := Remove(); err != nil {
		t.Fatal(err)
	}
	state(false)
}
