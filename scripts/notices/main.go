// Notices writes THIRD_PARTY.md: the licences of everything that is built into
// Portlight, taken from the modules themselves for every system it ships for.
//
//	go run ./scripts/notices -o THIRD_PARTY.md      write it
//	go run ./scripts/notices -check THIRD_PARTY.md  fail if it is not current
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	output := flag.String("o", "", "write the notices to this file")
	check := flag.String("check", "", "fail unless this file holds the current notices")
	flag.Parse()
	if err := run(*output, *check); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(output, check string) error {
	modules, err := shipped()
	if err != nil {
		return err
	}
	text, err := render(modules)
	if err != nil {
		return err
	}
	switch {
	case check != "":
		have, err := os.ReadFile(check)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, text) {
			return fmt.Errorf("%s is not current: run make notices", check)
		}
		return nil
	case output != "":
		return os.WriteFile(output, text, 0o644)
	}
	_, err = os.Stdout.Write(text)
	return err
}

// module is a module with packages in some build of the program.
type module struct {
	path, version, dir string
	packages           []string // folders of those packages
}

// shipped lists the modules of every build that is published.
func shipped() (map[string]*module, error) {
	modules := map[string]*module{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, cgo := range []string{"0", "1"} {
			cmd := exec.Command("go", "list", "-deps", "-tags", "migrated_fynedo,no_emoji", "-json=ImportPath,Dir,Module,Standard", ".")
			cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED="+cgo)
			cmd.Stderr = os.Stderr
			list, err := cmd.Output()
			if err != nil {
				return nil, fmt.Errorf("go list for %s: %w", system, err)
			}
			if err := collect(bytes.NewReader(list), modules); err != nil {
				return nil, err
			}
		}
	}
	return modules, nil
}

// collect adds the modules of `go list -json`'s packages.
func collect(list io.Reader, modules map[string]*module) error {
	type listed struct {
		Dir      string
		Standard bool
		Module   *struct {
			Path, Version, Dir string
			Main               bool
			Replace            *struct{ Path, Version, Dir string }
		}
	}
	for d := json.NewDecoder(list); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if p.Standard || p.Module == nil || p.Module.Main {
			continue
		}
		m := modules[p.Module.Path]
		if m == nil {
			m = &module{path: p.Module.Path, version: p.Module.Version, dir: p.Module.Dir}
			modules[m.path] = m
		}
		if !slices.Contains(m.packages, p.Dir) {
			m.packages = append(m.packages, p.Dir)
		}
	}
}

func render(modules map[string]*module) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Third-party notices\n\n" +
		"Portlight is licensed under the Apache License 2.0 (LICENSE). Built into it, on one system\n" +
		"or another, are the Go standard library and the modules below, each under its own terms.\n" +
		"`make notices` generates this file from the modules themselves; do not edit it.\n\n")
	paths := make([]string, 0, len(modules))
	for p := range modules {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		fmt.Fprintf(&out, "- %s %s\n", p, modules[p].version)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	if err := section(&out, "The Go standard library", strings.TrimSpace(string(goroot)), []string{filepath.Join(strings.TrimSpace(string(goroot)), "LICENSE")}); err != nil {
		return nil, err
	}
	for _, p := range paths {
		m := modules[p]
		files := m.licences()
		if len(files) == 0 {
			return nil, fmt.Errorf("%s %s has no licence file", m.path, m.version)
		}
		if err := section(&out, m.path+" "+m.version, m.dir, files); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// licences finds the licence files of the module's root, of every folder on
// the way to a package in use, and one level below: bundled C and fonts keep
// theirs there.
func (m *module) licences() []string {
	folders := map[string]bool{}
	for _, p := range m.packages {
		for dir := p; strings.HasPrefix(dir, m.dir); dir = filepath.Dir(dir) {
			folders[dir] = true
		}
		below, _ := filepath.Glob(filepath.Join(p, "*", "*"))
		for _, b := range below {
			folders[filepath.Dir(b)] = true
		}
	}
	var files []string
	for dir := range folders {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			name := strings.ToUpper(e.Name())
			for _, prefix := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "OFL"} {
				if e.Type().IsRegular() && strings.HasPrefix(name, prefix) && !strings.HasSuffix(name, ".GO") {
					files = append(files, filepath.Join(dir, e.Name()))
					break
				}
			}
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func section(out *bytes.Buffer, title, root string, files []string) error {
	fmt.Fprintf(out, "\n## %s\n", title)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, f)
		if err != nil {
			return err
		}
		body := strings.ReplaceAll(strings.TrimSpace(string(text)), "\r\n", "\n")
		fmt.Fprintf(out, "\n%s:\n\n~~~~text\n%s\n~~~~\n", filepath.ToSlash(name), body)
	}
	return nil
}
