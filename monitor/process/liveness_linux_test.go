package process

import "testing"

// Kernels before 5.3 have no pidfd.
func TestHandleWithoutPidfd_KnowsTheEndOfAZombie(t *testing.T) {
	cmd, id := startSleeper(t)
	h := osHandle{id: id, fd: -1}
	if h.ended() || h.allowed() != nil {
		t.Fatalf("before: ended %v, allowed %v", h.ended(), h.allowed())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := h.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !h.ended() {
		t.Error("a zombie is taken for alive")
	}
}
