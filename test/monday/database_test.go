//go:build monday && linux

package monday

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// databaseContainer is the container's name.
const databaseContainer = "shop-db"

// startDatabase starts a container engine of the test's own and PostgreSQL in
// it, published on port 5432 as `docker run -p` does.
func (m *machine) startDatabase() {
	m.t.Helper()
	dir := filepath.Join(m.dir, "docker")
	if err := os.Mkdir(dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	m.dockerHost = "unix://" + dir + "/docker.sock"
	image := m.databaseImage()

	cmd := exec.Command(m.parts.Find(m.t, "dockerd"), "--host", m.dockerHost, "--group", fmt.Sprint(m.developer.Gid),
		"--data-root", dir+"/data", "--exec-root", dir+"/exec", "--pidfile", dir+"/pid", "--storage-driver", "vfs",
		"--userland-proxy-path", m.parts.Find(m.t, "docker-proxy"), "--iptables=false", "--ip6tables=false")
	cmd.Env = append(os.Environ(), m.parts.Env()...)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	stage.Unit(m.t, "docker.service")(cmd)
	m.service(cmd, "dockerd")
	stage.Eventually(m.t, 2*stage.Patience, "the container engine answers", func() (bool, string) {
		out, err := m.docker("info").CombinedOutput()
		return err == nil, string(tail(out, 500))
	})
	m.must(m.docker("import", image, "postgres:test"))
	m.must(m.docker("run", "--detach", "--name", databaseContainer, "--publish", "5432:5432",
		"--user", fmt.Sprintf("%d:%d", m.developer.Uid, m.developer.Gid), "postgres:test",
		m.postgres(), "-D", "/data", "-c", "listen_addresses=*", "-c", "unix_socket_directories="))
	m.t.Cleanup(func() {
		if m.t.Failed() {
			out, _ := m.docker("logs", databaseContainer).CombinedOutput()
			m.t.Logf("the database said:\n%s", tail(out, 2000))
		}
		m.docker("rm", "--force", databaseContainer).Run()
	})
	// The proxy accepts at once; the database behind it takes its time.
	stage.Eventually(m.t, 2*stage.Patience, "the database answers", func() (bool, string) {
		c, err := net.DialTimeout("tcp", "127.0.0.1:5432", time.Second)
		if err != nil {
			return false, err.Error()
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(time.Second))
		// SSLRequest; a server without certificates answers "N"
		// (PostgreSQL, Frontend/Backend Protocol, message formats).
		c.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
		answer := make([]byte, 1)
		_, err = io.ReadFull(c, answer)
		return err == nil && answer[0] == 'N', fmt.Sprint(answer, err)
	})
}

func (m *machine) docker(args ...string) *exec.Cmd {
	cmd := exec.Command(m.parts.Find(m.t, "docker"), append([]string{"--host", m.dockerHost}, args...)...)
	cmd.Env = append(append(os.Environ(), m.parts.Env()...), "HOME="+m.dir)
	return cmd
}

// postgres is the server's path inside the image.
func (m *machine) postgres() string {
	server := m.parts.Find(m.t, "postgres")
	if real, err := filepath.EvalSymlinks(server); err == nil {
		server = real
	}
	return server[strings.Index(server, "/usr/lib/postgresql/"):]
}

var libraryLine = regexp.MustCompile(`(?m)(?:=> )?(/\S+) \(0x`)

// databaseImage packs the server, its libraries and a new database cluster
// into the file system of an image: no registry is asked.
func (m *machine) databaseImage() string {
	m.t.Helper()
	server := m.parts.Find(m.t, "postgres")
	if real, err := filepath.EvalSymlinks(server); err == nil {
		server = real
	}
	cluster := m.folder("cluster")
	initdb := exec.Command(filepath.Join(filepath.Dir(server), "initdb"), "-D", cluster, "-A", "trust", "-N", "--locale", "C", "-E", "UTF8")
	initdb.Env = append(os.Environ(), m.parts.Env()...)
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: m.developer}
	initdb.Dir = "/"
	m.must(initdb)
	m.add(filepath.Join(cluster, "pg_hba.conf"), "host all all all trust\n")
	// The image has no time zone files; GMT is built in.
	m.add(filepath.Join(cluster, "postgresql.conf"), "timezone = 'GMT'\nlog_timezone = 'GMT'\n")

	image := filepath.Join(m.dir, "image.tar")
	f, err := os.Create(image)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	w := &imageWriter{m, tar.NewWriter(f), map[string]bool{"/": true, "/data": true}}
	w.file(m.postgres(), server)
	prefix := strings.TrimSuffix(server, m.postgres()) // "" or a folder of unpacked packages
	version := filepath.Base(filepath.Dir(filepath.Dir(server)))
	w.folder("/tmp")
	w.tree("/usr/share/postgresql/"+version, filepath.Join(prefix, "/usr/share/postgresql", version))
	w.tree("/usr/lib/postgresql/"+version+"/lib", filepath.Join(prefix, "/usr/lib/postgresql", version, "lib"))
	w.tree("/data", cluster)
	ldd := exec.Command("ldd", server)
	ldd.Env = append(os.Environ(), m.parts.Env()...)
	for _, match := range libraryLine.FindAllStringSubmatch(m.must(ldd), -1) {
		name := "/usr/lib/" + filepath.Base(match[1])
		if strings.Contains(match[1], "ld-linux") {
			name = match[1] // the one path that is fixed in every program
		}
		w.file(name, match[1])
	}
	w.text("/etc/passwd", fmt.Sprintf("postgres:x:%d:%d::/:/\n", m.developer.Uid, m.developer.Gid))
	if err := w.Close(); err != nil {
		m.t.Fatal(err)
	}
	return image
}

