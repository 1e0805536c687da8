package doctor

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// A scene makes one cause happen on the port, for as long as the test runs, and
// says what is asked.
type scene struct {
	cause Cause
	name  string
	stage func(t *testing.T, port uint16) Question
	// as examines in other surroundings; nil: right here.
	as func(t *testing.T, q Question) *Diagnosis
}

var scenes = []scene{
	{Free, "nobody is there", func(*testing.T, uint16) Question { return Question{} }, nil},
	{FreeWithReuse, "a server that sets SO_REUSEADDR closed a connection and ended", func(t *testing.T, port uint16) Question {
		serveAndEnd(t, port, true)
		return Question{}
	}, nil},
	{LingeringOnly, "a server that doesn't", func(t *testing.T, port uint16) Question {
		serveAndEnd(t, port, false)
		return Question{}
	}, nil},
	{Held, "a listener", func(t *testing.T, port uint16) Question {
		listen(t, "tcp4", lo4, port)
		return Question{}
	}, nil},
	{Held, "a UDP socket", func(t *testing.T, port uint16) Question {
		c, err := net.ListenPacket("udp4", netip.AddrPortFrom(lo4, port).String())
		must(t, err)
		t.Cleanup(func() { c.Close() })
		return Question{Proto: sockets.UDP}
	}, nil},
	{HeldShared, "two listeners with SO_REUSEPORT", func(t *testing.T, port uint16) Question {
		for range 2 {
			fd := socket(t)
			must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
			bindTo(t, fd, port)
			must(t, unix.Listen(fd, 1))
		}
		return Question{}
	}, nil},
	{HeldHidden, "a listener of another user", func(t *testing.T, port uint16) Question {
		listen(t, "tcp4", lo4, port)
		return Question{}
	}, examineAsNobody},
	{Ghost, "a child that inherited it from a server that was killed", func(t *testing.T, port uint16) Question {
		stageGhost(t, port)
		return Question{}
	}, nil},
	{HeldOtherAddress, "somebody has both families' wildcard", func(t *testing.T, port uint16) Question {
		listen(t, "tcp", netip.IPv6Unspecified(), port)
		return Question{Addr: lo4}
	}, nil},
	{BoundNotListen, "a socket that was bound and forgotten", func(t *testing.T, port uint16) Question {
		bindTo(t, socket(t), port)
		return Question{}
	}, nil},
	{EphemeralClient, "a client was given the port", func(t *testing.T, port uint16) Question {
		ln := listen(t, "tcp4", lo4, 0)
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)}}
		c, err := d.Dial("tcp4", ln.Addr().String())
		must(t, err)
		t.Cleanup(func() { c.Close() })
		return Question{}
	}, nil},
	{Privileged, "a port for administrators", func(*testing.T, uint16) Question {
		return Question{Port: 1}
	}, examineAsNobody},
	{AddressNotLocal, "an address of nobody here", func(*testing.T, uint16) Question {
		return Question{Addr: netip.MustParseAddr("203.0.113.9")} // TEST-NET-3
	}, nil},
	{FamilyDisabled, "IPv6 is switched off", func(*testing.T, uint16) Question {
		return Question{Addr: netip.IPv6Loopback()}
	}, examineWithoutIPv6},
	{Container, "a process in a container's cgroup", func(t *testing.T, port uint16) Question {
		inContainer(t, start(t, "listen", fmt.Sprint(port)), port)
		return Question{}
	}, nil},
	{Container, "an engine's relay", func(t *testing.T, port uint16) Question {
		start(t, "listen", fmt.Sprint(port), called("docker-proxy"))
		return Question{}
	}, nil},
	{SystemdSocket, "a user's service manager", func(t *testing.T, port uint16) Question {
		start(t, "listen", fmt.Sprint(port), called("systemd", "--user"))
		return Question{}
	}, nil},
}

