package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFileWatch_TellsOfAChangeOnceAndWhenItRests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portlight.yaml")
	at := time.Unix(1000, 0)
	write := func(text string) {
		t.Helper()
		at = at.Add(time.Second)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	w := newFileWatch(path)
	for _, step := range []struct {
		is   string
		do   func()
		want bool
	}{
		{"there is no file, as at the start", func() {}, false},
		{"one is made, and may not be whole", func() { write("theme:") }, false},
		{"it isn't", func() { write("theme: dark") }, false},
		{"now it rests", func() {}, true},
		{"it was told of", func() {}, false},
		{"another of the same length", func() { write("theme: lite") }, false},
		{"rests too", func() {}, true},
		{"it is removed", func() { os.Remove(path) }, false},
		{"for good", func() {}, true},
		{"and still is", func() {}, false},
	} {
		step.do()
		if got := w.changed(); got != step.want {
			t.Errorf("%s: changed %v, want %v", step.is, got, step.want)
		}
	}
	if !w.current() {
		t.Error("the file is as told")
	}
	if write("theme: dark"); w.current() {
		t.Error("the file is another since")
	}
}
