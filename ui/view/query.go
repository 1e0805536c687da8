package view

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Query is a parsed filter: terms that must all hold. The zero Query lets
// everything pass.
type Query struct{ terms []term }

// Empty reports whether everything passes.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// String writes the query in its shortest form, which Parse reads back.
func (q Query) String() string {
	parts := make([]string, len(q.terms))
	for i := range q.terms {
		parts[i] = q.terms[i].String()
	}
	return strings.Join(parts, " ")
}

// Port returns the single port the query asks for, if it asks for one and
// doesn't negate it: what "go to port" and "who" are offered for.
func (q Query) Port() (uint16, bool) {
	for _, t := range q.terms {
		if t.key == keyPort && !t.not && len(t.alts) == 1 && t.alts[0].lo == t.alts[0].hi {
			return t.alts[0].lo, true
		}
	}
	return 0, false
}

// Match reports whether the row passes every term.
func (q Query) Match(t *Text) bool {
	for i := range q.terms {
		if q.terms[i].match(t) == q.terms[i].not {
			return false
		}
	}
	return true
}

// The keys of terms. A word has none.
const (
	keyWord    = ""
	keyPort    = "port"
	keyProto   = "proto"
	keyPID     = "pid"
	keyProcess = "process"
	keyUser    = "user"
	keyState   = "state"
	keyAddr    = "addr"
)

// Keys returns the keys that may stand before a colon.
func Keys() []string {
	return []string{keyPort, keyProto, keyPID, keyProcess, keyUser, keyState, keyAddr}
}

// term is one condition: a key and the alternatives of which one must hold.
type term struct {
	not  bool
	key  string
	alts []value
}

// value is one alternative. Which fields count follows from the term's key.
type value struct {
	text   string // as written; lower case for words, programs and users
	lo, hi uint16 // ports, inclusive
	pid    int32
	proto  sockets.Proto
	state  sockets.State
	addr   addrMatch
}

// addrMatch is how an address is compared.
type addrMatch struct {
	kind   addrKind
	prefix netip.Prefix
	addr   netip.Addr
}

type addrKind uint8

const (
	addrText     addrKind = iota // text begins with
	addrLiteral                  // this very address
	addrNetwork                  // inside the CIDR network
	addrLoopback                 // "localhost"
	addrAny                      // "*": every interface
)

func (t *term) String() string {
	var b strings.Builder
	if t.not {
		b.WriteByte('-')
	}
	if t.key == keyWord {
		b.WriteString(quote(t.alts[0].text))
		return b.String()
	}
	if t.key != keyPort {
		b.WriteString(t.key)
		b.WriteByte(':')
	}
	for i, v := range t.alts {
		if i > 0 {
			b.WriteByte(',')
		}
		switch t.key {
		case keyPort:
			b.WriteString(strconv.Itoa(int(v.lo)))
			if v.hi != v.lo {
				b.WriteByte('-')
				b.WriteString(strconv.Itoa(int(v.hi)))
			}
		case keyProcess, keyUser, keyAddr: // a program, an account or a zone is any text
			b.WriteString(quoteValue(v.text))
		default:
			b.WriteString(v.text)
		}
	}
	return b.String()
}

func (t *term) match(x *Text) bool {
	for i := range t.alts {
		if t.alts[i].match(t.key, x) {
			return true
		}
	}
	return false
}

func (v *value) match(key string, x *Text) bool {
	switch key {
	case keyWord:
		return slices.ContainsFunc(x.words, func(s string) bool { return strings.Contains(s, v.text) })
	case keyPort:
		return v.holds(x.ID.Addr.Port()) || v.holds(x.ID.Remote.Port())
	case keyProto:
		return x.ID.Proto == v.proto
	case keyPID:
		return slices.Contains(x.PIDs, v.pid)
	case keyProcess:
		return slices.ContainsFunc(x.programs, v.isProgram)
	case keyUser:
		return slices.ContainsFunc(x.users, v.isUser)
	case keyState:
		return x.state == v.state
	case keyAddr:
		return v.addr.match(v.text, x.ID.Addr.Addr()) || v.addr.match(v.text, x.ID.Remote.Addr())
	}
	return false
}

// holds is false for port 0, which a missing remote end has.
func (v *value) holds(port uint16) bool { return port != 0 && v.lo <= port && port <= v.hi }

// isUser compares with an account name or number in lower case; a Windows
// name may be given without its domain.
func (v *value) isUser(name string) bool {
	if name == v.text {
		return true
	}
	_, short, ok := strings.Cut(name, `\`)
	return ok && short == v.text
}

// isProgram compares with a program's name in lower case; that of a Windows
// program may be given without its ending.
func (v *value) isProgram(name string) bool {
	return name == v.text || strings.TrimSuffix(name, ".exe") == v.text
}

func (m *addrMatch) match(text string, a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	switch m.kind {
	case addrLiteral:
		return a == m.addr || a.WithZone("").Unmap() == m.addr
	case addrNetwork:
		return m.prefix.Contains(a.WithZone("").Unmap())
	case addrLoopback:
		return a.Unmap().IsLoopback()
	case addrAny:
		return a.Unmap().IsUnspecified()
	}
	return strings.HasPrefix(a.String(), text)
}
