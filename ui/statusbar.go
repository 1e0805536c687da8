package ui

import (
	"fmt"
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	pt "github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// statusbar says how fresh and how dear the data is, how much there is of it,
// and what the user should know about it. While nothing changes it draws
// nothing: a window that is only looked at costs nothing.
type statusbar struct {
	root     fyne.CanvasObject
	canvas   func() fyne.Canvas
	dot      *parts.Drawing
	age      *widget.Label
	cost     *widget.Label
	counts   *widget.Label
	warnings *parts.Link
	paused   *parts.Link
	holding  *parts.Link
	desk     *freeing.Desk
	line     *fyne.Container

	interval time.Duration
	taken    time.Time
	smooth   time.Duration // the cost of a poll, smoothed
	shown    time.Duration // and as shown
	shownAt  time.Time
	current  []monitor.Warning
}

func newStatusbar(canvas func() fyne.Canvas, resume func(), desk *freeing.Desk) *statusbar {
	small := func() *widget.Label {
		l := parts.Muted("")
		l.SizeName = theme.SizeNameCaptionText
		return l
	}
	s := &statusbar{canvas: canvas, desk: desk, dot: parts.NewDrawing("clock", pt.ColorMuted, 13), age: small(), cost: small(), counts: small()}
	s.warnings = parts.NewLink("warning", theme.ColorNameWarning, true, s.explain)
	s.paused = parts.NewLink("bell-off", pt.ColorMuted, true, resume)
	s.holding = parts.NewLink("keep", theme.ColorNamePrimary, true, s.release)
	s.line = container.New(statusLayout{}, s.dot, s.age, s.cost, s.counts, layout.NewSpacer(), s.holding, s.paused, s.warnings)
	s.root = parts.Ground(pt.ColorBar, container.NewBorder(newHairline(), nil, nil, nil, s.line))
	s.tick(time.Time{})
	s.showHeld()
	return s
}

// showHeld says which ports are held for the user.
func (s *statusbar) showHeld() {
	text := ""
	switch held := s.desk.Held(); {
	case len(held) == 1:
		text = lang.X("window.status.holding", "Holding port {{.Port}} · release", map[string]any{"Port": held[0].Port})
	case len(held) > 1:
		text = lang.XN("window.status.holding_several", "Holding {{.Count}} ports · release", len(held), map[string]any{"Count": len(held)})
	}
	if s.holding.Say(text) {
		s.relayout()
	}
}

// release lets go of the port that is held, or asks which.
func (s *statusbar) release() {
	held := s.desk.Held()
	if len(held) == 1 {
		s.desk.Release(held[0].ID)
		return
	}
	var items []*fyne.MenuItem
	for _, h := range held {
		items = append(items, fyne.NewMenuItem(lang.X("window.status.release", "Release port {{.Port}}", map[string]any{"Port": h.Port}),
			func() { s.desk.Release(h.ID) }))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), s.canvas())
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.holding)
	menu.ShowAtPosition(fyne.NewPos(at.X, at.Y-menu.MinSize().Height-6))
	s.canvas().Focus(menu)
}

func (s *statusbar) setPaused(paused bool) {
	text := ""
	if paused {
		text = lang.X("window.status.paused", "Notifications paused · resume")
	}
	if s.paused.Say(text) {
		s.relayout()
	}
}

// set writes a text; one of another width moves what follows it.
func (s *statusbar) set(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
		s.relayout()
	}
}

func (s *statusbar) relayout() { s.line.Layout.Layout(s.line.Objects, s.line.Size()) }

func (s *statusbar) apply(snap *monitor.Snapshot, now time.Time) {
	s.taken = snap.Taken
	s.showCost(snap.Cost.Wall, now)
	exposed := 0
	for i := range snap.Endpoints {
		if snap.Endpoints[i].Exposure == monitor.ExposureAll {
			exposed++
		}
	}
	n := len(snap.Endpoints)
	text := lang.XN("window.status.endpoints", "{{.Count}} endpoints", n, map[string]any{"Count": n})
	if exposed > 0 {
		text += " · " + lang.XN("window.status.exposed", "{{.Count}} open to all networks", exposed, map[string]any{"Count": exposed})
	}
	if snap.WithConnections {
		c := len(snap.Connections)
		text += " · " + lang.XN("window.status.connections", "{{.Count}} connections", c, map[string]any{"Count": c})
	}
	s.set(s.counts, text)
	s.warn(snap.Warnings)
	s.tick(now)
}

