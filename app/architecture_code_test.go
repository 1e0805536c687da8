package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources parses every file of ours that isn't a test's, of all systems.
func sources(t *testing.T) map[string][]*ast.File {
	t.Helper()
	fset := token.NewFileSet()
	out := make(map[string][]*ast.File)
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		f.Name.Obj = ast.NewObj(ast.Pkg, filepath.ToSlash(rel)) // remembers the path
		dir := filepath.ToSlash(filepath.Dir(rel))
		out[dir] = append(out[dir], f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fileOf(f *ast.File) string { return f.Name.Obj.Name }

// importName returns what a file calls an import, "" if it hasn't it.
func importName(f *ast.File, path string) string {
	for _, i := range f.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil && p == path {
			if i.Name != nil {
				return i.Name.Name
			}
			if path == "fyne.io/fyne/v2" {
				return "fyne"
			}
			return path[strings.LastIndexByte(path, '/')+1:]
		}
	}
	return ""
}

// uses reports whether a file mentions one of the names of an import.
func uses(f *ast.File, path string, names ...string) (found string) {
	as := importName(f, path)
	if as == "" {
		return ""
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == as && slices.Contains(names, sel.Sel.Name) {
				found = sel.Sel.Name
			}
		}
		return found == ""
	})
	return found
}

func TestArchitecture_OneSeamToTheWindow(t *testing.T) {
	seam := false
	for _, files := range sources(t) {
		for _, f := range files {
			if fileOf(f) == "app/bridge.go" {
				seam = uses(f, "fyne.io/fyne/v2", "Do") != ""
				continue
			}
			if name := uses(f, "fyne.io/fyne/v2", "Do", "DoAndWait"); name != "" {
				t.Errorf("%s uses fyne.%s: app/bridge.go is the one seam", fileOf(f), name)
			}
		}
	}
	if !seam {
		t.Error("app/bridge.go doesn't use fyne.Do, so this test sees nothing")
	}
}

func TestArchitecture_TheWindowStartsNothing(t *testing.T) {
	for dir, files := range sources(t) {
		if !in(dir, "ui") || in(dir, "ui/tray", "ui/notify", "ui/internal") {
			continue
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if _, ok := n.(*ast.GoStmt); ok {
					t.Errorf("%s has a go statement: what the window wants done, it asks of Actions", fileOf(f))
				}
				return true
			})
			for path, names := range map[string][]string{
				"net":  {"Dial", "DialTimeout", "Dialer", "Listen", "ListenPacket", "ListenConfig", "LookupHost", "LookupAddr"},
				"time": {"Sleep", "AfterFunc", "NewTimer", "NewTicker", "Tick", "After"},
				"sync": {"WaitGroup"},
			} {
				if name := uses(f, path, names...); name != "" {
					t.Errorf("%s uses %s.%s", fileOf(f), path, name)
				}
			}
		}
	}
}

func TestArchitecture_EveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range list(t, "1", "linux") {
		if p.Doc == "" && len(p.GoFiles)+len(p.CgoFiles) > 0 {
			t.Errorf("%s has no package comment", p.short())
		}
	}
}

// mutable are the variables at package level that may change, and why.
var mutable = map[string]string{
	"app/cli.Version": "the linker sets it, nothing else",
	"ui/tray.started": "the tray library works once in a process, and so must we",
}

// TestArchitecture_NoStateAtPackageLevel allows what never changes after the
// program has started: values that are embedded, errors, tables and compiled
// patterns, all assigned where they are declared and nowhere else.
func TestArchitecture_NoStateAtPackageLevel(t *testing.T) {
	for dir, files := range sources(t) {
		if !in(dir, ".", "app", "ui", "monitor", "assets") || dir == "." && len(files) == 0 {
			continue
		}
		vars := make(map[string]string) // name → file
		for _, f := range files {
			for _, d := range f.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok || g.Tok != token.VAR {
					continue
				}
				for _, s := range g.Specs {
					v := s.(*ast.ValueSpec)
					embedded := v.Doc != nil && strings.Contains(v.Doc.Text()+rawDoc(v.Doc), "go:embed") ||
						g.Doc != nil && strings.Contains(rawDoc(g.Doc), "go:embed")
					for _, n := range v.Names {
						switch _, allowed := mutable[dir+"."+n.Name]; {
						case n.Name == "_", allowed:
						case len(v.Values) == 0 && !embedded:
							t.Errorf("%s: %s has no value where it is declared, so it is set later", fileOf(f), n.Name)
						default:
							vars[n.Name] = fileOf(f)
						}
					}
				}
			}
		}
		for _, f := range files {
			for _, name := range assigned(f) {
				if at, ok := vars[name]; ok {
					t.Errorf("%s assigns to %s, a variable at package level (%s)", fileOf(f), name, at)
				}
			}
		}
	}
}

func rawDoc(g *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range g.List {
		fmt.Fprintln(&b, c.Text)
	}
	return b.String()
}

// assigned lists the names that functions of the file assign to and don't
// declare themselves; one level of fields and elements counts as the name.
func assigned(f *ast.File) []string {
	var out []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := make(map[string]bool)
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				for _, name := range n.Names {
					local[name.Name] = true
				}
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE {
					for _, l := range n.Lhs {
						if id, ok := l.(*ast.Ident); ok {
							local[id.Name] = true
						}
					}
				}
			case *ast.RangeStmt:
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
						local[id.Name] = true
					}
				}
			case *ast.ValueSpec:
				for _, name := range n.Names {
					local[name.Name] = true
				}
			}
			return true
		})
		note := func(e ast.Expr) {
			if name := root(e); name != "" && !local[name] {
				out = append(out, name)
			}
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, l := range n.Lhs {
						note(l)
					}
				}
			case *ast.IncDecStmt:
				note(n.X)
			}
			return true
		})
	}
	return out
}

// root is the variable that an expression changes a part of.
func root(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}
