package freeing

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
	pt "github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// orphanSheet cleans up: first which ones, then what would end, then one by
// one.
type orphanSheet struct {
	desk  *Desk
	sheet *parts.Sheet
	rows  []*orphanRow
	stage cleaning
	// do goes on, cancel goes back, or stops after the one being ended.
	do, cancel *parts.Button
}

// cleaning is how far a clean-up has come.
type cleaning uint8

const (
	choosing cleaning = iota
	looking           // plans are being made
	agreeing          // they are shown
	ending
	over
)

type orphanRow struct {
	orphan monitor.Orphan
	check  *widget.Check
	icon   *parts.Drawing
	says   *widget.Label
	box    fyne.CanvasObject
	id     ID // of its attempt
	alone  bool
}

// ShowOrphans asks which of the orphans are to be ended.
func (d *Desk) ShowOrphans(groups []monitor.OrphanGroup) {
	s := &orphanSheet{desk: d}
	body := container.New(parts.Column{Gap: 0})
	body.Add(parts.Wrapped(lang.X("window.orphans.about", "These servers outlived what they were started from, and still hold their ports."), widget.LowImportance))
	for i := range groups {
		g := &groups[i]
		name := view.GroupName(g)
		if g.Dir != "" && g.Dir != name {
			name += "  " + g.Dir
		}
		body.Add(parts.Caption(plain.Text(name, 90)))
		for _, o := range g.Orphans {
			r := s.row(o)
			s.rows = append(s.rows, r)
			body.Add(r.box)
		}
	}
	s.do = parts.NewDanger("", "stop", s.on)
	s.cancel = parts.NewButton(lang.X("window.cancel", "Cancel"), "", s.back)
	keys := func(k fyne.KeyName) {
		switch k {
		case fyne.KeyEscape:
			s.back()
		case fyne.KeyLeft:
			d.opt.Canvas().Focus(s.cancel)
		case fyne.KeyRight:
			if !s.do.Disabled() {
				d.opt.Canvas().Focus(s.do)
			}
		}
	}
	s.do.Key, s.cancel.Key = keys, keys
	s.draw()
	title := lang.XN("window.orphans.title", "{{.Count}} servers left behind", len(s.rows), map[string]any{"Count": len(s.rows)})
	s.sheet = parts.NewSheet(d.opt.Canvas(), "orphan", title, body, s.cancel, s.cancel, s.do)
	d.orphans = s
}

func (s *orphanSheet) row(o monitor.Orphan) *orphanRow {
	r := &orphanRow{orphan: o, icon: parts.NewDrawing("info", pt.ColorMuted, 16), says: parts.Wrapped("", widget.LowImportance)}
	r.check = widget.NewCheck(plain.Text(view.ProcessLine(o.Holder.Process, s.desk.opt.Now()), 76), func(bool) { s.draw() })
	r.check.Checked = true
	r.says.SetText(plain.Text(view.KeyNames(o.Keys)+" · "+view.Gone(o.Gone), maxSaid))
	r.icon.Hide()
	r.box = container.New(parts.Column{Gap: -12}, r.check, container.New(orphanLayout{}, r.icon, r.says))
	return r
}

// on does what comes next.
func (s *orphanSheet) on() {
	switch s.stage {
	case choosing:
		for _, r := range s.rows {
			r.check.Disable()
			if r.check.Checked {
				r.id = s.desk.begin(&entry{Attempt: Attempt{Aim: free.Aim{Process: r.orphan.Holder.Identity}}, quiet: true}, true)
			}
		}
		s.stage = looking
	case agreeing:
		s.stage = ending
		s.next()
	case over:
		s.close()
		return
	}
	s.draw()
}

// back closes the sheet. What is being ended is not forced then, and the
// others are left alone.
func (s *orphanSheet) back() {
	for _, r := range s.rows {
		if e := s.desk.entry(r.id); e != nil && e.Phase == Running {
			s.desk.act.DontForce(e.ID)
		}
	}
	s.close()
}

func (s *orphanSheet) close() {
	if s.sheet.Closed() {
		return
	}
	s.sheet.Close()
	s.desk.orphans = nil
	for _, r := range s.rows {
		if r.id != 0 {
			s.desk.act.Discard(r.id)
		}
	}
}

// changed looks at the attempts anew.
func (s *orphanSheet) changed() {
	switch s.stage {
	case looking:
		if !s.any(func(e *entry, _ *orphanRow) bool { return e.Phase == Planning }) {
			s.stage = agreeing
			for _, r := range s.rows {
				if e := s.desk.entry(r.id); e != nil && e.Phase == Waiting {
					c := &e.Plan.Choices[0]
					if r.alone = c.Blocked != "" || view.Grave(c); r.alone {
						s.desk.act.Discard(r.id)
					}
				}
			}
			if s.ready() == 0 {
				s.stage = over
			}
		}
	case ending:
		if !s.any(func(e *entry, _ *orphanRow) bool { return e.Phase == Running }) {
			s.next()
		}
	}
	s.draw()
}

