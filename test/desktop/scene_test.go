//go:build desktop && linux

package desktop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestMain(m *testing.M) {
	stage.Main()
	stage.OwnMachine()
	fmt.Printf("running as uid %d\n", os.Getuid())
	os.Exit(m.Run())
}

// program starts a staged child that looks like a program people know, in a
// project's folder.
func program(t *testing.T, home, project, name, role, address string, look ...string) *stage.Child {
	t.Helper()
	dir := filepath.Join(home, project)
	if err := os.MkdirAll(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(home, "bin", name)
	if err := os.MkdirAll(filepath.Dir(exe), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(exe); err != nil {
		stage.CopySelf(t, exe)
	}
	args := map[string][]string{"http": {address}, "listen": {"tcp", address}, "udp": {"udp", address},
		"stubborn": {"tcp", address}, "respawn": {"tcp", address}, "prefork": {"2"}}[role]
	return stage.Start(t, role, args, stage.Executable(exe), stage.In(dir), stage.Looking(look...))
}
