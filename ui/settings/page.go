package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// Options are what the page needs.
type Options struct {
	Settings Settings
	// Edit changes the settings, everywhere.
	Edit func(func(*Settings))
	// Tray tells whether there is one to minimise to, Login whether starting
	// at login can be arranged.
	Tray, Login bool
	Version     string
	Shortcut    func(fyne.Shortcut)
	// Escape is called on Esc.
	Escape func()
}

// Page shows the settings. A change applies at once; what can't be right
// stays as typed, with a line that says why, and the old setting in force.
type Page struct {
	opt      Options
	settings Settings
	setting  bool // the controls are being set, not used

	interval                                 *parts.Entry
	intervalErr                              *widget.Label
	notify                                   *widget.Check
	opened, exposed, second, closed, udp     *widget.Check
	theme, language                          *parts.Segment
	startAtLogin, startMinimised, hideSystem *widget.Check
	ignore                                   *parts.Entry
	ignoreErr                                *widget.Label
	root                                     fyne.CanvasObject
}

var (
	themes    = []Theme{ThemeSystem, ThemeLight, ThemeDark}
	languages = []Language{LanguageSystem, LanguageEnglish, LanguageChinese}
)

// New builds the page.
func New(opt Options) *Page {
	p := &Page{opt: opt, settings: opt.Settings}
	p.interval = parts.NewEntry(1)
	p.interval.OnChanged = p.setInterval
	p.intervalErr = wrong()
	p.notify = p.check(lang.X("window.settings.notify", "Show notifications"), func(s *Settings) *bool { return &s.Notify.On })
	p.opened = p.check(lang.X("window.settings.notify.opened", "A port opens"), func(s *Settings) *bool { return &s.Notify.Opened })
	p.exposed = p.check(lang.X("window.settings.notify.exposed", "A port can be reached from other machines"), func(s *Settings) *bool { return &s.Notify.Exposed })
	p.second = p.check(lang.X("window.settings.notify.second", "A second program holds a port"), func(s *Settings) *bool { return &s.Notify.SecondOwner })
	p.closed = p.check(lang.X("window.settings.notify.closed", "A port closes and doesn't come back"), func(s *Settings) *bool { return &s.Notify.Closed })
	p.udp = p.check(lang.X("window.settings.notify.udp", "UDP ports too, outside the ephemeral range"), func(s *Settings) *bool { return &s.Notify.UDP })
	p.theme = parts.NewSegment([]string{lang.X("window.settings.theme.system", "System"),
		lang.X("window.settings.theme.light", "Light"), lang.X("window.settings.theme.dark", "Dark")},
		func(i int) { p.edit(func(s *Settings) { s.Theme = themes[i] }) })
	p.language = parts.NewSegment([]string{lang.X("window.settings.language.system", "System"), "English", "简体中文"},
		func(i int) { p.edit(func(s *Settings) { s.Language = languages[i] }) })
	p.startAtLogin = p.check(lang.X("window.settings.login", "Start Portlight at login"), func(s *Settings) *bool { return &s.StartAtLogin })
	p.startMinimised = p.check(lang.X("window.settings.minimised", "Start in the tray, without a window"), func(s *Settings) *bool { return &s.StartMinimised })
	p.hideSystem = p.check(lang.X("window.settings.hide_system", "Hide what belongs to the operating system"), func(s *Settings) *bool { return &s.HideSystem })
	p.ignore = parts.NewEntry(4)
	p.ignore.TextStyle = fyne.TextStyle{Monospace: true}
	p.ignore.PlaceHolder = "port:5353\nproto:udp chrome"
	p.ignore.OnChanged = p.setIgnore
	p.ignoreErr = wrong()
	for _, e := range []*parts.Entry{p.interval, p.ignore} {
		e.Escape, e.Shortcut = opt.Escape, opt.Shortcut
	}
	p.root = container.NewVScroll(container.New(sheet{width: 640}, p.groups()...))
	p.show()
	return p
}

func wrong() *widget.Label {
	l := widget.NewLabel("")
	l.Importance, l.SizeName = widget.DangerImportance, theme.SizeNameCaptionText
	l.Wrapping = fyne.TextWrapWord
	l.Hide()
	return l
}