// Every cause that Linux has is made to happen, and has to be named.
func TestExamine_NamesEachCauseMadeForReal(t *testing.T) {
	tested := map[Cause]string{}
	for i, s := range scenes {
		t.Run(fmt.Sprintf("%s: %s", s.cause, s.name), func(t *testing.T) {
			port := freePort(t, uint16(100*i), s.cause == EphemeralClient)
			q := s.stage(t, port)
			if q.Port == 0 {
				q.Port = port
			}
			if q.Proto == 0 {
				q.Proto = sockets.TCP
			}
			before := everythingOn(t, q.Port)
			examine := s.as
			if examine == nil {
				examine = examineHere
			}
			d := examine(t, q)
			if d.Cause != s.cause {
				t.Errorf("the cause is %s, want %s\n%s", d.Cause, s.cause, describe(d))
			}
			if want := s.cause == Free || s.cause == FreeWithReuse; want != (d.Verdict == CanHave) {
				t.Errorf("verdict %d with cause %s", d.Verdict, d.Cause)
			}
			if left := everythingOn(t, q.Port); !slices.Equal(before, left) {
				t.Errorf("sockets before: %v\nafter: %v", before, left)
			}
			check(t, d)
			if !t.Failed() && !t.Skipped() {
				tested[s.cause] = s.name
			}
		})
	}
	var names []string
	for c := range tested {
		names = append(names, string(c))
	}
	slices.Sort(names)
	t.Logf("%d causes made for real and named: %s", len(names), strings.Join(names, " "))
}

// check looks at what a cause has to come with.
func check(t *testing.T, d *Diagnosis) {
	t.Helper()
	has := func(kind RemedyKind, about string) bool {
		return slices.ContainsFunc(d.Remedies, func(r Remedy) bool { return r.Kind == kind && r.About == about })
	}
	switch d.Cause {
	case Free:
	case FreeWithReuse, LingeringOnly:
		if len(d.Lingering) == 0 || d.Wait <= 0 || d.Wait > time.Minute {
			t.Errorf("%d sockets linger, for %v", len(d.Lingering), d.Wait)
		}
		if d.Cause == FreeWithReuse && !has(RemedyReuse, "") {
			t.Errorf("nobody says SO_REUSEADDR: %+v", d.Remedies)
		}
	case Held, HeldShared, HeldHidden, HeldOtherAddress, Ghost:
		if len(d.Endpoints) == 0 || !has(RemedyFree, "") || !has(RemedyOtherPort, "") {
			t.Errorf("endpoints %+v, remedies %+v", d.Endpoints, d.Remedies)
		}
		if d.Cause == HeldHidden && (len(d.Endpoints[0].Creators) == 0 || !d.Endpoints[0].Creators[0].HasUID) {
			t.Errorf("whose it is was not said: %+v", d.Endpoints[0])
		}
		if d.Cause == Ghost && (len(d.Endpoints[0].Holders) != 1 || d.Endpoints[0].Holders[0].Name != "sleep") {
			t.Errorf("who inherited it was not said: %+v", d.Endpoints[0].Holders)
		}
	case BoundNotListen:
		if len(d.Bound) != 1 || len(d.Bound[0].Holders) != 1 || d.Bound[0].Holders[0].PID != int32(os.Getpid()) {
			t.Errorf("bound: %+v, want one of ours", d.Bound)
		}
	case EphemeralClient:
		if d.Client == nil || len(d.Client.Holders) != 1 || !has(RemedyCloseConn, "") {
			t.Errorf("client %+v, remedies %+v", d.Client, d.Remedies)
		}
	case Privileged:
		if d.LowPort < 2 || !has(RemedyCommand, "setcap") || !has(RemedyCommand, "allow_low_ports") {
			t.Errorf("low port %d, remedies %+v", d.LowPort, d.Remedies)
		}
	case FamilyDisabled:
		if !has(RemedyCommand, "enable_ipv6") {
			t.Errorf("remedies %+v", d.Remedies)
		}
	case AddressNotLocal:
		if !has(RemedyCommand, "add_address") {
			t.Errorf("remedies %+v", d.Remedies)
		}
	case Container, SystemdSocket, ExcludedRange, HTTPSys, Unexplained:
	}
}

