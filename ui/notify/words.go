package notify

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// Sizes of a toast in characters. Services show two to four short lines and
// cut the rest, each its own way.
const (
	maxName  = 40
	maxTitle = 100
	maxLines = 4
)

// Words makes one toast of a batch that Policy.Due returned.
func Words(batch []Notice) Toast {
	t := Toast{Key: batch[0].Key, Slot: "ports"}
	for _, n := range batch {
		if n.Reason == ReasonSecondOwner || n.Reason == ReasonExposed {
			// What needs a look isn't pushed off the screen by the next
			// opened port.
			t.Slot, t.Important = "look", true
		}
	}
	switch name, ports := batch[0].Who.name(), portList(batch); {
	case len(batch) == 1:
		t.Title, t.Body = title(batch[0]), body(batch[0])
	case !all(batch, func(n Notice) bool { return n.Reason == ReasonOpened }):
		t.Title = lang.XN("notify.changes", "{{.Count}} changes on your ports", len(batch), map[string]any{"Count": len(batch)})
		t.Body = lines(batch, title)
	case all(batch, func(n Notice) bool { return n.Who == batch[0].Who }):
		t.Title = lang.X("notify.opened.program", "{{.Name}} opened {{.Count}} ports", map[string]any{"Name": name, "Count": len(batch)})
		t.Body = ports
		if p := plain.Text(batch[0].Who.Project, maxName); p != "" {
			t.Body = p + " · " + ports
		}
	default:
		t.Title = lang.XN("notify.opened.many", "{{.Count}} ports opened", len(batch), map[string]any{"Count": len(batch)})
		t.Body = lines(batch, func(n Notice) string { return portText(n.Key) + "  " + n.Who.String() })
	}
	return t
}

func title(n Notice) string {
	d := map[string]any{"Port": portText(n.Key), "Name": n.Who.name()}
	switch n.Reason {
	case ReasonSecondOwner:
		return lang.X("notify.second_owner", "Two programs on port {{.Port}}", d)
	case ReasonExposed:
		return lang.X("notify.exposed", "{{.Name}} can be reached from other machines on port {{.Port}}", d)
	case ReasonClosed:
		return lang.X("notify.closed", "{{.Name}} closed port {{.Port}}", d)
	}
	return lang.X("notify.opened", "{{.Name}} opened port {{.Port}}", d)
}

func body(n Notice) string {
	if n.Reason == ReasonSecondOwner {
		return lang.X("notify.second_owner.body", "{{.New}} came to where {{.Old}} is already",
			map[string]any{"New": n.Who.String(), "Old": n.Other.String()})
	}
	parts := []string{n.Key.Addr.String()}
	if p := plain.Text(n.Who.Project, maxName); p != "" {
		parts = append([]string{p}, parts...)
	}
	if n.Reason != ReasonClosed {
		parts = append(parts, view.Exposure(n.Exposure))
	}
	return strings.Join(parts, " · ")
}

// name is the program's name, fit to be shown.
func (w Who) name() string {
	if n := plain.Text(w.Name, maxName); n != "" {
		return n
	}
	return lang.X("notify.somebody", "An unknown program")
}

// String is the name and the project it works on.
func (w Who) String() string {
	if p := plain.Text(w.Project, maxName); p != "" && p != w.name() {
		return w.name() + " · " + p
	}
	return w.name()
}

func portText(k monitor.Key) string {
	s := strconv.Itoa(int(k.Addr.Port()))
	if k.Proto.String() == "udp" {
		s += "/udp"
	}
	return s
}

func portList(batch []Notice) string {
	var ports []string
	for i, n := range batch {
		if i == 3*maxLines {
			ports = append(ports, "…")
			break
		}
		ports = append(ports, portText(n.Key))
	}
	return strings.Join(ports, ", ")
}

func lines(batch []Notice, line func(Notice) string) string {
	var out []string
	for i, n := range batch {
		if i == maxLines-1 && len(batch) > maxLines {
			rest := len(batch) - i
			out = append(out, lang.XN("notify.more", "and {{.Count}} more", rest, map[string]any{"Count": rest}))
			break
		}
		out = append(out, plain.Text(line(n), maxTitle))
	}
	return strings.Join(out, "\n")
}

func all(batch []Notice, ok func(Notice) bool) bool {
	for _, n := range batch {
		if !ok(n) {
			return false
		}
	}
	return true
}
