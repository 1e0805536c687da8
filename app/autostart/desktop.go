package autostart

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
)

// desktopFile writes an autostart entry (Desktop Entry Specification 1.5,
// Desktop Application Autostart Specification 0.5).
func desktopFile(e Entry) []byte {
	var b strings.Builder
	b.WriteString("[Desktop Entry]\nType=Application\nName=Portlight\n")
	b.WriteString("Comment=Which program holds which port\nComment[zh_CN]=哪个程序占用了哪个端口\n")
	fmt.Fprintf(&b, "Exec=%s\n", execLine(e))
	b.WriteString("Icon=app.portlight.Portlight\nTerminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n")
	return []byte(b.String())
}

// execLine quotes a command for the Exec key. Two layers, as the
// specification's "The Exec key" has them: the argument is put in double
// quotes with ", `, $ and \ escaped by a backslash and % doubled (it begins a
// field code); then the whole is a string value, in which a backslash is
// written twice and line ends and tabs have escapes.
func execLine(e Entry) string {
	quoted := make([]string, 0, 1+len(e.Args))
	for _, a := range append([]string{e.Program}, e.Args...) {
		quoted = append(quoted, execQuote(a))
	}
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(strings.Join(quoted, " "))
}

func execQuote(a string) string {
	a = strings.ReplaceAll(a, "%", "%%")
	if a != "" && !strings.ContainsAny(a, " \t\n\r\"'\\><~|&;$*?#()`") {
		return a
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(a) + `"`
}

// desktopEnabled reports whether an entry is in force: a session manager's
// switch leaves the file and marks it.
func desktopEnabled(data []byte) bool {
	in := false
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if strings.HasPrefix(line, "[") {
			in = line == "[Desktop Entry]"
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if in && (key == "Hidden" && value == "true" || key == "X-GNOME-Autostart-enabled" && value == "false") {
			return false
		}
	}
	return true
}
