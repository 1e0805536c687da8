package details

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
	"github.com/portlight-app/portlight/ui/view"
)

// tell describes one endpoint of the made-up machine as lines of text.
func tell(t *testing.T, addr string, change func(*monitor.Story)) string {
	t.Helper()
	uitest.App(t, "en", theme.Light)
	s := uitest.Machine()
	k := monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)}
	st := uitest.Story(s, k)
	if change != nil {
		change(&st)
	}
	one := *s
	one.Endpoints = []monitor.Endpoint{st.Endpoint}
	rows := view.Build(&one, view.Query{}, view.Options{}).Rows
	var b strings.Builder
	d := describe(&st, rows[0].Text, nil, uitest.Now)
	b.WriteString(d.title + "|" + d.subtitle + "|" + d.address + "\n")
	for _, s := range d.sections {
		b.WriteString("# " + s.title + "\n")
		for _, l := range s.lines {
			b.WriteString(l.label + ": " + l.value + "\n")
		}
	}
	return b.String()
}

func TestTheStoryOfAPortNamesItsProcessItsOriginAndItsPeers(t *testing.T) {
	got := tell(t, "0.0.0.0:3000", nil)
	for _, want := range []string{
		"node|storefront|tcp 0.0.0.0:3000\n",
		"PID: 48213\n", "Started: 13:42:10 · 43 min ago\n", "User: alice\n",
		"Started by: terminal tmux › zsh\n",
		"Directory: /home/alice/src/storefront\n",
		"Reach: all networks\n", "State: listening · for ", "Backlog: 0 of 511 waiting\n",
		"# Connected (3)\n", "firefox · PID 4300 ×2\n", "192.168.1.40\n", " in, 3.86 MB out, 180 µs round trip\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the story lacks %q:\n%s", want, got)
		}
	}
}

func TestAHiddenHolderIsSaidToBeHiddenAndNobodyIsGuessed(t *testing.T) {
	got := tell(t, "192.168.1.23:7946", nil)
	for _, want := range []string{"hidden (root, consul.service)", "may not be read"} {
		if !strings.Contains(got, want) {
			t.Errorf("the story lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "PID") {
		t.Errorf("the story names a process nobody has read:\n%s", got)
	}
}

func TestAFullBacklogIsAWarning(t *testing.T) {
	uitest.App(t, "en", theme.Light)
	s := uitest.Machine()
	k := monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort("0.0.0.0:3000")}
	for used, want := range map[uint32]string{0: "", 255: "", 256: "warning", 511: "warning"} {
		st := uitest.Story(s, k)
		st.Backlog = used
		one := *s
		one.Endpoints = []monitor.Endpoint{st.Endpoint}
		text := view.Build(&one, view.Query{}, view.Options{}).Rows[0].Text
		for _, l := range socketSection(&st, text, uitest.Now).lines {
			if l.label == "Backlog" && string(l.color) != want {
				t.Errorf("%d of 511 has colour %q, want %q", used, l.color, want)
			}
		}
	}
}

func TestOnlyWhatLooksLikeAWebServerIsOfferedToTheBrowser(t *testing.T) {
	for _, c := range []struct {
		addr     string
		category view.Category
		want     string
	}{
		{"0.0.0.0:3000", view.CategoryRuntime, "http://127.0.0.1:3000/"},
		{"[::]:3000", view.CategoryRuntime, "http://[::1]:3000/"},
		{"192.168.1.23:8080", view.CategoryUnknown, "http://192.168.1.23:8080/"},
		{"0.0.0.0:80", view.CategoryWeb, "http://127.0.0.1/"},
		{"0.0.0.0:443", view.CategoryWeb, "https://127.0.0.1/"},
		{"[::1]:8443", view.CategoryWeb, "https://[::1]:8443/"},
		{"127.0.0.1:5432", view.CategoryDatabase, ""},
		{"0.0.0.0:5432", view.CategoryContainer, ""}, // a published database
		{"0.0.0.0:22", view.CategorySystem, ""},
		{"127.0.0.1:41207", view.CategoryEditor, ""},
		{"127.0.0.1:24678", view.CategoryRuntime, ""},
	} {
		got := ""
		if u := URL(monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(c.addr)}, sockets.Listen, c.category); u != nil {
			got = u.String()
		}
		if got != c.want {
			t.Errorf("%s of category %s: %q, want %q", c.addr, c.category, got, c.want)
		}
	}
	if u := URL(monitor.Key{Proto: sockets.UDP, Addr: netip.MustParseAddrPort("0.0.0.0:80")}, sockets.Bound, view.CategoryWeb); u != nil {
		t.Errorf("UDP is offered as %s", u)
	}
}

func TestSizesAndTimesAreWrittenWithThreeDigits(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 1_234_567: "1.23 MB", 5e12: "5 TB"} {
		if got := bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{180 * time.Microsecond: "180 µs", 12345 * time.Microsecond: "12.3 ms"} {
		if got := roundTrip(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
