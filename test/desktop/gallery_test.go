//go:build desktop && linux

package desktop

import (
	"fmt"
	"testing"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// A developer's machine, for pictures.
func stageDay(t *testing.T) {
	home := stage.OpenDir(t)
	web := program(t, home, "shop", "node", "http", "127.0.0.1:3000", "node", "server.js")
	program(t, home, "shop", "vite", "http", "[::1]:5173", "vite", "--port", "5173")
	program(t, home, "shop-api", "api", "http", ":8080", "./api", "-config", "dev.yaml")
	program(t, home, "shop", "postgres", "listen", "127.0.0.1:5432", "postgres", "-D", "/var/lib/postgresql/15/main")
	program(t, home, "shop", "redis-server", "listen", "127.0.0.1:6379", "redis-server", "127.0.0.1:6379")
	program(t, home, "notes", "python3", "http", "0.0.0.0:8000", "python3", "-m", "http.server", "8000")
	program(t, home, "shop", "gopls", "listen", "127.0.0.1:37389", "gopls", "-listen=127.0.0.1:37389")
	program(t, home, "bin", "avahi-daemon", "udp", ":5353", "avahi-daemon: running")
	program(t, home, "bin", "sshd", "listen", ":2222", "sshd: /usr/sbin/sshd -D [listener]")
	for range 3 {
		stage.Start(t, "connect", []string{fmt.Sprintf("127.0.0.1:%d", web.Port)})
	}
}

// TestGallery takes the pictures that people look at: both themes, both
// languages, the table, the details, the question before a kill, the settings.
func TestGallery(t *testing.T) {
	p := stage.Build(t)
	stageDay(t)
	for _, theme := range []string{"light", "dark"} {
		for _, language := range []string{"en", "zh"} {
			t.Run(theme+" "+language, func(t *testing.T) {
				d := desk.Start(t, desk.Options{})
				configure(t, d, fmt.Sprintf("theme: %s\nlanguage: %s\n", theme, language))
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
