package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the import path everything of ours begins with.
const module = "github.com/portlight-app/portlight"

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	CgoFiles   []string
	Imports    []string
	Deps       []string
	Standard   bool
}

// short is the path within the module: "ui/view", "." for main.
func (p goPackage) short() string { return short(p.ImportPath) }

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// ours reports whether the path is the module's.
func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// list asks the go command, which only reads: no C compiler is needed.
func list(t *testing.T, cgo, goos string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-tags", "migrated_fynedo,no_emoji",
		"-json=ImportPath,Dir,Doc,GoFiles,CgoFiles,Imports,Deps,Standard", module+"/...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOOS="+goos, "GOFLAGS=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if ours(p.ImportPath) {
			all = append(all, p)
		}
	}
	if len(all) < 15 {
		t.Fatalf("go list found %d packages of ours", len(all))
	}
	return all
}

// in reports whether a short path is the folder or in it.
func in(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// mayImport says which packages of ours a package may import, by short path.
func mayImport(from, to string) bool {
	switch {
	case from == ".":
		return to == "app"
	case from == "app":
		return in(to, "app", "ui", "monitor", "assets")
	case from == "app/cli":
		return in(to, "app/cli", "app/quiet", "ui/view", "ui/plain", "monitor")
	case in(from, "app"):
		return in(to, "app/lockfile") // its parts know nobody but the lock
	case from == "ui/view", from == "ui/plain":
		return in(to, "ui/plain", "monitor")
	case in(from, "ui"):
		return in(to, "ui", "monitor", "assets")
	case in(from, "monitor/sockets", "monitor/process"):
		return in(to, from)
	case from == "monitor/netsh":
		return false
	case from == "monitor/services", from == "monitor/units":
		return to == "monitor/sockets"
	case from == "monitor/bind":
		return in(to, "monitor/sockets", "monitor/netsh")
	case from == "monitor":
		return in(to, "monitor/sockets", "monitor/process", "monitor/services")
	case in(from, "monitor"):
		return in(to, "monitor")
	case in(from, "assets"):
		return in(to, "assets")
	}
	return true // tests' stages, benchmarks and scripts stand outside
}

// trayLibraries are C or system trays; a process may have one.
var trayLibraries = [...]string{"github.com/getlantern/systray", "fyne.io/systray"}

func TestArchitecture_ImportsRunOneWay(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for _, cgo := range []string{"0", "1"} {
			t.Run(goos+" cgo="+cgo, func(t *testing.T) {
				for _, p := range list(t, cgo, goos) {
					checkImports(t, p)
				}
			})
		}
	}
}

func checkImports(t *testing.T, p goPackage) {
	from := p.short()
	for _, to := range p.Imports {
		if to == "C" {
			continue
		}
		if ours(to) && !mayImport(from, short(to)) {
			t.Errorf("%s imports %s", from, short(to))
		}
		fyne := strings.HasPrefix(to, "fyne.io/fyne/v2")
		switch {
		case fyne && in(from, "ui/view", "ui/plain", "app/cli") && to != "fyne.io/fyne/v2/lang":
			t.Errorf("%s imports %s: of Fyne it may know lang only", from, to)
		case to == "fyne.io/fyne/v2/app" && in(from, "app", "ui", "monitor", "assets") && from != "app":
			t.Errorf("%s imports %s: only app makes the application", from, to)
		case slices.Contains(trayLibraries[:], to) && from != "ui/tray":
			t.Errorf("%s imports %s: only ui/tray knows a tray library", from, to)
		case in(from, "ui") && !in(from, "ui/tray", "ui/notify", "ui/internal") && slices.Contains([]string{"os/exec", "syscall", "net/http"}, to):
			t.Errorf("%s imports %s: the window runs no program and opens no socket", from, to)
		}
	}
	for _, dep := range p.Deps {
		switch {
		case in(from, "monitor", "assets", "app/config", "app/control", "app/lockfile", "app/autostart", "app/elevate") && strings.HasPrefix(dep, "fyne.io/"):
			t.Errorf("%s reaches %s", from, dep)
		case in(from, "ui/view", "ui/plain", "app/cli", "monitor") && slices.Contains(trayLibraries[:], dep):
			t.Errorf("%s reaches %s", from, dep)
		}
	}
}
