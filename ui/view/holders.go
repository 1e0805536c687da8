package view

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// maxNamed is how many holders, and PIDs of each, a sentence names.
const maxNamed = 4

// HolderNames names holders: "node (PID 42)", "nginx (PID 8, 9, 10 +2)".
func HolderNames(hs []monitor.Holder) string {
	var names []string
	pids := map[string][]string{}
	for _, h := range hs {
		name := h.Name
		if name == "" {
			name = "?"
		}
		if pids[name] == nil {
			names = append(names, name)
		}
		pids[name] = append(pids[name], strconv.Itoa(int(h.PID)))
	}
	more := 0
	if len(names) > maxNamed {
		more = len(names) - maxNamed
		names = names[:maxNamed]
	}
	for i, n := range names {
		p := pids[n]
		rest := ""
		if len(p) > maxNamed {
			rest = " +" + strconv.Itoa(len(p)-maxNamed)
			p = p[:maxNamed]
		}
		names[i] = n + " (PID " + strings.Join(p, ", ") + rest + ")"
	}
	s := strings.Join(names, ", ")
	if more > 0 {
		s += " +" + strconv.Itoa(more)
	}
	return s
}

// AncestorName names a process by what is known of it at a distance:
// "nodemon (PID 30)".
func AncestorName(a process.Ancestor) string {
	return firstOf(a.Name, "?") + " (PID " + strconv.Itoa(int(a.PID)) + ")"
}

// KeyName names an endpoint as the tables do: "tcp 127.0.0.1:3000".
func KeyName(k monitor.Key) string {
	s := k.Proto.String() + " " + k.Addr.String()
	if k.Device != "" {
		s += "%" + k.Device
	}
	return s
}

// keyNames names several, and says how many more there are.
func keyNames(ks []monitor.Key) string {
	var names []string
	for i, k := range ks {
		if i == maxNamed {
			return strings.Join(names, ", ") + " +" + strconv.Itoa(len(ks)-i)
		}
		names = append(names, KeyName(k))
	}
	return strings.Join(names, ", ")
}

// PortName names a port in a sentence: "port 3000", "UDP port 53".
func PortName(p sockets.Proto, port uint16) string {
	d := map[string]any{"Port": port}
	if p == sockets.UDP {
		return lang.X("view.port.udp", "UDP port {{.Port}}", d)
	}
	return lang.X("view.port.tcp", "port {{.Port}}", d)
}

// allHolders joins the holders of endpoints, each once.
func allHolders(es []monitor.Endpoint) (all []monitor.Holder) {
	seen := map[process.Identity]bool{}
	for i := range es {
		for _, h := range es[i].Holders {
			if !seen[h.Identity] {
				seen[h.Identity] = true
				all = append(all, h)
			}
		}
	}
	return all
}

func keysOf(es []monitor.Endpoint) (ks []monitor.Key) {
	for i := range es {
		ks = append(ks, es[i].Key)
	}
	return ks
}
