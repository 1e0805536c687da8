//go:build monday && linux

package monday

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/desk"
	"github.com/portlight-app/portlight/test/internal/stage"
)

// A morning's length, and how often the web program is saved in it.
const (
	morning   = time.Minute
	savedEach = 8 * time.Second
	// maxToasts is what a person puts up with in an hour.
	maxToasts = 3
)

func TestMonday(t *testing.T) {
	p := stage.Build(t)
	m := stageMachine(t)
	docker := stage.Env("DOCKER_HOST=" + m.dockerHost)
	list := func(args ...string) stage.Report { return p.List(t, args, m.as(), m.groups(), docker) }

	t.Run("every TCP row names a program, a unit or a container", func(t *testing.T) {
		rows := 0
		for range 8 { // the language server's ports come and go
			for _, r := range list("proto:tcp").Endpoints {
				rows++
				if nameOf(r) == "" {
					t.Errorf("nobody is named for %s:%d: %+v", r.Address, r.Port, r)
				}
			}
			time.Sleep(300 * time.Millisecond)
		}
		if rows < 8*6 {
			t.Errorf("only %d rows in 8 readings: the machine has 6 fixed TCP listeners", rows)
		}
	})

	for _, is := range []struct {
		what string
		port uint16
		name []string // any of these
	}{
		{"the database is its container", 5432, []string{databaseContainer}},
		{"root's web server is its service", 8088, []string{"nginx"}},
		{"the web program is node", 3000, []string{"node"}},
		{"the Go service is itself", 8080, []string{"api"}},
	} {
		t.Run(is.what, func(t *testing.T) {
			for _, r := range list(fmt.Sprint(is.port)).Endpoints {
				if r.Proto == "tcp" && !slices.ContainsFunc(is.name, func(n string) bool { return strings.Contains(nameOf(r), n) }) {
					t.Errorf("port %d is named %q, want one of %q: %+v", is.port, nameOf(r), is.name, r)
				}
			}
			r := p.Run(t, []string{"who", fmt.Sprint(is.port)}, m.as(), m.groups(), docker)
			first, _, _ := strings.Cut(r.Stdout, "\n")
			if r.Code != 0 || !slices.ContainsFunc(is.name, func(n string) bool { return strings.Contains(first, n) }) {
				t.Errorf("who %d: exit %d, and its first line is %q\n%s%s", is.port, r.Code, first, r.Stdout, r.Stderr)
			}
			t.Logf("measured: who %d answered in %v: %s", is.port, r.Took.Round(time.Millisecond), first)
			if r.Took > 2*time.Second {
				t.Errorf("who %d took %v, a person looks for 2 s", is.port, r.Took)
			}
		})
	}

	t.Run("the web program has its project's name", func(t *testing.T) {
		for _, r := range list("3000").Endpoints {
			if len(r.Holders) != 1 || r.Holders[0].Project != "shop-frontend" {
				t.Errorf("want one holder of the project shop-frontend: %+v", r)
			}
		}
	})

	t.Run("the desktop stays calm", func(t *testing.T) { m.calm(t, p) })
}

// calm runs the window for a morning full of changes that nobody asked about,
// and then makes one that somebody did.
func (m *machine) calm(t *testing.T, p stage.Portlight) {
	d := desk.Start(t, desk.Options{User: m.developer})
	toasts := d.WatchToasts()
	app := d.Open(p, stage.Env("DOCKER_HOST="+m.dockerHost))
	app.AwaitRow(3000)

	changed := 0
	for end := time.Now().Add(morning); time.Now().Before(end); time.Sleep(savedEach) {
		m.touch()
		m.awaitPort(3000)
		changed++
	}
	if n := len(toasts.All()); n > maxToasts-1 {
		t.Errorf("%d toasts while node was started anew %d times among a browser's and a language server's ports, want 2 at most:\n%s",
			n, changed, toasts.Describe())
	}
	before := len(toasts.All())
	opened := m.program("preview", "http", "127.0.0.1:4000")
	took := stage.Eventually(t, stage.Patience, "a toast tells of port 4000", func() (bool, string) {
		return slices.ContainsFunc(toasts.All(), func(n desk.Toast) bool {
			return strings.Contains(n.Summary+n.Body, fmt.Sprint(opened.Port))
		}), toasts.Describe()
	})
	t.Logf("measured: %d toasts in %v of churn; the one that mattered came after %v", before, morning, took.Round(10*time.Millisecond))
	if n := len(toasts.All()); n > maxToasts {
		t.Errorf("%d toasts in all:\n%s", n, toasts.Describe())
	}
	if os.Getenv("PORTLIGHT_OUT") != "" {
		d.Screenshot(app.Window, "monday")
	}
}

// groups keeps the developer's own group, which may talk to the container engine.
func (m *machine) groups() stage.Option {
	return func(c *exec.Cmd) { c.SysProcAttr.Credential = m.developer }
}

// nameOf is how a row says who it is: program, unit or container.
func nameOf(r stage.Row) string {
	var names []string
	for _, h := range r.Holders {
		names = append(names, h.Name, h.Unit, h.Container)
	}
	for _, c := range r.Creators {
		names = append(names, c.Unit, c.Container)
	}
	if r.Container != nil {
		names = append(names, r.Container.Name)
	}
	return strings.TrimSpace(strings.Join(names, " "))
}
