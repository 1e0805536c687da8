//go:build desktop && linux

package desktop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// The people of the machine in the pictures.
const (
	ana      = 1000
	postgres = 114
	passwd   = "root:x:0:0:root:/root:/bin/bash\npostgres:x:114:120::/var/lib/postgresql:/bin/bash\nana:x:1000:1000:Ana:/home/ana:/bin/bash\n"
)

// stageDay stages a developer's machine for pictures: a user's own programs,
// started from terminal and editor, beside services of others.
func stageDay(t *testing.T) *syscall.Credential {
	t.Helper()
	if !stage.Inside() {
		t.Skip("the machine in the pictures has users, services and a home of its own: only root can stage it")
	}
	names := filepath.Join(stage.OpenDir(t), "passwd")
	if err := os.WriteFile(names, []byte(passwd), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(names, "/etc/passwd", "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount("/etc/passwd", unix.MNT_DETACH) })
	for _, dir := range []string{"shop/.git", "shop-api/.git", "notes/.git", ".local/bin"} {
		if err := os.MkdirAll("/home/ana/"+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	binary := func(name string) string {
		path := "/home/ana/.local/bin/" + name
		if _, err := os.Stat(path); err != nil {
			stage.CopySelf(t, path)
		}
		return path
	}
	// mine starts one of Ana's programs in a project, from under others.
	mine := func(project, look, address string, from ...string) *stage.Child {
		role, first := "http", strings.Fields(look)[0]
		args := []string{address}
		if first == "gopls" || first == "redis-server" {
			role, args = "listen", []string{"tcp", address}
		}
		args = append([]string{binary(filepath.Base(first)), look, role}, args...)
		for i := len(from) - 1; i > 0; i-- {
			args = append([]string{binary(from[i]), from[i], "spawn"}, args...)
		}
		return stage.Start(t, "spawn", args, stage.Executable(binary(from[0])), stage.Looking(from[0]),
			stage.As(ana, ana), stage.In("/home/ana/"+project))
	}
	terminal := []string{"gnome-terminal-server", "bash"}
	web := mine("shop", "node server.js", "[::]:3000", terminal...)
	mine("shop", "vite --port 5173", "[::1]:5173", "gnome-terminal-server", "bash", "npm")
	mine("shop-api", "./api -config dev.yaml", "127.0.0.1:8080", terminal...)
	mine("notes", "python3 -m http.server 8000", "0.0.0.0:8000", terminal...)
	mine("shop", "redis-server 127.0.0.1:6379", "127.0.0.1:6379", terminal...)
	mine("shop-api", "gopls serve", "127.0.0.1:37389", "code")

	theirs := func(unit, role string, uid int, args ...string) {
		stage.Start(t, role, args, stage.Executable(binary("daemon")), stage.As(uid, uid), stage.Unit(t, unit))
	}
	theirs("ssh.service", "listen", 0, "tcp4", "0.0.0.0:22")
	theirs("nginx.service", "listen", 0, "tcp4", "0.0.0.0:80")
	theirs("postgresql@15-main.service", "listen", postgres, "tcp4", "127.0.0.1:5432")
	theirs("avahi-daemon.service", "udp", 0, "udp4", "0.0.0.0:5353")
	for range 2 {
		stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", web.Port)}, stage.Executable(binary("firefox")),
			stage.Looking("firefox"), stage.As(ana, ana))
	}
	return &syscall.Credential{Uid: ana, Gid: ana}
}

// TestGallery takes the pictures that people look at: both themes, both
// languages, the table, the details, the question before a kill, the settings.
func TestGallery(t *testing.T) {
	p := stage.Build(t)
	user := stageDay(t)
	if d := os.Getenv("PORTLIGHT_OUT"); d != "" { // and what the terminal shows of it
		as := func(c *exec.Cmd) { c.SysProcAttr.Credential = user }
		for name, args := range map[string][]string{"list": {"list"}, "who": {"who", "3000"}} {
			text := p.Run(t, args, as).Stdout
			if err := os.MkdirAll(d, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(d, name+".txt"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, theme := range []string{"light", "dark"} {
		for _, language := range []string{"en", "zh"} {
			t.Run(theme+" "+language, func(t *testing.T) {
				d := desk.Start(t, desk.Options{User: user})
				d.WriteConfig("portlight/portlight.yaml", fmt.Sprintf("theme: %s\nlanguage: %s\n", theme, language))
				a := d.Open(p)
				name := theme + "-" + language
				a.AwaitRow(3000)
				d.Place(a.Window, 60, 40, 1280, 800)
				d.Focus(a.Window)
				d.Settle(a.Window)
				d.Screenshot(a.Window, "readme-"+name)

				d.Key("ctrl+k")
				d.Type("3000")
				d.Key("Return")
				a.Await("the details of port 3000", func(s desk.State) bool { return s.Details && s.Selects(3000) })
				d.Settle(a.Window)
				d.Screenshot(a.Window, "readme-details-"+name)

				d.Key("Menu")
				d.Settle(a.Window)
				d.Screenshot(a.Window, "menu-"+name)
				d.Key("Escape")

				d.Key("ctrl+comma")
				a.Await("the settings page", func(s desk.State) bool { return s.Page == "settings" })
				d.Settle(a.Window)
				d.Screenshot(a.Window, "settings-"+name)

				d.Key("ctrl+f")
				d.Type("no-such-program")
				a.Await("an empty table", func(s desk.State) bool { return s.Page == "ports" && len(s.Rows) == 0 })
				d.Settle(a.Window)
				d.Screenshot(a.Window, "empty-"+name)
				d.Key("ctrl+a")
				d.Type("port:70000")
				d.Settle(a.Window)
				d.Screenshot(a.Window, "mistake-"+name)

				before := d.AllWindows()
				d.ClickTray()
				d.Popup(before)
				d.Screenshot("root", "tray-"+name)
			})
		}
	}
}