func (p *Page) groups() []fyne.CanvasObject {
	hint := func(text string) fyne.CanvasObject {
		l := parts.Muted(text)
		l.SizeName, l.Wrapping = theme.SizeNameCaptionText, fyne.TextWrapWord
		return l
	}
	login, tray := fyne.CanvasObject(nil), fyne.CanvasObject(nil)
	if !p.opt.Login {
		p.startAtLogin.Disable()
		login = hint(lang.X("window.settings.no_login", "This system has no place to register programs to start at login."))
	}
	if !p.opt.Tray {
		p.startMinimised.Disable()
		tray = hint(lang.X("window.settings.no_tray", "This desktop shows no tray icons."))
	}
	about := lang.X("window.settings.about", "Portlight {{.Version}}", map[string]any{"Version": p.opt.Version})
	return []fyne.CanvasObject{
		group(lang.X("window.settings.reading", "Reading"),
			field(lang.X("window.settings.interval", "Interval"), container.New(fixed{width: 110}, p.interval),
				p.intervalErr, hint(lang.X("window.settings.interval.hint", "From 250ms to 1m. Readings are made less often by themselves when they cost too much.")))),
		group(lang.X("window.settings.appearance", "Appearance"),
			field(lang.X("window.settings.theme", "Theme"), p.theme),
			field(lang.X("window.settings.language", "Language"), p.language)),
		group(lang.X("window.settings.table", "Table"),
			field(lang.X("window.settings.hidden", "Hidden"), p.hideSystem),
			field(lang.X("window.settings.ignore", "Ignore list"), p.ignore, p.ignoreErr,
				hint(lang.X("window.settings.ignore.hint", "One filter a line, written as in the search box. What matches is left out and counted.")))),
		group(lang.X("window.settings.notifications", "Notifications"),
			field("", p.notify), field(lang.X("window.settings.notify.when", "When"), p.opened, p.exposed, p.second, p.closed, p.udp)),
		group(lang.X("window.settings.start", "Start"), field("", p.startAtLogin, login), field("", p.startMinimised, tray)),
		group(lang.X("window.settings.about_title", "About"), field("", widget.NewLabel(about))),
	}
}

// check makes a box that shows and edits one field.
func (p *Page) check(text string, at func(*Settings) *bool) *widget.Check {
	return widget.NewCheck(text, func(on bool) {
		p.edit(func(s *Settings) { *at(s) = on })
	})
}

func (p *Page) edit(f func(*Settings)) {
	if !p.setting {
		p.opt.Edit(f)
	}
}

// Object is what to show.
func (p *Page) Object() fyne.CanvasObject { return p.root }

// Focus puts the keyboard on the first control.
func (p *Page) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.interval); c != nil {
		c.Focus(p.interval)
	}
}

// SetSettings shows settings that changed, here or elsewhere. What is being
// typed stays.
func (p *Page) SetSettings(s Settings) {
	p.settings = s
	p.show()
}

func (p *Page) show() {
	p.setting = true
	defer func() { p.setting = false }()
	s := p.settings
	if d, err := ParseInterval(p.interval.Text); err != nil && p.interval.Text == "" || err == nil && d != s.Interval {
		p.interval.SetText(FormatInterval(s.Interval))
	}
	for c, on := range map[*widget.Check]bool{p.notify: s.Notify.On, p.opened: s.Notify.Opened, p.exposed: s.Notify.Exposed,
		p.second: s.Notify.SecondOwner, p.closed: s.Notify.Closed, p.udp: s.Notify.UDP, p.startAtLogin: s.StartAtLogin,
		p.startMinimised: s.StartMinimised, p.hideSystem: s.HideSystem} {
		c.SetChecked(on)
	}
	for _, c := range []*widget.Check{p.opened, p.exposed, p.second, p.closed, p.udp} {
		if s.Notify.On {
			c.Enable()
		} else {
			c.Disable()
		}
	}
	p.theme.Choose(slices.Index(themes, s.Theme))
	p.language.Choose(slices.Index(languages, s.Language))
	if !slices.Equal(lines(p.ignore.Text), s.Ignore) && !p.ignoreErr.Visible() {
		p.ignore.SetText(strings.Join(s.Ignore, "\n"))
	}
}

func (p *Page) setInterval(text string) {
	if p.setting {
		return
	}
	d, err := ParseInterval(text)
	if p.say(p.intervalErr, err); err == nil {
		p.edit(func(s *Settings) { s.Interval = d })
	}
}

func (p *Page) setIgnore(text string) {
	if p.setting {
		return
	}
	all := lines(text)
	for i, l := range all {
		if _, err := view.Parse(l); err != nil {
			p.say(p.ignoreErr, fmt.Errorf("%d: %w", i+1, err))
			return
		}
	}
	p.say(p.ignoreErr, nil)
	p.edit(func(s *Settings) { s.Ignore = all })
}

// say shows what is wrong under its field.
func (p *Page) say(l *widget.Label, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if l.Text == text {
		return
	}
	l.SetText(text)
	l.Hidden = text == ""
	p.root.Refresh()
}

func lines(text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// intervalError says what an interval must be.
type intervalError struct{}

func (intervalError) Error() string {
	return lang.X("window.settings.interval.wrong", "Write a time from 250ms to 1m, such as 2s. The old interval stays in force.")
}

// ParseInterval reads an interval as Go writes durations; a bare number is
// seconds.
func ParseInterval(text string) (time.Duration, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	d, err := time.ParseDuration(text)
	if f, ferr := strconv.ParseFloat(text, 64); ferr == nil {
		d, err = time.Duration(f*float64(time.Second)), nil
	}
	if err != nil || d < MinInterval || d > MaxInterval {
		return 0, intervalError{}
	}
	return d, nil
}

// FormatInterval writes an interval in the shortest form that ParseInterval
// reads.
func FormatInterval(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	return s
}

// Interval returns the box for the interval.
func (p *Page) Interval() *parts.Entry { return p.interval }

// IntervalMistake returns what is said about the interval, "" if nothing is.
func (p *Page) IntervalMistake() string { return p.intervalErr.Text }
