package process

import (
	"errors"
	"testing"
	"time"
)

// TestFacts_OfOneServiceOfMany: Windows puts several services into one
// svchost.exe, and a row's service tag says whose the socket is.
func TestFacts_OfOneServiceOfMany(t *testing.T) {
	x := &pidIndex{
		identify: func(pid int32) (Identity, error) { return Identity{PID: pid, Start: 1}, nil },
		younger:  func(Identity, int64) bool { return false },
		kernel:   func(int32) bool { return false },
		owners:   make(map[int32]owner),
	}
	const shared, alone = 1820, 940
	asked := 0
	r := NewReader()
	r.read = func(id Identity) (*Process, error) {
		p := &Process{Identity: id, Name: "svchost.exe", Unit: "Dnscache, NlaSvc, WinRM"}
		if id.PID == alone {
			p.Unit = "RpcSs"
		}
		return p, nil
	}
	r.service = func(pid int32, tag uint32) string {
		asked++
		return map[uint32]string{112: "Dnscache", 66: "WinRM"}[tag]
	}
	for _, tt := range []struct {
		name string
		pid  int32
		tag  uint32
		want string
	}{
		{"a socket names its service", shared, 112, "Dnscache"},
		{"another socket of the process names another", shared, 66, "WinRM"},
		{"a tag nobody knows leaves all of them", shared, 7, "Dnscache, NlaSvc, WinRM"},
		{"and so does a row without a tag", shared, 0, "Dnscache, NlaSvc, WinRM"},
		{"a process with one service needs no tag", alone, 87, "RpcSs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Socket{PID: tt.pid, ServiceTag: tt.tag}
			if err := x.update(time.Now(), []Socket{s}, false); err != nil {
				t.Fatal(err)
			}
			claims := x.answer(s).Claims
			if len(claims) != 1 {
				t.Fatalf("claims = %+v", claims)
			}
			p := r.Facts(t.Context(), claims[0])
			if p.Unit != tt.want || p.PID != tt.pid || p.Name != "svchost.exe" {
				t.Errorf("process %d is %q of %q, want %q", p.PID, p.Name, p.Unit, tt.want)
			}
			if again := r.Facts(t.Context(), claims[0]); again != p {
				t.Error("the same facts became others")
			}
		})
	}
	if asked != 3 {
		t.Errorf("the service manager was asked %d times for three tags", asked)
	}
}

// TestFacts_OfAnInfantAreReadAgain: what is read between fork and exec, or
// before Windows has written a process's parameters, isn't the program's.
func TestFacts_OfAnInfantAreReadAgain(t *testing.T) {
	born := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	id := Identity{PID: 1 << 30, Start: 1}
	for _, tt := range []struct {
		name  string
		first time.Duration // age at the first reading
		later string        // what the second reading finds
		err   error
		reads int
		want  string
	}{
		{"a forked child has become its program", time.Second, "server", nil, 2, "server"},
		{"a process that stayed keeps its very facts", time.Second, "shell", nil, 2, "shell"},
		{"one that ended meanwhile keeps what was read", time.Second, "", ErrGone, 2, "shell"},
		{"an older one isn't read again", time.Minute, "server", nil, 1, "shell"},
		{"a start that is off by the clock's second is young", -time.Second, "server", nil, 2, "server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reads := 0
			r := NewReader()
			r.read = func(id Identity) (*Process, error) {
				reads++
				p := &Process{Identity: id, Name: "shell", Started: born}
				if reads > 1 {
					if tt.err != nil {
						return nil, tt.err
					}
					p.Name = tt.later
				}
				return p, nil
			}
			// A build only when something is due, as the scanner does.
			now := born.Add(tt.first)
			r.Begin(now)
			before := r.Facts(t.Context(), Claim{Identity: id})
			r.Sweep()
			for range 10 {
				now = now.Add(time.Second)
				if r.Begin(now) {
					r.Facts(t.Context(), Claim{Identity: id})
					r.Sweep()
				}
			}
			p := r.Facts(t.Context(), Claim{Identity: id})
			if p.Name != tt.want || reads != tt.reads {
				t.Errorf("it is %q after %d readings, want %q after %d", p.Name, reads, tt.want, tt.reads)
			}
			if (p == before) != (tt.want == "shell") {
				t.Errorf("the facts were exchanged: %v", p != before)
			}
		})
	}
}

func TestFacts_OfTheDeadAreReadOnce(t *testing.T) {
	reads := 0
	r := NewReader()
	r.read = func(Identity) (*Process, error) { reads++; return nil, errors.Join(ErrGone) }
	for i := range 10 {
		r.Begin(time.Unix(int64(1e9+i), 0))
		r.Facts(t.Context(), Claim{Identity: Identity{PID: 5, Start: 9}})
	}
	if reads != 1 {
		t.Errorf("a process that is gone was read %d times", reads)
	}
}
