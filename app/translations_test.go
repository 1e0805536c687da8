package app

import (
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

	"github.com/portlight-app/portlight/assets"
)

// text is one call of lang.X or lang.XN: a key and the English beside it.
type text struct {
	key, english string
	plural       bool
	at           token.Position
}

// texts finds every text in the program's code.
func texts(t *testing.T) []text {
	t.Helper()
	var out []text
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); !ok || x.Name != "lang" || sel.Sel.Name != "X" && sel.Sel.Name != "XN" {
				return true
			}
			key, ok := constant(call.Args[0])
			if !ok {
				return true // a key that is computed can't be checked here
			}
			english, _ := constant(call.Args[1])
			out = append(out, text{key, english, sel.Sel.Name == "XN", fset.Position(call.Pos())})
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// constant joins string literals.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok := constant(e.X)
		b, ok2 := constant(e.Y)
		return a + b, ok && ok2
	}
	return "", false
}

var placeholder = regexp.MustCompile(`{{\.[A-Za-z]+}}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func forms(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var out []string
		for _, f := range v {
			s, _ := f.(string)
			out = append(out, s)
		}
		return out
	}
	return nil
}

func TestTranslations_HaveEveryKeyOfTheCodeWithItsPlaceholders(t *testing.T) {
	all, err := translations(assets.Translations)
	if err != nil {
		t.Fatal(err)
	}
	found := texts(t)
	if len(found) < 20 {
		t.Fatalf("only %d texts were found in the code", len(found))
	}
	for _, x := range found {
		for _, language := range assets.Languages {
			v, ok := all[language][x.key]
			if !ok {
				t.Errorf("%s: key %q is missing in %s", x.at, x.key, language)
				continue
			}
			if _, isText := v.(string); isText == x.plural {
				t.Errorf("%s: key %q is plural %v in the code, and the other in %s", x.at, x.key, x.plural, language)
			}
			for _, form := range forms(v) {
				if form == "" {
					t.Errorf("key %q has an empty form in %s", x.key, language)
				}
				for _, p := range placeholders(form) {
					if !x.plural && !slices.Contains(placeholders(x.english), p) {
						t.Errorf("%s: %s in key %q of %s is not in the English of the code", x.at, p, x.key, language)
					}
				}
			}
		}
		if v, ok := all["en"][x.key].(string); ok && x.english != "" && v != x.english {
			t.Errorf("%s: key %q says %q in the code and %q in en.json", x.at, x.key, x.english, v)
		}
	}
}

func TestTranslations_AreTheSameKeysInEveryLanguage(t *testing.T) {
	all, err := translations(assets.Translations)
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range assets.Languages {
		if len(all[language]) == 0 {
			t.Errorf("nothing is translated to %s", language)
		}
		for k := range all["en"] {
			if _, ok := all[language][k]; !ok {
				t.Errorf("%q is missing in %s", k, language)
			}
		}
		for k := range all[language] {
			if _, ok := all["en"][k]; !ok {
				t.Errorf("%q of %s is missing in en", k, language)
			}
		}
	}
}
