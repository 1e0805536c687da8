package free

import (
	"testing"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestIsInteractive(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want bool
	}{
		"a login shell":                    {[]string{"-bash"}, true},
		"a shell in a terminal":            {[]string{"/usr/bin/zsh"}, true},
		"with flags":                       {[]string{"bash", "--norc", "-l"}, true},
		"as an editor starts it":           {[]string{"/bin/bash", "--init-file", "/usr/share/code/shellIntegration-bash.sh"}, true},
		"as an editor starts PowerShell":   {[]string{`C:\Program Files\PowerShell\7\pwsh.exe`, "-noexit", "-command", "x"}, true},
		"a Windows prompt":                 {[]string{`C:\Windows\system32\cmd.exe`}, true},
		"one that stays after its command": {[]string{"cmd.exe", "/K", "vars.bat"}, true},
		"a command":                        {[]string{"sh", "-c", "node server.js"}, false},
		"a command for a login shell":      {[]string{"bash", "-lc", "node server.js"}, false},
		"a script":                         {[]string{"/bin/sh", "./dev.sh"}, false},
		"a script with flags":              {[]string{"bash", "-e", "./dev.sh"}, false},
		"npm's on Windows":                 {[]string{"cmd.exe", "/d", "/s", "/c", "vite"}, false},
		"no shell":                         {[]string{"node", "server.js"}, false},
		"one of whom nothing is known":     {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := isInteractive(process.Ancestor{Name: "anything", Args: c.args}); got != c.want {
				t.Errorf("%q: got %v, want %v", c.args, got, c.want)
			}
		})
	}
}

func TestRestarter_IsNotSoughtAboveAWorkplace(t *testing.T) {
	is := func(pid int32, args ...string) process.Ancestor {
		return process.Ancestor{Identity: process.Identity{PID: pid, Start: 1}, Name: args[0], Args: args}
	}
	nodemon := is(30, "nodemon", "app.js")
	for name, c := range map[string]struct {
		parents []process.Ancestor
		want    int32
	}{
		"its parent":                    {[]process.Ancestor{nodemon, is(20, "bash")}, 30},
		"above a script's shell":        {[]process.Ancestor{is(40, "sh", "-c", "node app.js"), nodemon}, 30},
		"above a shell that is used":    {[]process.Ancestor{is(40, "bash"), nodemon}, 0},
		"above an editor":               {[]process.Ancestor{is(40, "code"), nodemon}, 0},
		"above it, and seen to do it":   {[]process.Ancestor{is(40, "bash"), is(50, "my-loop")}, 50},
		"above it, and holding it, too": {[]process.Ancestor{is(40, "bash"), is(60, "server")}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			d := &draft{plan: &Plan{Aim: Aim{Restarter: process.Identity{PID: 50, Start: 1}}}}
			d.others = []*process.Process{{Identity: process.Identity{PID: 60, Start: 1}}}
			got := d.restarter(&process.Process{Parents: c.parents}, nil)
			if (got == nil) != (c.want == 0) || got != nil && got.PID != c.want {
				t.Errorf("got %+v, want %d", got, c.want)
			}
		})
	}
}
