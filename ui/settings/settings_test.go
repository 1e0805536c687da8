package settings

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

func TestAnIntervalIsReadAsPeopleWriteIt(t *testing.T) {
	test.NewTempApp(t)
	for text, want := range map[string]time.Duration{
		"1s": time.Second, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, " 250 ms ": 250 * time.Millisecond, "1m": time.Minute,
		"": 0, "249ms": 0, "61s": 0, "-1s": 0, "soon": 0, "NaN": 0, "1e300": 0,
	} {
		got, err := ParseInterval(text)
		if (err == nil) != (want != 0) || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, d := range []time.Duration{MinInterval, time.Second, 90 * time.Second / 2, MaxInterval} {
		if got, err := ParseInterval(FormatInterval(d)); err != nil || got != d {
			t.Errorf("%v is written %q, which is read as %v, %v", d, FormatInterval(d), got, err)
		}
	}
}

func TestAFaultyLineOfTheIgnoreListStaysAndChangesNothing(t *testing.T) {
	uitest.App(t, "en", theme.Light)
	s := Default()
	var p *Page
	p = New(Options{Settings: s, Edit: func(f func(*Settings)) { f(&s); p.SetSettings(s) }})
	p.ignore.SetText("port:5353\nproto:tpc")
	if len(s.Ignore) != 0 || !p.ignoreErr.Visible() {
		t.Errorf("list %q, said %q", s.Ignore, p.ignoreErr.Text)
	}
	p.notify.SetChecked(false) // another setting is changed meanwhile
	if p.ignore.Text != "port:5353\nproto:tpc" {
		t.Errorf("what was typed became %q", p.ignore.Text)
	}
	if !p.opened.Disabled() {
		t.Error("kinds of notifications can be chosen though there are none")
	}
	p.ignore.SetText("port:5353\n\nproto:tcp node\n")
	if len(s.Ignore) != 2 || p.ignoreErr.Visible() {
		t.Errorf("list %q, said %q", s.Ignore, p.ignoreErr.Text)
	}
}
