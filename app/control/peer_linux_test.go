package control

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestServer_TurnsAwayAnotherUser runs itself once more as the other user, who
// is told by a variable whom to ask.
func TestServer_TurnsAwayAnotherUser(t *testing.T) {
	const ask = "PORTLIGHT_TEST_ASK"
	if dir := os.Getenv(ask); dir != "" {
		_, err := (&Client{place{dir}}).Do(t.Context(), Raise)
		t.Log(err)
		return
	}
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
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe", "-test.run=^TestServer_TurnsAwayAnotherUser$", "-test.v")
	cmd.Env = append(os.Environ(), ask+"="+p.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "belongs to another user") {
		t.Errorf("the other user got %v: %s", err, out)
	}
}
