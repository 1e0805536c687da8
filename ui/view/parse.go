package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a filter. Its terms are separated by white space and must all
// hold:
//
//	3000            the port 3000, at either end of a connection; never a PID
//	3000-3999       a range of ports
//	3000,8080       any of them
//	node            process, project, command, unit or container contains it
//	"my app"        the same with a space
//	127.0.0.1:3000  as error messages write it: that port, at that address or
//	                at every interface; also [::1]:3000, :::3000, localhost:3000
//	proto:udp  pid:42  user:alice  state:listen  port:3000
//	process:node    that very program, not one whose name contains it
//	addr:127.0.0.1  addr:192.168.  addr:10.0.0.0/8  addr:localhost  addr:*
//	-node           not that: any term can be negated
//
// The values of a key can be several, separated by commas outside quotes. The
// error is a *ParseError.
func Parse(s string) (Query, error) {
	var q Query
	for pos := 0; ; {
		for pos < len(s) {
			r, n := utf8.DecodeRuneInString(s[pos:])
			if !unicode.IsSpace(r) {
				break
			}
			pos += n
		}
		if pos == len(s) {
			return q, nil
		}
		tok, end, err := scan(s, pos)
		if err != nil {
			return Query{}, err
		}
		ts, err := tok.terms()
		if err != nil {
			return Query{}, err
		}
		q.terms, pos = append(q.terms, ts...), end
	}
}

// ParseTerms reads a filter whose terms a shell has already separated: each
// argument is one term, so a word with spaces needs the shell's quotes only.
// Positions in errors count as if the arguments were joined by one space.
func ParseTerms(args []string) (Query, error) {
	var q Query
	pos := 0
	for _, a := range args {
		var part Query
		var err error
		if strings.Contains(a, `"`) || strings.TrimSpace(a) == "" {
			part, err = Parse(a)
		} else {
			part.terms, err = whole(a).terms()
		}
		if err != nil {
			if pe, ok := err.(*ParseError); ok {
				pe.Pos += pos
			}
			return Query{}, err
		}
		q.terms = append(q.terms, part.terms...)
		pos += len(a) + 1
	}
	return q, nil
}

// ParsePort reads one port where a port is required; an address before it,
// as in an error message, is passed over.
func ParsePort(s string) (uint16, error) {
	if s == "" {
		return 0, &ParseError{Code: CodePortNone}
	}
	text := strings.TrimPrefix(s, ":")
	if _, after, ok := cutAddress(s); ok {
		text = after
	}
	v, err := parsePort(text)
	if err != nil {
		err.Term = s
		return 0, err
	}
	return v, nil
}

// token is a term as typed.
type token struct {
	pos    int
	raw    string // all of it
	not    bool
	key    string // before the colon, lower case
	hasKey bool
	val    string // after the colon, quotes removed
	quoted bool   // the value was (partly) quoted: a word whatever is in it
	commas []int  // where in val commas stood outside quotes, if it was quoted
}

// whole is a term that is delimited already.
func whole(s string) *token {
	t := &token{raw: s}
	s, t.not = strings.CutPrefix(s, "-")
	if k, v, ok := cutKey(s); ok {
		t.key, t.hasKey, s = k, true, v
	}
	t.val = s
	return t
}

// cutKey splits "key:value". Only letters make a key, so that addresses and
// paths stay words.
func cutKey(s string) (key, val string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i <= 0 {
		return "", s, false
	}
	for _, r := range s[:i] {
		if !unicode.IsLetter(r) {
			return "", s, false
		}
	}
	return strings.ToLower(s[:i]), s[i+1:], true
}

