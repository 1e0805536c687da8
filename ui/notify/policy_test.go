package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestPolicy(t *testing.T) {
	all := Calm()
	all.Closed, all.UDP = true, true
	muted := all
	muted.MutedPorts, muted.MutedPrograms = []uint16{3000}, []string{"Postgres"}
	for name, tt := range map[string]struct {
		rules Rules
		play  func(*stage)
		want  []string // titles of the toasts
	}{
		"what was there at the start is not told": {Calm(), func(s *stage) {
			s.open("127.0.0.1:5432", s.program("postgres", ""))
		}, nil},
		"a dev server opens its port": {Calm(), func(s *stage) {
			s.tick()
			s.open("127.0.0.1:3000", s.program("node", "shop"))
		}, []string{"node opened port 3000"}},
		"on both IP versions it is one port": {Calm(), func(s *stage) {
			s.tick()
			p := s.program("node", "shop")
			s.open("127.0.0.1:3000", p)
			s.open("[::1]:3000", p)
		}, []string{"node opened port 3000"}},
		"a server that dies at once is nothing": {Calm(), func(s *stage) {
			s.tick()
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.tick()
			s.close("127.0.0.1:3000")
		}, nil},
		"one that dies before the toast is nothing": {all, func(s *stage) {
			s.tick()
			s.open("127.0.0.1:9999", s.program("air", "")) // starts the gap between toasts
			s.wait(5 * time.Second)
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.wait(4 * time.Second)
			s.close("127.0.0.1:3000")
		}, []string{"air opened port 9999"}},
		"a slow restart is familiar": {Calm(), func(s *stage) {
			s.tick()
			for range 5 {
				s.open("127.0.0.1:3000", s.program("node", "shop"))
				s.wait(time.Minute)
				s.close("127.0.0.1:3000")
				s.wait(time.Minute)
			}
		}, []string{"node opened port 3000"}},
		"after half a day away it is news again": {Calm(), func(s *stage) {
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.tick()
			s.close("127.0.0.1:3000")
			s.wait(13 * time.Hour)
			s.open("127.0.0.1:3000", s.program("node", "shop"))
		}, []string{"node opened port 3000"}},
		"another project on that port is news": {Calm(), func(s *stage) {
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.tick()
			s.close("127.0.0.1:3000")
			s.wait(time.Minute)
			s.open("127.0.0.1:3000", s.program("node", "blog"))
		}, []string{"node opened port 3000"}},
		"an ephemeral port on loopback is not told": {Calm(), func(s *stage) {
			s.tick()
			s.open("127.0.0.1:51234", s.program("gopls", "shop"))
		}, nil},
		"an ephemeral port beyond loopback is told once a program": {Calm(), func(s *stage) {
			s.tick()
			s.open("[::]:51234", s.program("java", "shop"))
			s.wait(time.Minute)
			s.close("[::]:51234")
			s.open("[::]:52345", s.program("java", "shop"))
		}, []string{"java can be reached from other machines on port 51234"}},
		"from loopback to all networks": {Calm(), func(s *stage) {
			p := s.program("node", "shop")
			s.open("127.0.0.1:3000", p)
			s.tick()
			s.open("0.0.0.0:3000", p)
		}, []string{"node can be reached from other machines on port 3000"}},
		"opened to all networks at once is one toast": {Calm(), func(s *stage) {
			s.tick()
			s.open("0.0.0.0:3000", s.program("node", "shop"))
		}, []string{"node opened port 3000"}},
		"a second program on the port": {Calm(), func(s *stage) {
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.tick()
			s.open("[::]:3000", s.program("docker-proxy", ""))
		}, []string{"Two programs on port 3000"}},
		"another network's address is no second owner": {Calm(), func(s *stage) {
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.tick()
			s.open("192.0.2.7:3000", s.program("java", "shop"))
		}, []string{"java opened port 3000"}},
		"a second program on the same socket": {Calm(), func(s *stage) {
			node := s.program("node", "shop")
			s.open("127.0.0.1:3000", node)
			s.tick()
			s.open("127.0.0.1:3000", node, s.program("nc", ""))
		}, []string{"Two programs on port 3000"}},
		"the same second program again is known": {Calm(), func(s *stage) {
			node := s.program("node", "shop")
			s.open("127.0.0.1:3000", node)
			s.tick()
			for range 4 {
				s.open("127.0.0.1:3000", node, s.program("nc", ""))
				s.wait(time.Minute)
				s.open("127.0.0.1:3000", node)
				s.wait(time.Minute)
			}
		}, []string{"Two programs on port 3000"}},
		"a child that inherited the socket is no second owner": {Calm(), func(s *stage) {
			node := s.program("node", "shop")
			s.open("127.0.0.1:3000", node)
			s.tick()
			s.open("127.0.0.1:3000", node, s.program("esbuild", "shop", node))
		}, nil},
		"seven ports of one program are one toast": {Calm(), func(s *stage) {
			s.tick()
			p := s.program("node", "shop")
			for i := range 7 {
				s.open(fmt.Sprintf("127.0.0.1:%d", 3000+i), p)
			}
		}, []string{"node opened 7 ports"}},
		"ports of several programs are one toast": {Calm(), func(s *stage) {
			s.tick()
			for i := range 7 {
				s.open(fmt.Sprintf("127.0.0.1:%d", 3000+i), s.program(fmt.Sprintf("app%d", i), ""))
			}
		}, []string{"7 ports opened"}},
		"what comes right after a toast waits for the gap": {Calm(), func(s *stage) {
			s.tick()
			for i := range 10 {
				s.open(fmt.Sprintf("127.0.0.1:%d", 3000+i), s.program(fmt.Sprintf("app%d", i), ""))
				s.wait(2 * time.Second)
			}
		}, []string{"2 ports opened", "8 ports opened"}},
		"udp is not told": {Calm(), func(s *stage) {
			s.tick()
			s.open("udp/0.0.0.0:5353", s.program("chrome", ""))
		}, nil},
		"udp by choice": {all, func(s *stage) {
			s.tick()
			s.open("udp/0.0.0.0:1900", s.program("minidlnad", ""))
		}, []string{"minidlnad opened port 1900/udp"}},
		"ephemeral udp not even by choice": {all, func(s *stage) {
			s.tick()
			s.open("udp/0.0.0.0:55555", s.program("chrome", ""))
		}, nil},
		"closing is told by choice": {all, func(s *stage) {
			s.open("127.0.0.1:5432", s.program("postgres", ""))
			s.tick()
			s.close("127.0.0.1:5432")
		}, []string{"postgres closed port 5432"}},
		"muted ports and programs": {muted, func(s *stage) {
			s.tick()
			s.open("0.0.0.0:3000", s.program("node", "shop"))
			s.open("0.0.0.0:5432", s.program("postgres", ""))
		}, nil},
		"Portlight and its children are not told": {func() Rules {
			r := all
			r.Self = process.Identity{PID: 1001, Start: 1001}
			return r
		}(), func(s *stage) {
			s.tick()
			self := s.program("portlight", "")
			s.open("0.0.0.0:3000", self)
			s.open("0.0.0.0:3001", s.program("child", "", self))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(tt.rules)
			tt.play(s)
			s.wait(time.Minute)
			var got []string
			for _, x := range s.toasts {
				got = append(got, x.Title)
			}
			if strings.Join(got, "; ") != strings.Join(tt.want, "; ") {
				t.Errorf("toasts %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPausedPolicyLearnsButIsSilent(t *testing.T) {
	r := Calm()
	r.Paused = true
	s := newStage(r)
	s.tick()
	s.open("127.0.0.1:3000", s.program("node", "shop"))
	s.wait(time.Minute)
	s.policy.SetRules(Calm())
	s.close("127.0.0.1:3000")
	s.wait(time.Minute)
	s.open("127.0.0.1:3000", s.program("node", "shop"))
	s.wait(time.Minute)
	if len(s.toasts) != 0 {
		t.Errorf("told %v", s.toasts)
	}
	s.open("127.0.0.1:4000", s.program("node", "shop"))
	s.wait(time.Minute)
	if len(s.toasts) != 1 {
		t.Errorf("told %v after the pause, want one toast", s.toasts)
	}
}

func TestWhatNeedsALookComesFirst(t *testing.T) {
	s := newStage(Calm())
	s.open("127.0.0.1:8000", s.program("python", ""))
	s.tick()
	s.open("127.0.0.1:3000", s.program("node", "shop"))
	s.open("[::]:8000", s.program("caddy", ""))
	s.wait(time.Minute)
	if len(s.toasts) != 1 {
		t.Fatalf("toasts: %v", s.toasts)
	}
	got := s.toasts[0]
	if !got.Important || got.Key != key("[::]:8000") || got.Slot == "ports" {
		t.Errorf("toast %+v, want it to be about port 8000 and important", got)
	}
	if want := "Two programs on port 8000\nnode opened port 3000"; got.Body != want {
		t.Errorf("body %q, want %q", got.Body, want)
	}
}

// An hour of a developer's machine, a second at a time.
func TestReplayedHour(t *testing.T) {
	s := newStage(Calm())
	s.open("0.0.0.0:22", s.program("sshd", ""))
	s.open("127.0.0.1:631", s.program("cupsd", ""))
	s.open("udp/127.0.0.53:53", s.program("systemd-resolved", ""))
	ide, chrome := s.program("code", ""), s.program("chrome", "")
	s.open("127.0.0.1:50001", ide)
	s.open("udp/224.0.0.251:5353", chrome)
	s.tick()

	var lsp, inspector string
	restarts, reopenAt := 0, -1
	for sec := range 3600 {
		// A browser: a QUIC socket a second, each held for some seconds.
		s.open(fmt.Sprintf("udp/0.0.0.0:%d", 49200+sec%9000), chrome)
		if sec >= 7 {
			s.close(fmt.Sprintf("udp/0.0.0.0:%d", 49200+(sec-7)%9000))
		}
		// A language server, restarted every few minutes on a new port.
		if sec%200 == 10 {
			if lsp != "" {
				s.close(lsp)
			}
			lsp = fmt.Sprintf("127.0.0.1:%d", 59000+sec%5000)
			s.open(lsp, s.program("gopls", "shop", ide))
		}
		// A build daemon that listens on all networks for no good reason.
		if sec%900 == 400 {
			s.open(fmt.Sprintf("[::]:%d", 60001+sec), s.program("java", "shop"))
		}
		// A dev server under a watcher: forty restarts, every eighth slow,
		// and its inspector on a port of its own.
		switch {
		case sec == 60:
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			inspector = "127.0.0.1:9229"
			s.open(inspector, s.program("node", "shop"))
		case sec > 100 && sec%85 == 0 && restarts < 40:
			restarts++
			s.close("127.0.0.1:3000")
			s.close(inspector)
			if reopenAt = sec + 1 + restarts%3; restarts%8 == 0 {
				reopenAt = sec + 25
			}
		}
		if sec == reopenAt {
			s.open("127.0.0.1:3000", s.program("node", "shop"))
			s.open(inspector, s.program("node", "shop"))
		}
		// A database in a container, published on both IP versions.
		if sec == 1200 {
			proxy4, proxy6 := s.program("docker-proxy", ""), s.program("docker-proxy", "")
			s.open("0.0.0.0:5432", proxy4)
			s.open("[::]:5432", proxy6)
		}
		s.tick()
	}
	if restarts != 40 {
		t.Fatalf("the watcher restarted %d times, want 40", restarts)
	}
	for _, x := range s.toasts {
		t.Logf("%s | %s", x.Title, strings.ReplaceAll(x.Body, "\n", " / "))
	}
	if len(s.toasts) > 3 {
		t.Errorf("%d toasts in an hour, want at most 3", len(s.toasts))
	}
	for _, port := range []uint16{3000, 5432} {
		told := 0
		for _, n := range s.told {
			if n.Key.Addr.Port() == port && n.Reason == ReasonOpened {
				told++
			}
		}
		if told != 1 {
			t.Errorf("port %d was told %d times, want once", port, told)
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	for _, name := range []string{
		`$(calc).exe`, `"; rm -rf ~; "`, `<b>bold</b>&amp;`, "two\nlines\r\n", "bell\a\x1b[31mred\x00",
		strings.Repeat("x", 5000), "exe.\u202egpj", "{{.Port}}{{printf \"%s\" .}}", "\xff\xfe", "",
	} {
		batch := []Notice{{Reason: ReasonOpened, Key: key("127.0.0.1:3000"), Who: Who{Name: name, Project: name}}}
		for _, x := range []Toast{Words(batch), Words(append(batch, batch...)),
			Words([]Notice{{Reason: ReasonSecondOwner, Key: key("127.0.0.1:1"), Who: Who{Name: name}, Other: Who{Name: name}}})} {
			if n := len([]rune(x.Title)); n > maxTitle {
				t.Errorf("%.20q: title of %d characters", name, n)
			}
			for _, s := range []string{x.Title, x.Body} {
				if strings.ContainsAny(strings.ReplaceAll(s, "\n", ""), "\x00\a\x1b\r\u202e\u2066") || strings.Contains(x.Title, "\n") {
					t.Errorf("%.20q came through in %q", name, s)
				}
			}
		}
	}
}
