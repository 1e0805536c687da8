package cli

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

func TestFree_printsPortsForScripts(t *testing.T) {
	speak(t, "en_US.UTF-8")
	e := office()
	e.ports = []uint16{8080, 8082, 8083}
	for _, c := range []struct {
		args, stdout string
		code         int
	}{
		{"--near 8080 --count 3", "8080\n8082\n8083\n", 0},
		{"--count 3 --json", `{"schema":1,"taken_at":"2026-03-01T12:00:00Z","proto":"tcp","ports":[8080,8082,8083]}` + "\n", 0},
		{"--count 4 --udp", "8080\n8082\n8083\n", 2},
		{"--count 0", "", 1}, {"--near abc", "", 1}, {"--near 0", "", 1}, {"--range 9-3", "", 1}, {"--range 3-", "", 1}, {"8080", "", 1},
	} {
		if r := run(t, e, 0, append([]string{"free"}, strings.Fields(c.args)...)...); r.stdout != c.stdout || r.code != c.code || (r.code == 0) != (r.stderr == "") {
			t.Errorf("free %s: exit %d, %q %q", c.args, r.code, r.stdout, r.stderr)
		}
	}
	e.ports = nil
	if r := run(t, e, 0, "free", "--json"); r.code != 2 || !strings.Contains(r.stdout, `"ports":[]`) {
		t.Errorf("none: exit %d, %q", r.code, r.stdout)
	}
}

func TestWait(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for args, code := range map[string]int{
		"3000 --listening":                          0,
		"9 --free":                                  0,
		"8009 --free":                               0, // with SO_REUSEADDR is free
		"3000 --free --timeout 1ms":                 2,
		"9 --listening --timeout 1ms":               2,
		"3000 --listening --proto udp --timeout 1s": 2,
		"3999 --free --timeout 1ms":                 2,
		"3000":                                      1,
		"3000 --free --listening":                   1,
		"3000 --free --timeout 0s":                  1,
		"3000 --free --timeout x":                   1,
		"--free":                                    1,
		"3000 3001 --free":                          1,
		"3000 --free --proto sctp":                  1,
	} {
		r := run(t, office(), 0, append([]string{"wait"}, strings.Fields(args)...)...)
		if r.code != code || (code == 0) != (r.stderr == "") || r.stdout != "" || strings.Count(r.stderr, "\n") > 1 {
			t.Errorf("wait %s: exit %d, want %d: %q %q", args, r.code, code, r.stdout, r.stderr)
		}
	}
	e := office()
	if r := run(t, e, 0, "wait", "3000", "--free", "--timeout", "1ms"); !strings.Contains(r.stderr, "node (PID 4242) holds") {
		t.Errorf("why isn't it free? %q", r.stderr)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if r := runTyping(t, ctx, e, 0, nil, nil, "wait", "9", "--listening"); r.code != ExitInterrupted {
		t.Errorf("interrupted: exit %d", r.code)
	}
	e.diagnoses[9] = &doctor.Diagnosis{Verdict: doctor.CanNotTell, Finding: doctor.Finding{Cause: doctor.Unexplained}}
	if r := run(t, e, 0, "wait", "9", "--free", "--timeout", "1ms"); r.code != 2 {
		t.Errorf("not known: exit %d", r.code)
	}
}

func TestOpen(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for port, want := range map[string]string{"3000": "http://localhost:3000/", "80": "http://localhost/"} {
		e := office()
		r := run(t, e, 0, "open", port)
		if r.code != 0 || e.browsed != want || strings.TrimSpace(r.stdout) != want {
			t.Errorf("open %s: exit %d, %q, %q", port, r.code, e.browsed, r.stderr)
		}
	}
	e := office()
	if r := run(t, e, 0, "open", "9"); r.code != 2 || e.browsed != "" {
		t.Errorf("nothing listens: exit %d, browsed %q", r.code, e.browsed)
	}
	if r := run(t, e, 0, "open", "5353"); r.code != 2 {
		t.Errorf("UDP: exit %d", r.code)
	}
	e.denied = ErrNoDesktop
	if r := run(t, e, 0, "open", "3000"); r.code != 0 || r.stdout != "http://localhost:3000/\n" || !strings.Contains(r.stderr, "no desktop") {
		t.Errorf("no desktop: exit %d, %q %q", r.code, r.stdout, r.stderr)
	}
}

func TestDisconnect(t *testing.T) {
	speak(t, "en_US.UTF-8")
	for _, c := range []struct {
		is, args string
		err      error
		code     int
		says     string
	}{
		{"no such connection", "127.0.0.1:1 127.0.0.1:2", nil, 2, "no connection"},
		{"one that is closed already", "127.0.0.1:3999 127.0.0.1:50002", nil, 2, "no connection"},
		{"no rights", "127.0.0.1:3000 127.0.0.1:50000", fs.ErrPermission, 7, "sudo portlight disconnect 127.0.0.1:3000 127.0.0.1:50000"},
		{"it went by itself", "127.0.0.1:3000 127.0.0.1:50000", sockets.ErrGone, 2, "by itself"},
		{"spelt as the socket of both families has it", "[::ffff:127.0.0.1]:3000 127.0.0.1:50000", sockets.ErrUnsupported, 1, "can't close"},
		{"one end", "127.0.0.1:3000", nil, 1, "both ends"},
		{"no port", "127.0.0.1 127.0.0.1:50000", nil, 1, "address:port"},
		{"a name", "localhost:3000 127.0.0.1:50000", nil, 1, "address:port"},
	} {
		e := office()
		e.denied = c.err
		r := run(t, e, 0, append([]string{"disconnect"}, strings.Fields(c.args)...)...)
		if r.code != c.code || !strings.Contains(r.stderr, c.says) || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, %q", c.is, r.code, r.stderr)
		}
	}
}
