package notify

import (
	"encoding/xml"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portlight-app/portlight/monitor"
)

var hostile = []string{
	`$(calc).exe`, "`calc`", `"; Start-Process calc; "`, `'@ ; calc ; @'`, `<b>bold</b>`, `</text><action content="x"/>`,
	`]]><audio src="x"/>`, `&amp;&lt;&#x1F;`, "two\nlines", "bell\a\x00\x1b", "\xff\xfe", strings.Repeat("x", 5000),
	"exe.\u202egpj", "\ufffe", "plain",
}

func TestToastXMLHoldsEveryNameAsText(t *testing.T) {
	for _, name := range hostile {
		k := key("[fe80::1%eth0]:3000")
		k.Device = name
		doc := toastXML(Toast{Title: name, Body: name, Key: k, Important: true})
		var got struct {
			XMLName xml.Name `xml:"toast"`
			Launch  string   `xml:"launch,attr"`
			Texts   []string `xml:"visual>binding>text"`
		}
		if err := xml.Unmarshal([]byte(doc), &got); err != nil {
			t.Errorf("%.20q makes a document that can't be read: %v", name, err)
			continue
		}
		// What can't stand in XML at all is replaced, nothing else is.
		want := strings.Map(func(r rune) rune {
			if r == '\ufffe' || r < ' ' && r != '\n' {
				return '\ufffd'
			}
			return r
		}, strings.ToValidUTF8(strings.ReplaceAll(name, "\xff\xfe", "\ufffd\ufffd"), "\ufffd"))
		if len(got.Texts) != 2 || got.Texts[0] != want || got.Texts[1] != want {
			t.Errorf("%.20q reads as %.60q", name, got.Texts)
		}
		elements := 0
		for d := xml.NewDecoder(strings.NewReader(doc)); ; {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := tok.(xml.StartElement); ok {
				elements++
			}
		}
		if elements != 6 { // toast, visual, binding, text, text, audio
			t.Errorf("%.20q adds elements: %d in %.200s", name, elements, doc)
		}
	}
}

func TestLaunchArgComesBack(t *testing.T) {
	bound := key("0.0.0.0:80")
	bound.Device = "eth0|x"
	for _, k := range []monitor.Key{{}, key("127.0.0.1:3000"), key("udp/[::]:5353"), key("[fe80::1%eth0]:1"), bound} {
		if got, ok := parseLaunchArg(launchArg(k)); !ok || got != k {
			t.Errorf("%v came back as %v, %v", k, got, ok)
		}
	}
	for _, s := range []string{"tcp", "tcp|", "tcp|x|", "sctp|127.0.0.1:1|", "tcp|127.0.0.1|", "|||", "http://x"} {
		if k, ok := parseLaunchArg(s); ok {
			t.Errorf("%q was taken for %v", s, k)
		}
	}
}

func TestInertTextEndsNoString(t *testing.T) {
	for _, name := range hostile {
		if got := inert(name); strings.ContainsAny(got, "\"'`\\$") {
			t.Errorf("%.20q became %.40q", name, got)
		}
	}
}

// The Windows library can fall back to a PowerShell script that has the toast's
// text in it, where $(…) is run. Nothing of ours may ask for that, or start a
// program in any other way.
func TestNoToastStartsAProgram(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	pushes := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			switch path := strings.Trim(spec.Path.Value, `"`); {
			case path == "os/exec", path == "syscall", path == "os", strings.HasPrefix(path, "golang.org/x/sys"):
				t.Errorf("%s imports %s", name, path)
			case strings.Contains(path, "go-toast") && path != "git.sr.ht/~jackmordaunt/go-toast/wintoast",
				strings.Contains(path, "beeep"):
				t.Errorf("%s imports %s, which pushes with the fallback", name, path)
			}
			if strings.HasSuffix(spec.Path.Value, `/wintoast"`) && spec.Name != nil {
				t.Errorf("%s gives wintoast another name, under which this test doesn't know it", name)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Push" {
					if pushes++; len(n.Args) != 1 {
						t.Errorf("%s: Push with options", name)
					}
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "wintoast" {
					switch n.Sel.Name {
					case "Push", "SetAppData", "AppData", "SetActivationCallback", "UserData":
					default:
						t.Errorf("%s uses wintoast.%s", name, n.Sel.Name)
					}
				}
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "ActivationExe" {
					t.Errorf("%s lets Windows start a program", name)
				}
			}
			return true
		})
	}
	if pushes != 1 {
		t.Errorf("%d calls of Push, want the one that is known", pushes)
	}
}