// add appends text to a file.
func (m *machine) add(name, text string) {
	m.t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		m.t.Fatal(err)
	}
}

// imageWriter writes an image's file system.
type imageWriter struct {
	m *machine
	*tar.Writer
	folders map[string]bool // written already
}

// folder writes a folder that everybody may enter, and those above it first.
func (w *imageWriter) folder(name string) {
	w.m.t.Helper()
	if w.folders[name] {
		return
	}
	w.folder(path.Dir(name))
	w.folders[name] = true
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name[1:], Mode: 0o755}); err != nil {
		w.m.t.Fatal(err)
	}
}

// tree writes everything below a folder of the machine. The database cluster
// is its server's own and closed to others, or the server refuses it.
func (w *imageWriter) tree(name, from string) {
	w.m.t.Helper()
	if name == "/data" {
		w.own(&tar.Header{Typeflag: tar.TypeDir, Name: "data", Mode: 0o700})
	}
	err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := name + strings.TrimPrefix(p, from)
		switch {
		case d.IsDir() && strings.HasPrefix(target, "/data/"):
			w.folders[target] = true
			w.own(&tar.Header{Typeflag: tar.TypeDir, Name: target[1:], Mode: 0o700})
		case d.IsDir():
			w.folder(target)
		case strings.Contains(p, "llvm") || strings.Contains(p, "bitcode"):
			// The compiler for queries is larger than all the rest.
		default:
			if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
				w.file(target, p)
			}
		}
		return nil
	})
	if err != nil {
		w.m.t.Fatal(err)
	}
}

// own writes a header of something that belongs to the database's user.
func (w *imageWriter) own(h *tar.Header) {
	w.m.t.Helper()
	h.Uid, h.Gid = int(w.m.developer.Uid), int(w.m.developer.Gid)
	if err := w.WriteHeader(h); err != nil {
		w.m.t.Fatal(err)
	}
}

func (w *imageWriter) file(name, from string) {
	w.m.t.Helper()
	w.folder(path.Dir(name))
	in, err := os.Open(from)
	if err != nil {
		w.m.t.Fatal(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		w.m.t.Fatal(err)
	}
	w.own(&tar.Header{Typeflag: tar.TypeReg, Name: name[1:], Mode: int64(info.Mode().Perm()), Size: info.Size()})
	if _, err := io.Copy(w, in); err != nil {
		w.m.t.Fatal(err)
	}
}

func (w *imageWriter) text(name, text string) {
	w.m.t.Helper()
	w.folder(path.Dir(name))
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name[1:], Mode: 0o644, Size: int64(len(text))}); err != nil {
		w.m.t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		w.m.t.Fatal(err)
	}
}