func (s *orphanSheet) any(is func(*entry, *orphanRow) bool) bool {
	for _, r := range s.rows {
		if e := s.desk.entry(r.id); e != nil && is(e, r) {
			return true
		}
	}
	return false
}

// ready counts those that will be ended.
func (s *orphanSheet) ready() (n int) {
	s.any(func(e *entry, r *orphanRow) bool {
		if e.Phase == Waiting && !r.alone {
			n++
		}
		return false
	})
	return n
}

// next ends the next one.
func (s *orphanSheet) next() {
	if !s.any(func(e *entry, r *orphanRow) bool {
		if e.Phase != Waiting || r.alone {
			return false
		}
		e.Phase = Running
		s.desk.act.Run(e.ID, free.Order{})
		return true
	}) {
		s.stage = over
	}
}

// draw shows how far it has come.
func (s *orphanSheet) draw() {
	if s.do == nil {
		return
	}
	n := 0
	for _, r := range s.rows {
		if r.check.Checked {
			n++
		}
		s.drawRow(r)
	}
	count := map[string]any{"Count": s.ready()}
	enabled, danger := true, s.stage == agreeing || s.stage == ending
	text := lang.X("window.orphans.plan", "Show what would end")
	cancel := lang.X("window.cancel", "Cancel")
	switch s.stage {
	case choosing:
		enabled = n > 0
	case looking:
		enabled = false
	case agreeing:
		text = lang.XN("window.orphans.end", "End these {{.Count}}", s.ready(), count)
	case ending:
		enabled = false
		text = lang.X("window.orphans.ending", "Ending…")
		cancel = lang.X("window.orphans.stop", "Stop here")
	case over:
		text = lang.X("window.close", "Close")
	}
	s.do.Importance = widget.HighImportance
	color := theme.ColorNameForegroundOnPrimary
	if danger {
		s.do.Importance = widget.DangerImportance
		color = theme.ColorNameForegroundOnError
	}
	s.do.SetDrawing(map[bool]pt.Icon{true: "stop", false: "check"}[danger], color)
	s.do.SetText(text)
	s.cancel.SetText(cancel)
	s.cancel.Hidden = s.stage == over
	if enabled {
		s.do.Enable()
	} else {
		s.do.Disable()
	}
	// A button that can't be pressed, or isn't there, keeps no keyboard.
	switch c := s.desk.opt.Canvas(); {
	case s.sheet == nil || s.sheet.Closed():
	case !enabled:
		c.Focus(s.cancel)
	case s.stage == over:
		c.Focus(s.do)
	}
	if s.sheet != nil && !s.sheet.Closed() {
		s.sheet.Fit()
	}
}

func (s *orphanSheet) drawRow(r *orphanRow) {
	e := s.desk.entry(r.id)
	if e == nil {
		return
	}
	is := s.desk.tell(e)
	if e.Phase == Waiting {
		c := &e.Plan.Choices[0]
		is = said{sentence(view.ChoiceTitle(c)), "stop", theme.ColorNameError}
		switch {
		case c.Blocked != "":
			is = said{lang.X("window.free.not_possible", "Not possible: {{.Why}}", map[string]any{"Why": plain.Text(view.Blocked(c), maxSaid)}), "lock", pt.ColorMuted}
		case r.alone:
			is = said{lang.X("window.orphans.alone", "Left alone, because others are concerned: free its port in the table."), "info", pt.ColorMuted}
		default:
			for _, risk := range c.Risks {
				is.text += " · " + plain.Text(view.Risk(c, risk), maxSaid)
			}
		}
	}
	r.icon.Show()
	r.icon.Set(is.icon, is.color)
	if r.says.Text != is.text {
		r.says.SetText(is.text)
	}
}

// orphanLayout sets what is said of an orphan under its name.
type orphanLayout struct{}

const orphanIndent = 26

func (orphanLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().AddWidthHeight(orphanIndent, 0)
}

func (orphanLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	line := widget.NewLabel("").MinSize().Height
	x := float32(orphanIndent)
	if o[0].Visible() {
		o[0].Move(fyne.NewPos(x+8, (line-16)/2))
		o[0].Resize(fyne.NewSquareSize(16))
		x += 22
	}
	o[1].Move(fyne.NewPos(x, 0))
	o[1].Resize(fyne.NewSize(s.Width-x, o[1].MinSize().Height))
}