// tick says how old the data is: while it is fresh, only that it is.
func (s *statusbar) tick(now time.Time) {
	icon, color, text := pt.Icon("clock"), pt.ColorMuted, lang.X("window.status.waiting", "Reading…")
	if !s.taken.IsZero() {
		icon, color, text = "listen", theme.ColorNameSuccess, lang.X("window.status.live", "Live")
		if old := now.Sub(s.taken); old > max(3*s.interval, 5*time.Second) {
			icon, color = "clock", theme.ColorNameWarning
			text = lang.X("window.status.age", "Read {{.Age}} ago", map[string]any{"Age": view.Duration(old)})
		}
	}
	s.dot.Set(icon, color)
	s.set(s.age, text)
}

// costPatience is how long a figure stays.
const costPatience = 10 * time.Second

// showCost shows what a poll costs. A figure that trembles with every poll
// would tell nothing more and have the window drawn each time.
func (s *statusbar) showCost(d time.Duration, now time.Time) {
	if s.smooth == 0 {
		s.smooth = d
	}
	s.smooth += (d - s.smooth) / 8
	d = s.smooth
	if diff := d - s.shown; s.shown > 0 && (diff < s.shown/4 && diff > -s.shown/4 || now.Sub(s.shownAt) < costPatience) {
		return
	}
	s.shown, s.shownAt = d, now
	s.set(s.cost, lang.X("window.status.cost", "{{.Cost}} a reading, every {{.Interval}}",
		map[string]any{"Cost": milliseconds(d), "Interval": s.interval.String()}))
}

func (s *statusbar) setInterval(d time.Duration) {
	s.interval = d
	if s.shown > 0 {
		s.shown = 0
		s.showCost(s.smooth, s.shownAt)
	}
}

func milliseconds(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// warn shows the first warning in a few words; the rest are told when asked.
func (s *statusbar) warn(ws []monitor.Warning) {
	s.current = ws
	text := ""
	if len(ws) > 0 {
		text = briefly(ws[0])
		if len(ws) > 1 {
			text += fmt.Sprintf(" +%d", len(ws)-1)
		}
	}
	if s.warnings.Say(text) {
		s.relayout()
	}
}

// briefly is a warning in so few words that it fits a status bar.
func briefly(w monitor.Warning) string {
	d := map[string]any{"Count": w.Count}
	switch w.Code {
	case monitor.WarnUnreadable:
		return lang.XN("window.status.unreadable", "{{.Count}} processes can't be read", w.Count, d)
	case monitor.WarnFallback:
		return lang.X("window.status.fallback", "Simplified reading")
	case monitor.WarnStale:
		return lang.X("window.status.stale", "Last reading failed")
	case monitor.WarnPartial:
		return lang.X("window.status.partial", "Incomplete reading")
	case monitor.WarnSlow:
		return lang.X("window.status.slow", "Read less often")
	}
	return view.Warning(w)
}

// explain tells the warnings in full.
func (s *statusbar) explain() {
	var all []string
	for _, w := range s.current {
		all = append(all, view.Warning(w))
	}
	text := widget.NewLabel(strings.Join(all, "\n\n"))
	text.Wrapping = fyne.TextWrapWord
	box := container.NewPadded(container.New(atLeast{width: 360}, text))
	p := widget.NewPopUp(box, s.canvas())
	p.Resize(fyne.NewSize(380, 0))
	p.Resize(fyne.NewSize(380, box.MinSize().Height))
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.warnings)
	p.ShowAtPosition(fyne.NewPos(at.X+s.warnings.Size().Width-380, at.Y-box.MinSize().Height-10))
}

// atLeast gives a wrapped label its width before it is asked for its height.
type atLeast struct{ width float32 }

func (a atLeast) MinSize(o []fyne.CanvasObject) fyne.Size {
	o[0].Resize(fyne.NewSize(a.width, o[0].MinSize().Height))
	return fyne.NewSize(a.width, o[0].MinSize().Height)
}

func (a atLeast) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }

// statusLayout is a low line: labels and buttons overlap their paddings.
type statusLayout struct{}

const statusHeight = 26

func (statusLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, statusHeight) }

func (statusLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	spacer := len(o)
	x := float32(10)
	for i, c := range o {
		if _, ok := c.(layout.SpacerObject); ok {
			spacer = i
			break
		}
		if c.Visible() {
			min := c.MinSize()
			c.Move(fyne.NewPos(x, (size.Height-min.Height)/2))
			c.Resize(min)
			x += min.Width
		}
	}
	right := size.Width - 4
	for i := len(o) - 1; i > spacer; i-- {
		if c := o[i]; c.Visible() {
			min := c.MinSize()
			right -= min.Width
			c.Move(fyne.NewPos(right, (size.Height-min.Height)/2))
			c.Resize(min)
		}
	}
}

// hairline is a line of the separator's colour.
func newHairline() fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, 1))
	return parts.Ground(theme.ColorNameSeparator, r)
}
