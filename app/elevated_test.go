package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/app/elevate"
)

// Windows hears of an elevated run's ending by its exit code alone.
func TestElevated_EveryEndingHasACode(t *testing.T) {
	files, err := filepath.Glob("../monitor/free/*.go")
	if err != nil {
		t.Fatal(err)
	}
	endings := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != "Ending" {
				return true
			}
			for _, value := range v.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				endings++
				if (elevate.Result{Ending: text}).Code() == exitError {
					t.Errorf("the ending %q has no exit code", text)
				}
			}
			return true
		})
	}
	if endings < 9 {
		t.Errorf("found %d endings in monitor/free", endings)
	}
}
