package process

import (
	"errors"
	"strings"
	"testing"
)

func TestParseStat(t *testing.T) {
	// Fields after the command: state ppid pgrp session tty tpgid flags …
	rest := " S 1066 5266 1066 0 -1 4194304 119 0 0 0 0 0 0 0 20 0 1 0 54413 3133440 373"
	tests := []struct {
		name string
		line string
		want procStat
		err  error
	}{
		{"a plain command", "5275 (cat)" + rest, procStat{comm: "cat", parent: 1066, start: 54413}, nil},
		{"a command with parentheses and spaces", "1 (a) b (c)" + rest, procStat{comm: "a) b (c", parent: 1066, start: 54413}, nil},
		{"a command with a newline", "1 (a\nb)" + rest, procStat{comm: "a\nb", parent: 1066, start: 54413}, nil},
		{"a kernel thread", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 12 0", procStat{comm: "kthreadd", kernel: true, start: 12}, nil},
		{"a zombie", "7 (sh) Z 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 12 0", procStat{comm: "sh", parent: 1, zombie: true, start: 12}, nil},
		{"threads that outlive the first", "7 (sh) Z 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 3 0 12 0", procStat{comm: "sh", parent: 1, start: 12}, nil},
		{"nothing", "", procStat{}, errProcStat},
		{"no command", "1 2 3", procStat{}, errProcStat},
		{"an end before the start value", "1 (x) S 1 2 3", procStat{}, errProcStat},
		{"a parent that is no number", "1 (x) S one" + rest, procStat{}, errProcStat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseStat([]byte(tt.line))
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("parseStat = %+v, %v; want %+v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("5275 (cat) R 5266 5266 1066 0 -1 4194304 119 0 0 0 0 0 0 0 20 0 1 0 54413 3133440 373"))
	f.Add([]byte(")("))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parseStat(b); err == nil && len(s.comm) > len(b) {
			t.Errorf("a command longer than the line: %q", s.comm)
		}
	})
}

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint64{
		"socket:[4711]":                      4711,
		"socket:[18446744073709551616]":      0,
		"socket:[]":                          0,
		"socket:[12":                         0,
		"socket:[1x]":                        0,
		"pipe:[4711]":                        0,
		"/tmp/socket:[4711]":                 0,
		"":                                   0,
		"socket:[4294967295] (deleted)":      0,
		"socket:[" + strings.Repeat("9", 40): 0,
	} {
		if got := socketInode([]byte(link)); got != want {
			t.Errorf("socketInode(%q) = %d, want %d", link, got, want)
		}
	}
}

func TestParseCgroup(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	tests := []struct {
		path string
		want Place
	}{
		{"/", Place{}},
		{"/system.slice/nginx.service", Place{Unit: "nginx.service"}},
		{"/system.slice/system-postgresql.slice/postgresql@17-main.service", Place{Unit: "postgresql@17-main.service"}},
		{"/user.slice/user-1000.slice/session-3.scope", Place{}},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-1234.scope", Place{Unit: "app-firefox-1234.scope"}},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service", Place{Unit: "syncthing.service"}},
		{"/user.slice/user-1000.slice/user@1000.service/init.scope", Place{}},
		{"/init.scope", Place{}},
		{"/system.slice/docker-" + id + ".scope", Place{Container: id}},
		{"/docker/" + id, Place{Container: id}},
		{"/docker/" + id + "/system.slice/nginx.service", Place{Container: id}},
		{"/machine.slice/libpod-" + id + ".scope/container", Place{Container: id}},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cri-containerd-" + id + ".scope", Place{Container: id}},
		{"/kubepods/burstable/pod12/" + id, Place{Container: id}},
		{"/lxc.payload.web/system.slice/nginx.service", Place{Container: "web"}},
		{`/machine.slice/machine-my\x2dbox.scope/payload`, Place{Container: "my-box"}},
		{"/system.slice/docker.service", Place{Unit: "docker.service"}},
		{"/system.slice/docker-short.scope", Place{Unit: "docker-short.scope"}},
	}
	for _, tt := range tests {
		if got := ParseCgroup(tt.path); got != tt.want {
			t.Errorf("ParseCgroup(%q) = %+v, want %+v", tt.path, got, tt.want)
		}
	}
}

func TestCgroupPath(t *testing.T) {
	id := strings.Repeat("ab", 32)
	tests := []struct{ name, file, want string }{
		{"cgroup v2 alone", "0::/system.slice/nginx.service\n", "/system.slice/nginx.service"},
		{"v2 beside v1, used by systemd", "4:memory:/\n1:name=systemd:/system.slice/x.service\n0::/system.slice/x.service\n", "/system.slice/x.service"},
		{"v1 alone, systemd's hierarchy", "4:memory:/y\n1:name=systemd:/system.slice/x.service\n0::/\n", "/system.slice/x.service"},
		{"v1 without systemd, in a container", "9:cpu:/docker/" + id + "\n4:memory:/docker/" + id + "\n", "/docker/" + id},
		{"nothing to say", "4:memory:/job\n0::/\n", ""},
		{"garbage", "zzz", ""},
	}
	for _, tt := range tests {
		if got := cgroupPath([]byte(tt.file)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCommandLine_QuotesOnlyWhatIsACommand(t *testing.T) {
	for want, p := range map[string]Process{
		"nginx: master process /usr/sbin/nginx": {Args: []string{"nginx: master process /usr/sbin/nginx"}, Exe: "/usr/sbin/nginx"},
		"'/opt/My App/app'":                     {Args: []string{"/opt/My App/app"}, Exe: "/opt/My App/app"},
		"sh -c 'sleep 1'":                       {Args: []string{"sh", "-c", "sleep 1"}, Exe: "/bin/sh"},
	} {
		if got := p.CommandLine(); got != want {
			t.Errorf("%q is shown as %s, want %s", p.Args, got, want)
		}
	}
}

func TestJoinArgs_ReadsBackInAShell(t *testing.T) {
	for want, args := range map[string][]string{
		"node server.js":          {"node", "server.js"},
		"sh -c 'echo \"hi\"; ls'": {"sh", "-c", `echo "hi"; ls`},
		`x '' 'it'\''s'`:          {"x", "", "it's"},
		"":                        nil,
	} {
		if got := JoinArgs(args); got != want {
			t.Errorf("JoinArgs(%q) = %s, want %s", args, got, want)
		}
	}
}
