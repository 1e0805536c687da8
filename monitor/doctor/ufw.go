package doctor

import (
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// ufwEnabled reads ufw.conf.
func ufwEnabled(conf string) bool { return strings.EqualFold(setting(conf, "ENABLED"), "yes") }

// ufwAccepts reads /etc/default/ufw: what happens to what no rule names.
func ufwAccepts(defaults string) bool {
	return strings.EqualFold(setting(defaults, "DEFAULT_INPUT_POLICY"), "ACCEPT")
}

// setting returns a shell variable's value.
func setting(text, name string) string {
	value := ""
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			value = strings.Trim(v, `"'`)
		}
	}
	return value
}

// parseUFW reads the comments by which ufw keeps its rules in user.rules,
// "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in": action, protocol,
// destination port and address, source port and address, direction. The first
// that names the port decides; accepts is the policy for the rest.
func parseUFW(rules string, accepts bool, proto sockets.Proto, port uint16) []Barrier {
	maybe := false
	for line := range strings.Lines(rules) {
		line = strings.TrimSpace(line)
		tuple, ok := strings.CutPrefix(line, "### tuple ### ")
		if !ok {
			continue
		}
		f := strings.Fields(tuple)
		if len(f) < 7 || !strings.HasPrefix(f[6], "in") || f[1] != "any" && f[1] != proto.String() || !ufwNames(f[2], port) {
			continue
		}
		action, _, _ := strings.Cut(f[0], "_") // "allow_log"
		whole := anyAddress(f[3]) && f[4] == "any" && anyAddress(f[5]) && f[6] == "in"
		switch {
		case action == "allow" && whole:
			return nil
		case action == "allow" || action == "limit":
			maybe = true // for some, or for a while
		case whole:
			return []Barrier{{Kind: BarrierUFW, Evidence: tuple, Certain: !maybe}}
		default:
			return []Barrier{{Kind: BarrierUFW, Evidence: tuple}}
		}
	}
	if accepts {
		return nil
	}
	return []Barrier{{Kind: BarrierUFW, Evidence: "DEFAULT_INPUT_POLICY", Certain: !maybe}}
}

func anyAddress(a string) bool { return a == "0.0.0.0/0" || a == "::/0" || a == "any" }

// ufwNames reports whether the port is in "any", "80", "80,443" or "8000:8010".
func ufwNames(ports string, port uint16) bool {
	if ports == "any" {
		return true
	}
	for part := range strings.SplitSeq(ports, ",") {
		from, to, both := strings.Cut(part, ":")
		if !both {
			to = from
		}
		a, err1 := strconv.ParseUint(from, 10, 16)
		b, err2 := strconv.ParseUint(to, 10, 16)
		if err1 == nil && err2 == nil && uint16(a) <= port && port <= uint16(b) {
			return true
		}
	}
	return false
}
