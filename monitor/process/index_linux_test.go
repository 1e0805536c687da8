package process

import (
	"net"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func openTestIndex(tb testing.TB) *fdIndex {
	tb.Helper()
	x, err := openIndex()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { x.close() })
	return x.(*fdIndex)
}

// listen opens a socket and returns its inode.
func listen(tb testing.TB) (*os.File, Socket) {
	tb.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer ln.Close()
	f, err := ln.(*net.TCPListener).File()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		tb.Fatal(err)
	}
	return f, Socket{Handle: st.Ino, UID: uint32(os.Getuid()), HasUID: true}
}

func (x *fdIndex) mustUpdate(tb testing.TB, wanted ...Socket) {
	tb.Helper()
	if err := x.update(time.Now(), wanted, false); err != nil {
		tb.Fatal(err)
	}
}

// searchOut updates until nothing is searched for any more: on a busy machine
// the search takes several budgets.
func (x *fdIndex) searchOut(tb testing.TB, wanted ...Socket) {
	tb.Helper()
	for range 100 {
		if x.mustUpdate(tb, wanted...); len(x.lost) == 0 {
			return
		}
	}
	tb.Fatal("the search never ended")
}

func pidsOf(a Answer) []int32 {
	var pids []int32
	for _, c := range a.Claims {
		pids = append(pids, c.PID)
	}
	return pids
}

func TestIndex_FindsEveryHolder(t *testing.T) {
	x := openTestIndex(t)
	f, s := listen(t)
	me := int32(os.Getpid())
	x.mustUpdate(t, s)
	if got := pidsOf(x.answer(s)); !slices.Equal(got, []int32{me}) {
		t.Fatalf("holders = %v, want ourselves (%d)", got, me)
	}

	child := exec.Command("/bin/sleep", "60")
	child.ExtraFiles = []*os.File{f}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	heir := int32(child.Process.Pid)
	x.mustUpdate(t, s)
	if got := pidsOf(x.answer(s)); !slices.Equal(got, []int32{me, heir}) {
		t.Errorf("holders = %v, want ourselves and the child that inherited it (%d, %d)", got, me, heir)
	}

	f.Close()
	x.mustUpdate(t, s)
	if got := pidsOf(x.answer(s)); !slices.Equal(got, []int32{heir}) {
		t.Errorf("holders = %v, want the child alone (%d)", got, heir)
	}

	child.Process.Kill()
	child.Wait()
	x.searchOut(t, s) // as if the table still listed it
	a := x.answer(s)
	if len(a.Claims) != 0 || !a.Exited || a.Kernel {
		t.Errorf("after the last holder ended: %+v, want exited", a)
	}
}

func TestIndex_SeesASocketTakeAnothersDescriptor(t *testing.T) {
	x := openTestIndex(t)
	f, old := listen(t)
	x.mustUpdate(t, old)
	g, fresh := listen(t)
	// The count of descriptors stays as it was at the last update.
	if err := unix.Dup2(int(g.Fd()), int(f.Fd())); err != nil {
		t.Fatal(err)
	}
	g.Close()
	x.mustUpdate(t, fresh)
	if got := pidsOf(x.answer(fresh)); !slices.Equal(got, []int32{int32(os.Getpid())}) {
		t.Errorf("holders of the socket that took the descriptor: %v", got)
	}
}

func TestIndex_NoticesAnotherProgramInTheSameProcess(t *testing.T) {
	x := openTestIndex(t)
	f, s := listen(t)
	// The shell becomes sleep: same PID, same start, another program.
	child := exec.Command("/bin/sh", "-c", "read line; exec sleep 60")
	child.ExtraFiles = []*os.File{f}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { child.Process.Kill(); child.Wait() }()
	pid := int32(child.Process.Pid)
	claim := func() Claim {
		x.mustUpdate(t, s)
		for _, c := range x.answer(s).Claims {
			if c.PID == pid {
				return c
			}
		}
		t.Fatalf("the child isn't among the holders")
		return Claim{}
	}
	before := claim()
	in.Write([]byte("\n"))
	deadline := time.Now().Add(10 * time.Second)
	for {
		after := claim()
		if after.Identity != before.Identity {
			t.Fatalf("identity changed from %+v to %+v", before.Identity, after.Identity)
		}
		if after.Image != before.Image {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the new program was never noticed")
		}
	}
	r := NewReader()
	p := r.Facts(t.Context(), claim())
	if p.Name != "sleep" || p.CommandLine() != "sleep 60" {
		t.Errorf("facts = %q %q, want those of sleep", p.Name, p.CommandLine())
	}
}

func TestIndex_RemembersWhatItCantFind(t *testing.T) {
	x := openTestIndex(t)
	nobodys := Socket{Handle: 1 << 40, UID: uint32(os.Getuid()), HasUID: true}
	x.searchOut(t, nobodys)
	walks := func() (n int) {
		for _, p := range x.procs {
			if p.walked == x.poll && p.PID != int32(os.Getpid()) && p.count > 0 {
				n++
			}
		}
		return n
	}
	x.mustUpdate(t, nobodys)
	total := len(x.procs)
	if n := walks(); n > total/2 {
		t.Errorf("%d of %d processes were walked for a socket known to be hidden", n, total)
	}
}

func TestFacts_OfOurselves(t *testing.T) {
	id, err := identify(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader()
	p := r.Facts(t.Context(), Claim{Identity: id})
	exe, _ := os.Executable()
	cwd, _ := os.Getwd()
	if p.Exe != exe || p.Cwd != cwd || p.UID != uint32(os.Getuid()) || p.User == "" || !slices.Equal(p.Args, os.Args) {
		t.Errorf("facts = %+v", p)
	}
	if age := time.Since(p.Started); age < -2*time.Second || age > time.Hour {
		t.Errorf("started %v ago", age)
	}
	if len(p.Parents) == 0 || p.Parents[0].PID != int32(os.Getppid()) {
		t.Errorf("parents = %+v, want %d first", p.Parents, os.Getppid())
	}
	if r.Facts(t.Context(), Claim{Identity: id}) != p {
		t.Error("the facts of one identity were read twice")
	}
	r.Sweep()
	r.Sweep()
	if r.Facts(t.Context(), Claim{Identity: id}) == p {
		t.Error("swept facts were kept")
	}
}

func TestFacts_AreNeverAnotherProcesss(t *testing.T) {
	id, err := identify(int32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	id.Start-- // the process that had our PID before us
	p := NewReader().Facts(t.Context(), Claim{Identity: id})
	if p.Name != "" || p.Exe != "" || len(p.Args) != 0 || len(p.Parents) != 0 {
		t.Errorf("a dead process was given our facts: %+v", p)
	}
}
