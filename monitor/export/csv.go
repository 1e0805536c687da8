package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/portlight-app/portlight/monitor"
)

// csvHeader names the columns: never translated, only added to at the end.
var csvHeader = []string{
	"proto", "family", "address", "port", "remote_address", "remote_port", "state", "exposure", "dual_stack",
	"owner", "holders_complete", "pids", "process", "exe", "command", "user", "cwd", "project", "unit", "container",
	"service", "first_seen", "created_at",
}

// WriteCSV writes a table (RFC 4180), with its header if wanted: one line an
// item. Of several holders, "pids" lists all and the other columns tell of the oldest.
// What is unknown is empty.
func WriteCSV(w io.Writer, items []Item, header bool) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180, section 2
	if header {
		if err := out.Write(csvHeader); err != nil {
			return err
		}
	}
	for _, it := range items {
		if err := out.Write(record(it)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// CSV writes everything in a snapshot, with the header.
func CSV(w io.Writer, s *monitor.Snapshot) error { return WriteCSV(w, Items(s), true) }

func record(it Item) []string {
	d := it.document()
	var h Holder
	var pids []string
	if len(d.Holders) > 0 {
		h = d.Holders[0]
	}
	for _, h := range d.Holders {
		pids = append(pids, strconv.Itoa(int(h.PID)))
	}
	user, unit, container := h.User, h.Unit, h.Container
	if len(d.Holders) == 0 {
		user = d.User
		if len(d.Creators) > 0 {
			unit, container = d.Creators[0].Unit, d.Creators[0].Container
		}
	}
	if d.Container != nil {
		container = text(d.Container.Name)
	}
	return []string{
		d.Proto, strconv.Itoa(d.Family), cell(&d.Address), strconv.Itoa(int(d.Port)), cell(d.RemoteAddress), value(d.RemotePort),
		d.State, cell(d.Exposure), value(d.DualStack), d.Owner, strconv.FormatBool(d.HoldersComplete),
		strings.Join(pids, " "), cell(h.Name), cell(h.Exe), cell(h.Cmdline), cell(user), cell(h.Cwd), cell(h.Project),
		cell(unit), cell(container), cell(d.Service), stamp(d.FirstSeen), stamp(d.CreatedAt),
	}
}

// cell makes text safe where it is read: a line stays a line, a terminal obeys
// nothing in it, and a spreadsheet computes nothing.
//
// What isn't printable – control and format characters, bidirectional
// overrides among them – is written as an escape. A cell that a spreadsheet
// would take for a formula (OWASP, "CSV Injection") gets an apostrophe before
// it, which makes it text; nothing else does, because a program that reads the
// file reads the apostrophe as well.
func cell(s *string) string {
	if s == nil {
		return ""
	}
	t := *s
	if strings.ContainsFunc(t, steers) {
		var b strings.Builder
		for _, r := range t {
			if steers(r) {
				b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			} else {
				b.WriteRune(r)
			}
		}
		t = b.String()
	}
	if isFormula(t) {
		t = "'" + t
	}
	return t
}

// steers reports whether a character isn't shown but does something.
func steers(r rune) bool {
	return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) && r != unicode.ReplacementChar
}

// isFormula: a spreadsheet computes what begins with an equals sign. After
// another of the signs a formula can begin with it must call something – a
// function, a program by DDE, another sheet – to do harm: "@acme/shop" is a
// package's name, and "-v" an argument.
func isFormula(s string) bool {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	first, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=＝", first) && s != "" ||
		s != "" && strings.ContainsRune("+-@|＋－＠", first) && strings.ContainsAny(s, "(|!")
}

func value[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}