// scan cuts the token that begins at pos and ends at white space outside
// quotes. Inside quotes a backslash keeps a quote or a backslash as it is.
func scan(s string, pos int) (*token, int, error) {
	t := &token{pos: pos}
	i := pos
	if s[i] == '-' {
		t.not = true
		i++
	}
	var val strings.Builder
	open := false
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"':
			open, t.quoted = !open, true
		case open && r == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			val.WriteByte(s[i])
		case !open && unicode.IsSpace(r):
			n = 0
		case r == ',' && !open:
			t.commas = append(t.commas, val.Len())
			val.WriteByte(',')
		case r == ':' && !open && !t.quoted && !t.hasKey:
			if k, _, ok := cutKey(val.String() + ":"); ok {
				t.key, t.hasKey = k, true
				val.Reset()
				break
			}
			val.WriteByte(':')
		default:
			val.WriteString(s[i : i+n])
		}
		if n == 0 {
			break
		}
		i += n
	}
	t.raw, t.val = s[pos:i], val.String()
	if open {
		return nil, i, t.fail(CodeQuote, t.raw)
	}
	return t, i, nil
}

func (t *token) fail(c ErrorCode, term string, choices ...string) *ParseError {
	return &ParseError{Code: c, Pos: t.pos, Term: term, Key: t.key, Choices: choices}
}

// terms returns the token's term; of a pasted address and port, two.
func (t *token) terms() ([]term, error) {
	if addr, port, ok := cutAddress(t.raw); ok && !t.quoted {
		t = &token{pos: t.pos, raw: t.raw, val: port}
		v, err := t.ports(port)
		if err != nil {
			return nil, err
		}
		ts := []term{{key: keyPort, alts: []value{v}}}
		if addr.addr.kind != addrAny {
			ts = append(ts, term{key: keyAddr, alts: []value{addr, everyInterface}})
		}
		return ts, nil
	}
	one, err := t.term()
	return []term{one}, err
}

func (t *token) term() (term, error) {
	out := term{not: t.not, key: t.key}
	if !t.hasKey {
		if t.val == "" {
			return out, t.fail(CodeNothing, t.raw)
		}
		list := strings.TrimPrefix(t.val, ":") // ":3000" is how many write a port
		if t.quoted || !looksLikePorts(list) {
			out.key = keyWord
			out.alts = []value{{text: strings.ToLower(t.val)}}
			return out, nil
		}
		out.key, t.val = keyPort, list
	}
	parse := t.parser()
	if parse == nil {
		keys := Keys()
		for i := range keys {
			keys[i] += ":"
		}
		return out, t.fail(CodeKey, t.raw, keys...)
	}
	if t.val == "" {
		return out, t.fail(CodeNoValue, t.raw)
	}
	for _, part := range t.values() {
		if part == "" {
			continue // a comma that is still being typed after
		}
		v, err := parse(part)
		if err != nil {
			return out, err
		}
		out.alts = append(out.alts, v)
	}
	if len(out.alts) == 0 {
		return out, t.fail(CodeNoValue, t.raw)
	}
	return out, nil
}

// values are what commas separate.
func (t *token) values() (out []string) {
	if !t.quoted {
		return strings.Split(t.val, ",")
	}
	start := 0
	for _, i := range t.commas {
		out, start = append(out, t.val[start:i]), i+1
	}
	return append(out, t.val[start:])
}

// parser returns what reads the values of the token's key, nil if the key is
// unknown.
func (t *token) parser() func(string) (value, error) {
	switch t.key {
	case keyPort, "": // "": a bare list of numbers
		return t.ports
	case keyProto:
		return t.proto
	case keyPID:
		return t.pid
	case keyProcess, keyUser:
		return func(s string) (value, error) { return value{text: strings.ToLower(s)}, nil }
	case keyState:
		return t.state
	case keyAddr:
		return t.addr
	}
	return nil
}

// quote writes a word so that Parse reads it back as that word.
func quote(s string) string {
	_, _, key := cutKey(s)
	if _, _, ok := cutAddress(s); ok {
		return forceQuote(s)
	}
	ports := looksLikePorts(strings.TrimPrefix(s, ":"))
	if s != "" && !key && !ports && s[0] != '-' && !needsQuotes(s) {
		return s
	}
	return forceQuote(s)
}

func quoteValue(s string) string {
	if needsQuotes(s) || strings.Contains(s, ",") {
		return forceQuote(s)
	}
	return s
}

// ProcessFilter writes the filter that only this program passes.
func ProcessFilter(name string) string { return keyProcess + ":" + quoteValue(name) }

func needsQuotes(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r == '"' || unicode.IsSpace(r) })
}

func forceQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
