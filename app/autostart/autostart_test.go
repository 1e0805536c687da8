package autostart

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

// awkward holds what quoting gets wrong.
var awkward = Entry{
	Program: `/home/ann o'brien/100% "new"/port$light\x`,
	Args:    []string{"--config", "/tmp/a;b `c`.yaml", "", "~", "端口", "%f", "a\tb\nc"},
}

// parseExec reads an Exec value as the Desktop Entry Specification says: the
// string layer first, then the quoting, then the field codes.
func parseExec(t *testing.T, value string) []string {
	t.Helper()
	value = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ").Replace(value)
	var args []string
	var arg strings.Builder
	quoted, started := false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case quoted && c == '\\':
			i++
			arg.WriteByte(value[i])
		case c == '"':
			quoted, started = !quoted, true
		case !quoted && c == ' ':
			if started {
				args = append(args, arg.String())
			}
			arg.Reset()
			started = false
		case c == '%':
			if i+1 == len(value) || value[i+1] != '%' {
				t.Fatalf("a field code in %q", value)
			}
			i++
			arg.WriteByte('%')
			started = true
		default:
			if !quoted && strings.IndexByte("\t\n\"'\\><~|&;$*?#()`", c) >= 0 {
				t.Fatalf("reserved %q unquoted in %q", c, value)
			}
			arg.WriteByte(c)
			started = true
		}
	}
	if started {
		args = append(args, arg.String())
	}
	return args
}

func TestDesktopFile_QuotesAsTheSpecificationReads(t *testing.T) {
	for _, e := range []Entry{awkward, {Program: "/usr/bin/portlight", Args: []string{"--minimised"}}} {
		file := string(desktopFile(e))
		var value string
		for line := range strings.Lines(file) {
			if v, ok := strings.CutPrefix(line, "Exec="); ok {
				value = strings.TrimSuffix(v, "\n")
			} else if !strings.HasPrefix(line, "[") && !strings.Contains(line, "=") {
				t.Errorf("line %q is no entry", line)
			}
		}
		want := append([]string{e.Program}, e.Args...)
		if got := parseExec(t, value); !slices.Equal(got, want) {
			t.Errorf("Exec=%s\n got %q\nwant %q", value, got, want)
		}
	}
}

func TestDesktopEnabled_HeedsTheSessionsSwitches(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want bool
	}{
		"what we write":             {string(desktopFile(awkward)), true},
		"hidden":                    {"[Desktop Entry]\nHidden=true\n", false},
		"turned off in GNOME":       {"[Desktop Entry]\nX-GNOME-Autostart-enabled = false\n", false},
		"said in another group":     {"[Desktop Entry]\n[Desktop Action x]\nHidden=true\n", true},
		"a comment that only looks": {"[Desktop Entry]\n#Hidden=true\n", true},
	} {
		if got := desktopEnabled([]byte(c.file)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAgentFile_IsWellFormedAndKeepsEveryArgument(t *testing.T) {
	d := xml.NewDecoder(strings.NewReader(string(agentFile(awkward))))
	var in string
	var texts []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if in = tok.Name.Local; in == "string" {
				texts = append(texts, "")
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "string" {
				texts[len(texts)-1] += string(tok)
			}
		}
	}
	want := append(append([]string{agentLabel, awkward.Program}, awkward.Args...), "Interactive")
	if !slices.Equal(texts, want) {
		t.Errorf("got %q\nwant %q", texts, want)
	}
}
