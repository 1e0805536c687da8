//go:build monday && linux

// Package monday stages a developer's machine on a Monday morning – a database
// in a container, root's web server, a watched node program, a Go service, a
// busy browser, a chatty language server – and asks, as an ordinary user, what
// people ask: who is that, and will you leave me alone.
package monday

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

func TestMain(m *testing.M) {
	stage.Main()
	stage.OwnNetwork()
	os.Exit(m.Run())
}

// machine is the staged machine.
type machine struct {
	t     *testing.T
	dir   string
	parts stage.Parts
	// developer is the ordinary user at the keyboard.
	developer *syscall.Credential
	name      string
	// dockerHost is the container engine's address.
	dockerHost string
	node       int // PID of the web program, started anew by its watcher
	project    string
}

func stageMachine(t *testing.T) *machine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("staging root's services and another user's programs takes root: sudo make test")
	}
	m := &machine{t: t, dir: stage.OpenDir(t), parts: stage.UnpackedParts(), name: os.Getenv("PORTLIGHT_TEST_USER")}
	if m.name == "" {
		m.name = "nobody"
	}
	u, err := user.Lookup(m.name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	m.developer = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	m.startNginx()
	m.startDatabase()
	m.startNode()
	m.startPrograms()
	return m
}

// as is the option that starts a child as the developer.
func (m *machine) as() stage.Option {
	return func(c *exec.Cmd) { c.SysProcAttr.Credential = m.developer }
}

// folder makes a folder that belongs to the developer.
func (m *machine) folder(parts ...string) string {
	m.t.Helper()
	path := filepath.Join(append([]string{m.dir}, parts...)...)
	if err := os.MkdirAll(path, 0o755); err != nil {
		m.t.Fatal(err)
	}
	os.Chown(path, int(m.developer.Uid), int(m.developer.Gid))
	return path
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// service starts a program that runs until the test ends.
func (m *machine) service(cmd *exec.Cmd, what string) {
	m.t.Helper()
	log, err := os.Create(filepath.Join(m.dir, what+".log"))
	if err != nil {
		m.t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		m.t.Fatalf("start %s: %v", what, err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	m.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(15 * time.Second):
			cmd.Process.Kill()
			<-done
		}
		if m.t.Failed() {
			text, _ := os.ReadFile(log.Name())
			m.t.Logf("%s said:\n%s", what, tail(text, 3000))
		}
		log.Close()
	})
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}

// awaitPort waits until somebody answers.
func (m *machine) awaitPort(port int) {
	m.t.Helper()
	stage.Eventually(m.t, 2*stage.Patience, fmt.Sprintf("somebody answers at port %d", port), func() (bool, string) {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err != nil {
			return false, err.Error()
		}
		c.Close()
		return true, ""
	})
}

// startNginx starts root's web server as the service nginx.service.
func (m *machine) startNginx() {
	m.t.Helper()
	dir := filepath.Join(m.dir, "nginx")
	if err := os.Mkdir(dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	m.write(filepath.Join(dir, "nginx.conf"), fmt.Sprintf(`
daemon off; user nobody nogroup; worker_processes 2; pid %[1]s/pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server { listen 8088; listen [::]:8088; location / { return 200 "hello\n"; } }
}`, dir))
	cmd := exec.Command(m.parts.Find(m.t, "nginx"), "-p", dir, "-c", dir+"/nginx.conf", "-e", "stderr")
	cmd.Env = append(os.Environ(), m.parts.Env()...)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	stage.Unit(m.t, "nginx.service")(cmd)
	m.service(cmd, "nginx")
	m.awaitPort(8088)
}

// startNode starts a node program under node's own watcher, which starts it
// anew whenever the file changes.
func (m *machine) startNode() {
	m.t.Helper()
	m.project = m.folder("shop-frontend")
	m.write(filepath.Join(m.project, "package.json"), `{"name": "shop-frontend", "private": true}`)
	m.touch()
	cmd := exec.Command(m.parts.Find(m.t, "node"), "--watch", "server.js")
	cmd.Dir = m.project
	cmd.Env = append(append(os.Environ(), m.parts.Env()...), "HOME="+m.project)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: m.developer}
	m.service(cmd, "node")
	m.awaitPort(3000)
}

// touch saves the node program's source, as an editor does.
func (m *machine) touch() {
	m.t.Helper()
	m.write(filepath.Join(m.project, "server.js"), fmt.Sprintf(
		"// %d\nrequire('http').createServer((_, res) => res.end('hello')).listen(3000)\n", time.Now().UnixNano()))
}

// program starts a staged child as the developer, under a program's name.
func (m *machine) program(name, role string, args ...string) *stage.Child {
	m.t.Helper()
	dir := m.folder(name)
	m.folder(name, ".git")
	exe := filepath.Join(dir, name)
	stage.CopySelf(m.t, exe)
	return stage.Start(m.t, role, args, stage.Executable(exe), m.as(), stage.In(dir))
}

func (m *machine) startPrograms() {
	m.t.Helper()
	m.program("api", "http", "127.0.0.1:8080")
	m.program("browser", "churn-udp", "20")
	m.program("gopls", "churn-tcp", "1")
}

// must runs a command of the staging to its end.
func (m *machine) must(cmd *exec.Cmd) string {
	m.t.Helper()
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		m.t.Fatalf("%s: %v\n%s%s", cmd, err, out.String(), complaint.String())
	}
	return out.String()
}
