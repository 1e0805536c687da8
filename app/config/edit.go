package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Equal reports whether both say the same.
func (s Settings) Equal(o Settings) bool {
	for _, f := range fields() {
		if flow(f.get(s)) != flow(f.get(o)) {
			return false
		}
	}
	return true
}

// validate reports what the file's grammar wouldn't read back.
func (s Settings) validate() error {
	got, err := Decode("settings", Render(s))
	if err == nil && !got.Equal(s) {
		err = errors.New("settings do not read back as they were written")
	}
	return err
}

// Render writes a complete file with a comment on every key.
func Render(s Settings) []byte {
	var b strings.Builder
	b.WriteString("# Portlight's settings. The window changes values here and leaves comments alone.\n")
	section := ""
	for _, f := range fields() {
		head, tail, nested := strings.Cut(f.key, ".")
		indent := ""
		switch {
		case !nested:
			tail, section = head, ""
			b.WriteByte('\n')
		case head != section:
			section = head
			b.WriteString("\n" + head + ":\n")
			fallthrough
		default:
			indent = "  "
		}
		if f.doc != "" {
			b.WriteString(indent + "# " + f.doc + "\n")
		}
		b.WriteString(indent + tail + ": " + flow(f.get(s)) + "\n")
	}
	return []byte(b.String())
}

// Edit returns the file's text with only those values changed that differ
// from want; comments and the order of keys stay. kept is false where the
// text is of a shape that could not be edited so, and was written anew.
func Edit(name string, data []byte, want Settings) (out []byte, kept bool, err error) {
	have, err := Decode(name, data)
	if err != nil {
		return nil, false, err
	}
	if have.Equal(want) {
		return data, true, nil
	}
	out = edit(source{name: name, data: data}, have, want)
	// What the library printed is believed only after reading it back.
	if got, err := Decode(name, out); err == nil && got.Equal(want) {
		return out, true, nil
	}
	return Render(want), false, nil
}

// edit does Edit's work on a text that Decode has read, nil if it can't.
func edit(src source, have, want Settings) (out []byte) {
	// Printing an unusual tree may panic in the library; Edit then starts anew.
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	file, err := src.parse()
	if err != nil {
		return nil
	}
	root, err := src.root(file)
	if err != nil {
		return nil
	}
	if root == nil { // nothing but comments
		return append(append([]byte(nil), src.data...), "\n"+string(Render(want))...)
	}
	for _, f := range fields() {
		if flow(f.get(have)) == flow(f.get(want)) {
			continue
		}
		if !put(root, strings.Split(f.key, "."), f.get(want)) {
			return nil
		}
	}
	return []byte(strings.TrimRight(file.String(), "\n") + "\n")
}

// put sets the value at that path, adding keys that are missing.
func put(m *ast.MappingNode, path []string, value any) bool {
	for _, v := range m.Values {
		if v.Key.GetToken().Value != path[0] {
			continue
		}
		if len(path) > 1 {
			if sub, ok := v.Value.(*ast.MappingNode); ok {
				return put(sub, path[1:], value)
			}
			break // an empty section: add it filled
		}
		return replace(v, value)
	}
	text := flow(value) + "\n"
	for i := len(path) - 1; i >= 0; i-- {
		text = strings.Repeat("  ", i) + path[i] + ": " + map[bool]string{true: "\n"}[i < len(path)-1] + text
	}
	fresh, ok := parseMapping(text)
	if ok {
		m.Merge(fresh)
	}
	return ok
}

// replace puts a value in an old one's place, with the comment beside it.
func replace(v *ast.MappingValueNode, value any) bool {
	fresh, ok := parseMapping("key: " + flow(value) + "\n")
	if !ok {
		return false
	}
	node := fresh.Values[0].Value
	oldList, isList := v.Value.(*ast.SequenceNode)
	if newList, ok := node.(*ast.SequenceNode); ok && isList && len(newList.Values) > 0 && len(oldList.Values) > 0 {
		remix(oldList, newList)
		return true
	}
	if c := v.Value.GetComment(); c != nil {
		if err := node.SetComment(c); err != nil {
			return false
		}
	}
	return v.Replace(node) == nil
}

// remix makes old say what fresh says, keeping the entries they share with
// the comments on them.
func remix(old, fresh *ast.SequenceNode) {
	byText := make(map[string]int)
	for i, v := range old.Values {
		byText[v.GetToken().Value] = i
	}
	var values []ast.Node
	var heads []*ast.CommentGroupNode
	for _, v := range fresh.Values {
		var head *ast.CommentGroupNode
		if i, ok := byText[v.GetToken().Value]; ok {
			v = old.Values[i]
			if len(old.ValueHeadComments) == len(old.Values) {
				head = old.ValueHeadComments[i]
			}
		}
		values, heads = append(values, v), append(heads, head)
	}
	if len(old.ValueHeadComments) == 0 {
		heads = nil
	}
	old.Values, old.ValueHeadComments = values, heads
}

func parseMapping(text string) (*ast.MappingNode, bool) {
	f, err := parser.ParseBytes([]byte(text), 0)
	if err != nil || len(f.Docs) != 1 {
		return nil, false
	}
	m, ok := f.Docs[0].Body.(*ast.MappingNode)
	return m, ok
}

// flow writes a value of a field on one line.
func flow(v any) string {
	switch v := v.(type) {
	case []string:
		items := make([]string, len(v))
		for i, s := range v {
			items[i] = scalar(s)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case []uint16:
		return strings.ReplaceAll(fmt.Sprint(v), " ", ", ")
	case string:
		return scalar(v)
	}
	return fmt.Sprint(v)
}

// scalar quotes text where YAML would read it as something else. Filters
// often hold commas, colons and brackets, which mean something in a list.
func scalar(s string) string {
	b, err := yaml.MarshalWithOptions(s, yaml.JSON())
	plain := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == "" &&
		s[0] != '-' && s[0] != '.'
	if plain {
		if f, err := parser.ParseBytes([]byte(s), 0); err == nil && len(f.Docs) == 1 {
			if n, ok := f.Docs[0].Body.(*ast.StringNode); ok && n.Value == s {
				return s
			}
		}
	}
	if err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSpace(string(b))
}
