package view

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// Pasted is what could be read from a text that speaks of a port.
type Pasted struct {
	Port uint16
	// Proto is UDP where the text says so, otherwise 0.
	Proto sockets.Proto
	// Addr is the address that the text names, the zero Addr if none.
	Addr netip.Addr
}

// maxPasted is how much of a text is read: an error message comes early in a
// log.
const maxPasted = 20_000

// ports are the ways in which programs write of a port, the surest first:
// "port" before a number, an address before it, Python's tuple, a URL, and a
// colon alone. A file's line ("server.js:12:5") is none of them.
var ports = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bport["']?\s*(?:[:=#]|is|number)?\s*["']?(\d{1,5})\b`),
	regexp.MustCompile(`(?i)(?:^|[^\w.:])((?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]+(?:%\w+)?\]|::1|::|\*|localhost):(\d{1,5})(?:$|[^\d:.]|[:.](?:\D|$))`),
	regexp.MustCompile(`\(\s*['"]([^'"]*)['"]\s*,\s*(\d{1,5})\s*[,)]`),
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[\w.-]+:(\d{1,5})(?:$|[^\d:]|:(?:\D|$))`),
	regexp.MustCompile(`(?:^|[\s"'(=])():(\d{1,5})(?:$|[^\d:]|:(?:\D|$))`),
	regexp.MustCompile(`(?i)\b(\d{1,5})/(?:tcp|udp)\b`),
}

// asUDP tells a text about UDP.
var asUDP = regexp.MustCompile(`(?i)\budp[46]?\b`)

// FromText finds the port in what a person typed or pasted: "3000", ":3000",
// "localhost:3000", or a program's complaint that an address is in use.
func FromText(text string) (Pasted, bool) {
	text = strings.TrimSpace(text[:min(len(text), maxPasted)])
	p := Pasted{}
	if asUDP.MatchString(text) {
		p.Proto = sockets.UDP
	}
	if n, err := parsePort(text); err == nil {
		p.Port = n
		return p, true
	}
	for _, way := range ports {
		for _, m := range way.FindAllStringSubmatch(text, -1) {
			n, err := parsePort(m[len(m)-1])
			if err != nil {
				continue
			}
			p.Port = n
			if len(m) == 3 {
				p.Addr, _ = netip.ParseAddr(strings.Trim(m[1], "[]")) // a name is no address
			}
			return p, true
		}
	}
	return Pasted{}, false
}
