package control

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestServer_TurnsAwayAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		if sameUser(1, 2) == nil {
			t.Error("two users were taken for one")
		}
		t.Skip("only root can become another user to try it in full")
	}
	dir := shortDir(t)
	first := start(t, dir, "serve")
	if got := first.line(); got != "server" {
		t.Fatalf("first became %q", got)
	}
	// Open every door that the folder's permissions keep shut.
	p := place{dir + "/portlight"}
	for path, mode := range map[string]os.FileMode{dir: 0o755, p.dir: 0o755, p.socket(): 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe", "-test.run=^TestAsked$", "-test.v")
	cmd.Env = append(os.Environ(), "PORTLIGHT_TEST_ASK="+p.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "belongs to another user") {
		t.Errorf("the other user got %v: %s", err, out)
	}
}

// TestAsked is the other user's side of TestServer_TurnsAwayAnotherUser.
func TestAsked(t *testing.T) {
	dir := os.Getenv("PORTLIGHT_TEST_ASK")
	if dir == "" {
		t.Skip("part of another test")
	}
	_, err := (&Client{place{dir}}).Do(t.Context(), Raise)
	t.Log(err)
}
