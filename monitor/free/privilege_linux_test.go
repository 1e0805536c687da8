package free

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
)

// asJudge makes the test binary do and report one thing under other
// circumstances: as another user, or in a process namespace of its own.
const asJudge = "PORTLIGHT_TEST_JUDGE"

// report is what a judge saw.
type report struct {
	Kind     Kind
	Blocked  Blocked
	Elevate  bool
	Safe     bool
	Risks    []Risk
	Ending   Ending
	Reused   bool // another process really got the PID
	Survived bool // and is well
}

func judge() {
	verb, rest, _ := strings.Cut(os.Getenv(asJudge), " ")
	must(os.Unsetenv(asJudge))
	var r report
	switch verb {
	case "hidden", "seen", "denied":
		r = judgeOthers(verb, rest)
	case "own":
		r = judgeOwn()
	case "reuse":
		r = judgeReuse()
	}
	must(json.NewEncoder(os.Stdout).Encode(r))
}

// judgeOthers plans to free the port of a process of another user.
func judgeOthers(verb, rest string) report {
	var port uint16
	var pid int32
	_, err := fmt.Sscan(rest, &port, &pid)
	must(err)
	id, err := process.Identify(pid)
	must(err)
	m := Machine{}
	if verb != "hidden" {
		// As where the table itself names the owner.
		m.Look = func(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
			s, err := monitor.Once(ctx, monitor.Options{}, connections)
			must(err)
			p := process.NewReader().Facts(ctx, process.Claim{Identity: id})
			for i := range s.Endpoints {
				if e := &s.Endpoints[i]; e.Addr.Port() == port {
					e.Owner, e.Creators, e.Holders = monitor.OwnerKnown, nil, []monitor.Holder{{Process: p}}
				}
			}
			return s, nil
		}
	}
	plan, err := Make(bg, Aim{Port: port}, m)
	must(err)
	defer plan.Close()
	c := &plan.Choices[0]
	r := report{Kind: c.Kind, Blocked: c.Blocked, Elevate: c.Elevate, Safe: c.Safe(), Risks: c.Risks}
	if verb == "denied" {
		c.Blocked = "" // and to try all the same
	}
	if f, err := plan.Run(bg, Order{}, nil); err == nil {
		r.Ending = f.Ending
	}
	return r
}

// judgeOwn frees the port of a process of ours.
func judgeOwn() report {
	p, err := start("stubborn listen 127.0.0.1:0")
	must(err)
	defer p.end()
	plan, err := Make(bg, Aim{Port: p.addr.Port()}, Machine{})
	must(err)
	defer plan.Close()
	c := &plan.Choices[0]
	f, err := plan.Run(bg, Order{Grace: shortly}, nil)
	must(err)
	return report{Kind: c.Kind, Blocked: c.Blocked, Safe: c.Safe(), Risks: c.Risks, Ending: f.Ending}
}

// judgeReuse gives the PID of a holder to another that takes over its port,
// between the plan and its run.
func judgeReuse() report {
	must(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	must(unix.Mount("proc", "/proc", "proc", 0, ""))
	next := func(pid int) {
		must(os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0o644))
	}
	for pid := 1000; pid < 20000; pid += 1000 {
		if r := reuse(pid, next); r.Reused {
			return r
		}
	}
	return report{} // each time a thread of ours was faster
}

func reuse(pid int, next func(int)) report {
	next(pid)
	old, err := start("listen 127.0.0.1:0")
	must(err)
	plan, err := Make(bg, Aim{Port: old.addr.Port()}, Machine{})
	must(err)
	defer plan.Close()
	old.end()
	next(int(old.id.PID))
	other, err := start("listen " + old.addr.String())
	must(err)
	defer other.end()
	r := report{Reused: other.id.PID == old.id.PID && other.id != old.id}
	if !r.Reused {
		return r
	}
	f, err := plan.Run(bg, Order{Force: true}, nil)
	must(err)
	// Under the plan's nose: whoever holds the port, the handle is the old one's.
	for _, h := range plan.held {
		if err := h.Kill(); !errors.Is(err, process.ErrGone) {
			must(fmt.Errorf("a signal to the dead: %w", err))
		}
	}
	time.Sleep(shortly / 3)
	r.Ending, r.Survived = f.Ending, other.alive()
	return r
}

// ask lets a judge judge.
func ask(t *testing.T, attr *syscall.SysProcAttr, verb string) report {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can put a process under another user or into a namespace of its own")
	}
	// Where an ordinary user can run it.
	dir, err := os.MkdirTemp("/tmp", "portlight-judge-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copyOf(t, filepath.Join(dir, "judge")))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), asJudge+"="+verb, "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = attr
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the judge: %v\n%s%s", err, out, said.Bytes())
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("the judge said %q: %v", out, err)
	}
	return r
}

func asNobody() *syscall.SysProcAttr {
	const nobody = 65534
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

func TestAsNobody_AnotherUsersProcessIsNotEnded(t *testing.T) {
	p := stage(t, "listen 127.0.0.1:0")
	about := fmt.Sprintf(" %d %d", p.addr.Port(), p.id.PID)

	r := ask(t, asNobody(), "hidden"+about)
	if r.Blocked != BlockedHidden || !r.Elevate || r.Safe || r.Ending != "" {
		t.Errorf("a holder that may not be read: %+v", r)
	}
	r = ask(t, asNobody(), "seen"+about)
	if r.Blocked != BlockedRights || !r.Elevate || !slices.Contains(r.Risks, RiskOtherUser) || r.Ending != EndDenied {
		t.Errorf("one that may not be ended: %+v", r)
	}
	r = ask(t, asNobody(), "denied"+about)
	if r.Ending != EndDenied {
		t.Errorf("and tried all the same: %+v", r)
	}
	if !p.alive() {
		t.Error("it was ended")
	}
}

func TestAsNobody_OnesOwnProcessIsFreedWithoutAQuestion(t *testing.T) {
	r := ask(t, asNobody(), "own")
	if !r.Safe || r.Kind != KindProcess || r.Ending != EndFreed {
		t.Errorf("got %+v", r)
	}
}

func TestAReusedPIDIsAnotherProcess(t *testing.T) {
	r := ask(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}, "reuse")
	if !r.Reused {
		t.Skip("the kernel gave the PID to nobody: nothing can be said")
	}
	if r.Ending != EndNotHeld || !r.Survived {
		t.Errorf("got %+v", r)
	}
}