func describe(d *Diagnosis) string {
	var b strings.Builder
	for _, t := range d.Tries {
		fmt.Fprintf(&b, "  %v manner %d: %s (%v)\n", t.Addr, t.Manner, t.Code, t.Err)
	}
	for _, e := range d.Endpoints {
		fmt.Fprintf(&b, "  %v %v\n", e.Addr, e.Owner)
		for _, h := range e.Holders {
			fmt.Fprintf(&b, "    %d %s %q\n", h.PID, h.Name, h.Args)
		}
	}
	fmt.Fprintf(&b, "  notes %+v\n  missing %v\n", d.Notes, d.Missing)
	return b.String()
}

func examineHere(t *testing.T, q Question) *Diagnosis {
	t.Helper()
	d, err := Examine(t.Context(), q, Options{})
	must(t, err)
	return d
}

// What localhost reaches is asked without traffic unless told otherwise: a
// program that serves one connection and ends is still there afterwards.
func TestExamine_LeavesAOneShotListenerAlone(t *testing.T) {
	port := freePort(t, 5000, false)
	ln := listen(t, "tcp4", lo4, port)
	got := make(chan string, 1)
	go func() { // nc -l
		c, err := ln.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		b, _ := io.ReadAll(c)
		c.Close()
		got <- string(b)
	}()
	d := examineHere(t, Question{Port: port, Reach: true})
	if len(d.Localhost) != 2 || !d.Localhost[0].Found || d.Localhost[0].Key.Addr != netip.AddrPortFrom(lo4, port) || d.Localhost[0].Probed || d.Localhost[1].Found {
		t.Errorf("localhost reaches %+v", d.Localhost)
	}
	if !slices.ContainsFunc(d.Barriers, func(b Barrier) bool { return b.Kind == BarrierLoopback && b.Certain }) {
		t.Errorf("bound to loopback, and barriers are %+v", d.Barriers)
	}
	c, err := net.Dial("tcp4", ln.Addr().String())
	must(t, err)
	io.WriteString(c, "first")
	c.Close()
	if b := <-got; b != "first" {
		t.Errorf("its one connection brought %q", b)
	}
}

func TestExamine_ProbesByConnecting(t *testing.T) {
	port := freePort(t, 5100, false)
	// Localhost is two programs, as with Node beside one of IPv4 alone.
	start(t, "listen", fmt.Sprint(port))
	start(t, "listen6", fmt.Sprint(port))
	d := examineHere(t, Question{Port: port, Probe: true})
	if len(d.Localhost) != 2 {
		t.Fatalf("localhost reaches %+v", d.Localhost)
	}
	for i, want := range []netip.Addr{lo4, netip.IPv6Loopback()} {
		if r := d.Localhost[i]; !r.Probed || !r.Found || r.Key.Addr.Addr() != want {
			t.Errorf("%v reaches %+v", want, r)
		}
	}
	if d.Shadow == nil || len(d.Shadow.Keys) != 2 {
		t.Errorf("two programs answer for localhost, and the shadow is %+v", d.Shadow)
	}
}

func TestExamine_RefusesWhatIsNoPort(t *testing.T) {
	if _, err := Examine(t.Context(), Question{}, Options{}); err == nil {
		t.Error("port 0 was examined")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Examine(ctx, Question{Port: 1}, Options{}); err == nil {
		t.Error("it went on after its context had ended")
	}
}

// Inside a container something listens, and nobody published it.
func TestExamine_FindsAContainersUnpublishedPort(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a network of its own with a cgroup")
	}
	port := freePort(t, 5200, false)
	inside := start(t, "listen anywhere", fmt.Sprint(port), func(c *exec.Cmd) { c.SysProcAttr.Cloneflags = unix.CLONE_NEWNET })
	inContainer(t, inside, port)
	d := examineHere(t, Question{Port: port, Reach: true})
	if !slices.ContainsFunc(d.Barriers, func(b Barrier) bool {
		return b.Kind == BarrierUnpublish && b.Certain && strings.HasPrefix(b.Evidence, fmt.Sprintf("%08x", port))
	}) {
		t.Errorf("barriers %+v", d.Barriers)
	}
	if d := examineHere(t, Question{Port: port + 1, Reach: true}); slices.ContainsFunc(d.Barriers, func(b Barrier) bool { return b.Kind == BarrierUnpublish }) {
		t.Errorf("nobody listens on the next port, and barriers are %+v", d.Barriers)
	}
}
