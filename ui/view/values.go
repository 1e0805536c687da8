package view

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// looksLikePorts reports whether s is made of numbers, ranges and commas: then
// it is meant as ports, even if no port has such a number.
func looksLikePorts(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	return strings.Trim(s, "0123456789-,") == ""
}

// parsePort tells a number that is no port from what is no number.
func parsePort(s string) (uint16, *ParseError) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		if n, err := strconv.Atoi(s); err == nil && n < 0 {
			return 0, &ParseError{Code: CodePort, Term: s}
		}
		return 0, &ParseError{Code: CodePortWord, Term: s}
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, &ParseError{Code: CodePort, Term: s}
	}
	return uint16(n), nil
}

func (t *token) ports(s string) (value, error) {
	from, to, isRange := strings.Cut(s, "-")
	if isRange && to == "" {
		return value{}, t.fail(CodeRange, s)
	}
	lo, err := parsePort(from)
	if err != nil {
		return value{}, t.fail(err.Code, from)
	}
	v := value{text: s, lo: lo, hi: lo}
	if isRange {
		if v.hi, err = parsePort(to); err != nil {
			return value{}, t.fail(err.Code, to)
		}
		if v.hi < v.lo {
			return value{}, t.fail(CodeBackwards, s)
		}
	}
	return v, nil
}

func (t *token) proto(s string) (value, error) {
	switch p := strings.ToLower(s); p {
	case "tcp":
		return value{text: p, proto: sockets.TCP}, nil
	case "udp":
		return value{text: p, proto: sockets.UDP}, nil
	}
	return value{}, t.fail(CodeProto, s, "tcp", "udp")
}

func (t *token) pid(s string) (value, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return value{}, t.fail(CodePID, s)
	}
	return value{text: strconv.FormatUint(n, 10), pid: int32(n)}, nil
}

func (t *token) state(s string) (value, error) {
	name := strings.ReplaceAll(strings.ToLower(s), "-", "_")
	var all []string
	for _, st := range sockets.States() {
		if st.String() == name {
			return value{text: name, state: st}, nil
		}
		all = append(all, st.String())
	}
	return value{}, t.fail(CodeState, s, all...)
}

func (t *token) addr(s string) (value, error) {
	low := strings.ToLower(s)
	v := value{text: low}
	switch {
	case low == "localhost":
		v.addr.kind = addrLoopback
	case low == "*":
		v.addr.kind = addrAny
	case strings.Contains(low, "/"):
		p, err := netip.ParsePrefix(low)
		if err != nil {
			return value{}, t.fail(CodeAddr, s)
		}
		v.addr = addrMatch{kind: addrNetwork, prefix: p.Masked()}
		v.text = v.addr.prefix.String()
	default:
		if a, err := netip.ParseAddr(s); err == nil { // a zone keeps its case
			v.text, v.addr = a.String(), literal(a)
			break
		}
		if strings.Trim(low, "0123456789abcdef.:") != "" || strings.Trim(low, ".:") == "" {
			return value{}, t.fail(CodeAddr, s)
		}
	}
	return v, nil
}

// everyInterface is the value "*" of "addr:".
var everyInterface = value{text: "*", addr: addrMatch{kind: addrAny}}

// cutAddress splits an address from the port behind it: "127.0.0.1:80",
// "[::1]:80", "localhost:80", "*:80", and ":::80" as node writes it.
func cutAddress(s string) (addr value, port string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 1 || i == len(s)-1 || strings.Trim(s[i+1:], "0123456789") != "" {
		return value{}, "", false
	}
	host := strings.ToLower(s[:i])
	switch host {
	case "localhost":
		addr = value{text: host, addr: addrMatch{kind: addrLoopback}}
	case "*":
		addr = everyInterface
	default:
		if inner, ok := strings.CutPrefix(s[:i], "["); ok {
			host = strings.TrimSuffix(inner, "]")
		}
		a, err := netip.ParseAddr(host)
		switch {
		case err != nil:
			return value{}, "", false
		case a.IsUnspecified():
			addr = everyInterface
		default:
			addr = value{text: a.String(), addr: literal(a)}
		}
	}
	return addr, s[i+1:], true
}

// literal matches an address; one without a zone matches it in any.
func literal(a netip.Addr) addrMatch {
	if a.Zone() == "" {
		a = a.Unmap()
	}
	return addrMatch{kind: addrLiteral, addr: a}
}
