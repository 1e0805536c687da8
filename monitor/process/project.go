package process

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// projects finds the project a working directory belongs to, and remembers it.
//
// A working directory can lie on a file system that doesn't answer (a dead
// NFS server, a hung FUSE mount). Each look is therefore made aside and given
// up on after a moment; while too many hang, no further one is begun.
type projects struct {
	known map[string]project
	slots chan struct{}
	home  string
	wait  time.Duration
}

type project struct{ name, dir string }

func newProjects() *projects {
	home, _ := os.UserHomeDir()
	return &projects{known: make(map[string]project), slots: make(chan struct{}, 4), home: home, wait: 100 * time.Millisecond}
}

// of returns the project's name and folder, "" if there is none.
func (p *projects) of(ctx context.Context, cwd string) (name, dir string) {
	if cwd == "" || cwd == "/" {
		return "", ""
	}
	if k, ok := p.known[cwd]; ok {
		return k.name, k.dir
	}
	if len(p.known) > 1000 {
		clear(p.known)
	}
	select {
	case p.slots <- struct{}{}:
	default:
		return "", ""
	}
	found := make(chan project, 1)
	go func() {
		defer func() { <-p.slots }()
		found <- findProject(cwd, p.home)
	}()
	timeout := time.NewTimer(p.wait)
	defer timeout.Stop()
	select {
	case k := <-found:
		p.known[cwd] = k
		return k.name, k.dir
	case <-ctx.Done():
	case <-timeout.C:
		p.known[cwd] = project{}
	}
	return "", ""
}

// manifests name a package in its folder, in the order they are believed.
var manifests = [...]struct {
	file string
	name func(path string) string
}{
	{"package.json", jsonName},
	{"go.mod", func(p string) string { return filepath.Base(keyed(p, "module", " \t")) }},
	{"Cargo.toml", func(p string) string { return keyed(p, "name", "=") }},
	{"pyproject.toml", func(p string) string { return keyed(p, "name", "=") }},
	{"composer.json", jsonName},
}

// findProject looks upwards from dir for a git root, whose folder names the
// project, or else for the nearest package with a name. It stops before the
// home folder: what lies in there is no project of its own.
func findProject(dir, home string) project {
	var pkg project
	for {
		if dir == home || dir == filepath.Dir(dir) {
			return pkg
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return project{filepath.Base(dir), dir}
		}
		if pkg.name == "" {
			for _, m := range manifests {
				if name := m.name(filepath.Join(dir, m.file)); name != "" && name != "." {
					pkg = project{name, dir}
					break
				}
			}
		}
		dir = filepath.Dir(dir)
	}
}

const manifestLimit = 256 << 10

func jsonName(path string) string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() || st.Size() > manifestLimit {
		return ""
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var m struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(b, &m) != nil {
		return ""
	}
	return m.Name
}

// keyed returns the value of the first line that starts with key, unquoted.
func keyed(path, key, sep string) string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() || st.Size() > manifestLimit {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		rest, ok := strings.CutPrefix(strings.TrimSpace(sc.Text()), key)
		if !ok || rest == "" || !strings.ContainsAny(strings.TrimLeft(rest, " ")[:1]+rest[:1], sep) {
			continue
		}
		return strings.Trim(strings.TrimLeft(strings.TrimSpace(rest), "= \t"), `"'`)
	}
	return ""
}
