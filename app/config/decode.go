package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxSize bounds what is read; a settings file has a few hundred bytes.
const maxSize = 1 << 20

// Decode reads settings out of YAML, name being the file's for messages.
// Keys that are not given keep their default. The error is an *Error.
func Decode(name string, data []byte) (Settings, error) {
	src := source{name: name, data: data}
	file, err := src.parse()
	if err != nil {
		return Default(), err
	}
	root, err := src.root(file)
	if err != nil {
		return Default(), err
	}
	d := decoder{source: src, settings: Default(), known: make(map[string]field)}
	for _, f := range fields() {
		d.known[f.key] = f
		if section, _, ok := strings.Cut(f.key, "."); ok {
			d.known[section] = field{key: section}
		}
	}
	if err := d.mapping("", root); err != nil {
		return Default(), err
	}
	return d.settings, nil
}

// source is the text of one file, for messages that quote it.
type source struct {
	name string
	data []byte
}

func (s source) parse() (file *ast.File, err error) {
	if len(s.data) > maxSize {
		return nil, &Error{File: s.name, Line: 1, Column: 1, Problem: ProblemSyntax, Detail: "larger than 1 MiB"}
	}
	// The parser has had panics on malformed text; a settings file must not
	// be able to end the program.
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, &Error{File: s.name, Line: 1, Column: 1, Source: s.line(1), Problem: ProblemSyntax, Detail: fmt.Sprint(r)}
		}
	}()
	file, err = parser.ParseBytes(s.data, parser.ParseComments, parser.AllowDuplicateMapKey())
	if err == nil {
		return file, nil
	}
	var at yaml.Error
	if !errors.As(err, &at) {
		return nil, &Error{File: s.name, Line: 1, Column: 1, Source: s.line(1), Problem: ProblemSyntax, Detail: err.Error()}
	}
	e := s.fault(at.GetToken(), ProblemSyntax)
	e.Detail = at.GetMessage()
	return nil, e
}

// root returns the top mapping, nil if the file says nothing.
func (s source) root(file *ast.File) (*ast.MappingNode, error) {
	var root *ast.MappingNode
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.MappingNode:
			if root != nil {
				e := s.fault(body.GetToken(), ProblemType)
				e.Got, e.Allowed = "a second document", "one document"
				return nil, e
			}
			root = body
		default:
			e := s.fault(body.GetToken(), ProblemType)
			e.Got, e.Allowed = typeName(body), "keys and values, such as theme: dark"
			return nil, e
		}
	}
	return root, nil
}

// fault is an Error at that token.
func (s source) fault(t *token.Token, p Problem) *Error {
	e := &Error{File: s.name, Line: 1, Column: 1, Problem: p}
	if t != nil && t.Position != nil {
		e.Line, e.Column = max(t.Position.Line, 1), max(t.Position.Column, 1)
	}
	e.Source = s.line(e.Line)
	return e
}

func (s source) line(n int) string {
	for l := range strings.Lines(string(s.data)) {
		if n--; n == 0 {
			return strings.TrimSpace(l)
		}
	}
	return ""
}

type decoder struct {
	source
	settings Settings
	known    map[string]field // by dotted key; a section has no set
}

func (d *decoder) mapping(section string, m *ast.MappingNode) error {
	if m == nil {
		return nil
	}
	seen := make(map[string]bool)
	for _, v := range m.Values {
		word := v.Key.GetToken().Value
		key := word
		if section != "" {
			key = section + "." + word
		}
		f, ok := d.known[key]
		switch {
		case !ok || strings.Contains(word, "."):
			e := d.fault(v.Key.GetToken(), ProblemUnknownKey)
			e.Key, e.Got, e.Allowed = section, word, d.keys(section)
			return e
		case seen[word]:
			e := d.fault(v.Key.GetToken(), ProblemDuplicate)
			e.Got = word
			return e
		}
		seen[word] = true
		if err := d.value(f, v.Value); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) value(f field, n ast.Node) error {
	_, null := n.(*ast.NullNode)
	if f.set == nil {
		m, ok := n.(*ast.MappingNode)
		if !ok && !null {
			return d.wrong(f, n, "the keys "+d.keys(f.key))
		}
		return d.mapping(f.key, m)
	}
	var v any
	var err error
	switch f.value {
	case boolean:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return d.wrong(f, n, f.allowed)
		}
		v = b.Value
	case text:
		s, ok := n.(*ast.StringNode)
		if !ok {
			return d.wrong(f, n, f.allowed)
		}
		v = s.Value
	case texts:
		v, err = list(d, f, n, func(n ast.Node) (string, error) {
			// A bare number in a list of filters or names is meant as text.
			switch n.(type) {
			case *ast.StringNode, *ast.IntegerNode:
				if word := n.GetToken().Value; f.words == nil || slices.Contains(f.words, word) {
					return word, nil
				}
				return "", d.outside(f, n)
			}
			return "", d.wrong(f, n, f.allowed)
		})
	case ports:
		v, err = list(d, f, n, func(n ast.Node) (uint16, error) {
			if _, ok := n.(*ast.IntegerNode); !ok {
				return 0, d.wrong(f, n, f.allowed)
			}
			p, err := strconv.ParseUint(n.GetToken().Value, 10, 16)
			if err != nil || p == 0 {
				return 0, d.outside(f, n)
			}
			return uint16(p), nil
		})
	}
	if err != nil {
		return err
	}
	if !f.set(&d.settings, v) {
		return d.outside(f, n)
	}
	return nil
}

// list reads a sequence; nothing after the colon is an empty one.
func list[T any](d *decoder, f field, n ast.Node, item func(ast.Node) (T, error)) ([]T, error) {
	if _, null := n.(*ast.NullNode); null {
		return nil, nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, d.wrong(f, n, f.allowed)
	}
	var out []T
	for _, v := range seq.Values {
		t, err := item(v)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (d *decoder) wrong(f field, n ast.Node, allowed string) error {
	e := d.fault(n.GetToken(), ProblemType)
	e.Key, e.Got, e.Allowed = f.key, typeName(n), allowed
	return e
}

func (d *decoder) outside(f field, n ast.Node) error {
	e := d.fault(n.GetToken(), ProblemRange)
	e.Key, e.Got, e.Allowed = f.key, n.GetToken().Value, f.allowed
	return e
}

// keys lists what may stand in a section ("" is the file itself), in order.
func (d *decoder) keys(section string) string {
	var out []string
	for _, f := range fields() {
		head, tail, nested := strings.Cut(f.key, ".")
		switch {
		case section == "" && (len(out) == 0 || out[len(out)-1] != head):
			out = append(out, head)
		case nested && head == section:
			out = append(out, tail)
		}
	}
	return strings.Join(out, ", ")
}

// typeName says in plain words what stands there.
func typeName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	default:
		return strings.ToLower(n.Type().YAMLName())
	}
}
