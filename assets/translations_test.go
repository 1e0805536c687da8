package assets_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/assets"
)

// message is one text, or several by the plural forms of its language.
type message map[string]string

func (m *message) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*m = message{"": one}
		return nil
	}
	var forms map[string]string
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	*m = forms
	return nil
}

func load(t *testing.T, file string) map[string]message {
	t.Helper()
	b, err := fs.ReadFile(assets.Translations, file)
	if err != nil {
		t.Fatal(err)
	}
	// encoding/json lets the last of two equal keys win; nobody means that.
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\s*("(?:[^"\\]|\\.)*")\s*:`).FindAllStringSubmatch(string(b), -1) {
		if strings.Contains(m[1], ".") && seen[m[1]] {
			t.Errorf("%s: %s stands there twice", file, m[1])
		}
		seen[m[1]] = true
	}
	var out map[string]message
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}

func parts(t *testing.T) []string {
	t.Helper()
	entries, err := fs.ReadDir(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

var placeholder = regexp.MustCompile(`{{[^}]*}}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// forms are the plural forms that go-i18n asks a language for (CLDR).
var forms = map[string][]string{"en": {"one", "other"}, "zh": {"other"}}

func TestEveryPartSaysTheSameInEveryLanguage(t *testing.T) {
	for _, part := range parts(t) {
		t.Run(part, func(t *testing.T) {
			en := load(t, path.Join("translations", part, "en.json"))
			for _, language := range assets.Languages {
				file := path.Join("translations", part, language+".json")
				texts := load(t, file)
				for key, m := range en {
					other, ok := texts[key]
					if !ok {
						t.Errorf("%s has no %q", file, key)
						continue
					}
					_, single := m[""]
					if _, s := other[""]; s != single {
						t.Errorf("%s: %q has plural forms in one language only", file, key)
						continue
					}
					if got := slices.Sorted(maps.Keys(other)); !single && !slices.Equal(got, forms[language]) {
						t.Errorf("%s: %q has the forms %v, want %v", file, key, got, forms[language])
					}
					all := m[""] + m["other"]
					for form, text := range other {
						if strings.TrimSpace(text) == "" {
							t.Errorf("%s: %q is empty", file, key)
						}
						// "One port" may leave the number out.
						if a, b := placeholders(text), placeholders(all); form != "one" && !slices.Equal(a, b) {
							t.Errorf("%s: %q has the placeholders %v, English %v", file, key, a, b)
						}
					}
				}
				for key := range texts {
					if _, ok := en[key]; !ok {
						t.Errorf("%s: %q is not in English", file, key)
					}
					if !strings.HasPrefix(key, part+".") {
						t.Errorf("%s: %q belongs to another part", file, key)
					}
				}
			}
		})
	}
}

// use is a key in the code and, where it can be read there, the fallback.
type use struct {
	at, fallback string
	plural       bool
}

// uses finds every key in the code. Keys are passed to lang.X and lang.XN as
// literals; where one is put together, the literal it begins with counts as
// used with all that follows, and a key that stands in a table counts as used.
func uses(t *testing.T) (keys map[string]use, prefixes []string, mentioned map[string]bool) {
	t.Helper()
	keys, mentioned = map[string]use{}, map[string]bool{}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != ".." && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := literal(n); ok {
				mentioned[s] = true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "lang" {
				return true
			}
			name := sel.Sel.Name
			if name != "X" && name != "XN" && name != "LocalizeKey" && name != "LocalizePluralKey" {
				return true
			}
			at := set.Position(call.Pos()).String()
			if key, ok := literal(call.Args[0]); ok {
				fallback, _ := literal(call.Args[1])
				keys[key] = use{at, fallback, name == "XN" || name == "LocalizePluralKey"}
			} else if sum, ok := call.Args[0].(*ast.BinaryExpr); ok {
				if prefix, ok := literal(sum.X); ok {
					prefixes = append(prefixes, prefix)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, prefixes, mentioned
}

// literal returns the value of a string literal or of literals added up.
func literal(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			s, err := strconv.Unquote(n.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, okA := literal(n.X)
		b, okB := literal(n.Y)
		return a + b, okA && okB && n.Op == token.ADD
	}
	return "", false
}

func TestKeysAreUsedAndThere(t *testing.T) {
	keys, prefixes, mentioned := uses(t)
	if len(keys) == 0 {
		t.Fatal("no key was found in the code")
	}
	english := map[string]message{}
	for _, part := range parts(t) {
		maps.Copy(english, load(t, path.Join("translations", part, "en.json")))
	}
	for key, u := range keys {
		m, ok := english[key]
		if !ok {
			t.Errorf("%s: %q is in no translation", u.at, key)
			continue
		}
		text, single := m[""]
		if single == u.plural {
			t.Errorf("%s: %q is plural here or there only", u.at, key)
		}
		if text += m["other"]; u.fallback != "" && text != u.fallback {
			t.Errorf("%s: %q falls back to %q, and is translated %q", u.at, key, u.fallback, text)
		}
	}
	for key := range english {
		if _, ok := keys[key]; ok || mentioned[key] ||
			slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		t.Errorf("nobody says %q", key)
	}
}
