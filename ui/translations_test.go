package ui

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The window's texts are written where they are used; en.json repeats them and
// zh.json translates them. With -update en.json is written anew.

const translations = "../assets/translations/window"

// text is one call of lang.X or lang.XN.
type text struct {
	english string
	plural  bool
}

// spoken collects the texts of the window's packages.
func spoken(t *testing.T) map[string]text {
	t.Helper()
	texts := map[string]text{}
	for _, dir := range []string{".", "ports", "details", "freeing", "why", "settings", "parts", "table"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				fun, ok := call.Fun.(*ast.SelectorExpr)
				if pkg, is := fun, ok; !is || !isLang(pkg) {
					return true
				}
				key, english := literal(call.Args[0]), literal(call.Args[1])
				if key == "" || english == "" {
					t.Errorf("%s: the key and text of a translation must be written out", f)
					return true
				}
				if old, twice := texts[key]; twice && old.english != english {
					t.Errorf("%s: %s is both %q and %q", f, key, old.english, english)
				}
				texts[key] = text{english, fun.Sel.Name == "XN"}
				return true
			})
		}
	}
	return texts
}

func isLang(s *ast.SelectorExpr) bool {
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "lang" && (s.Sel.Name == "X" || s.Sel.Name == "XN")
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

var slots = regexp.MustCompile(`\{\{\.\w+\}\}`)

func slotsOf(s string) []string {
	found := slots.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func load(t *testing.T, language string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(translations, language+".json"))
	if os.IsNotExist(err) {
		return map[string]any{}
	}
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return m
}

func TestEveryTextOfTheWindowIsThereInBothLanguages(t *testing.T) {
	texts := spoken(t)
	if flag.Lookup("update").Value.String() == "true" {
		writeEnglish(t, texts)
	}
	en, zh := load(t, "en"), load(t, "zh")
	for key, want := range texts {
		if !strings.HasPrefix(key, "window.") {
			t.Errorf("%s is not the window's", key)
		}
		for language, m := range map[string]map[string]any{"en": en, "zh": zh} {
			got, ok := m[key]
			if !ok {
				t.Errorf("%s lacks %q: %q", language, key, want.english)
				continue
			}
			forms, isPlural := got.(map[string]any)
			if isPlural != want.plural {
				t.Errorf("%s: %s is plural: %v, want %v", language, key, isPlural, want.plural)
				continue
			}
			if !isPlural {
				forms = map[string]any{"other": got}
			}
			other := fmt.Sprint(forms["other"])
			if language == "en" && other != want.english {
				t.Errorf("en: %s says %q, the code %q", key, other, want.english)
			}
			if !slices.Equal(slotsOf(other), slotsOf(want.english)) {
				t.Errorf("%s: %s has the slots %v, want %v", language, key, slotsOf(other), slotsOf(want.english))
			}
		}
	}
	for language, m := range map[string]map[string]any{"en": en, "zh": zh} {
		for key := range m {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: nobody says %q", language, key)
			}
		}
	}
}

// writeEnglish keeps the singulars that en.json has.
func writeEnglish(t *testing.T, texts map[string]text) {
	old := load(t, "en")
	out := map[string]any{}
	for key, x := range texts {
		if !x.plural {
			out[key] = x.english
			continue
		}
		one := x.english
		if forms, ok := old[key].(map[string]any); ok {
			one = fmt.Sprint(forms["one"])
		}
		out[key] = map[string]string{"one": one, "other": x.english}
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(translations, "en.json"), []byte(b.String()), fs.FileMode(0o644)); err != nil {
		t.Fatal(err)
	}
}
