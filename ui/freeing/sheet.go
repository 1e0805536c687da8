package freeing

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// planSheet shows a plan and asks which choice to carry out.
type planSheet struct {
	desk  *Desk
	e     *entry
	sheet *parts.Sheet

	list       *choices
	facts      *fyne.Container
	hold       *widget.Check
	ask        *widget.Label
	name       *parts.Entry
	do, cancel *parts.Button
	permission *parts.Button
}

// show shows the plan of an attempt that waits.
func (d *Desk) show(e *entry) *planSheet {
	s := &planSheet{desk: d, e: e, facts: container.New(parts.Column{Gap: -6})}
	s.list = newChoices(s.options(), s.chosen)
	s.list.enter, s.list.escape = s.on, s.close
	s.hold = widget.NewCheck(lang.X("window.free.hold", "Keep the port for me afterwards, so that nobody else takes it"), nil)
	s.hold.Checked = e.hold
	s.ask = parts.Wrapped("", widget.MediumImportance)
	s.name = parts.NewEntry(1)
	s.name.Escape = s.close
	s.name.OnChanged = func(string) { s.arm() }
	s.name.OnSubmitted = func(string) { s.on() }
	s.cancel = parts.NewButton(lang.X("window.cancel", "Cancel"), "", s.close)
	s.do = parts.NewDanger("", "stop", s.carryOut)
	s.permission = parts.NewButton(lang.X("window.free.permission", "Ask for permission…"), "lock", s.elevate)
	keys := func(k fyne.KeyName) {
		switch k {
		case fyne.KeyEscape:
			s.close()
		case fyne.KeyLeft:
			d.opt.Canvas().Focus(s.cancel)
		case fyne.KeyRight:
			if s.armed() {
				d.opt.Canvas().Focus(s.acts())
			}
		}
	}
	s.cancel.Key, s.do.Key, s.permission.Key = keys, keys, keys

	body := container.New(parts.Column{Gap: 4}, s.who(), s.list, s.facts, s.hold, s.ask,
		container.New(layout.NewCustomPaddedLayout(0, 0, 4, 8), s.name))
	s.chosen()
	if s.list.chosen < 0 {
		s.cancel.SetText(lang.X("window.close", "Close"))
	}
	first := fyne.Focusable(s.list)
	if s.list.chosen < 0 {
		first = s.cancel
	}
	s.sheet = parts.NewSheet(d.opt.Canvas(), "stop", lang.X("window.free.title", "Free {{.Port}}?", map[string]any{"Port": plain.Text(e.places(), 120)}),
		body, first, s.permission, s.cancel, s.do)
	return s
}

// who says who holds what now.
func (s *planSheet) who() fyne.CanvasObject {
	box := container.New(parts.Column{Gap: -12})
	for i := range s.e.Plan.Targets {
		t := &s.e.Plan.Targets[i]
		f := doctor.Finding{Cause: doctor.Held, Endpoints: s.e.Plan.Targets[i : i+1]}
		if len(t.Holders) == 0 && t.Owner != monitor.OwnerKernel {
			f.Cause = doctor.HeldHidden
		}
		if i == maxListed {
			break
		}
		box.Add(parts.Wrapped(plain.Text(view.Finding(&f, doctor.Question{Port: t.Addr.Port(), Proto: t.Proto}), maxSaid), widget.LowImportance))
	}
	return box
}

func (s *planSheet) options() (all []option) {
	for i := range s.e.Plan.Choices {
		c := &s.e.Plan.Choices[i]
		o := option{title: sentence(view.ChoiceTitle(c)), disabled: c.Blocked != "" && !s.elevatable(i), second: c.Blocked != ""}
		switch why := view.Reason(c); {
		case c.Blocked != "":
			o.why = lang.X("window.free.not_possible", "Not possible: {{.Why}}", map[string]any{"Why": plain.Text(view.Blocked(c), maxSaid)})
		case i == 0 && why != "":
			o.why = lang.X("window.free.recommended_why", "Recommended: {{.Why}}", map[string]any{"Why": plain.Text(why, maxSaid)})
		case i == 0 && len(s.e.Plan.Choices) > 1:
			o.why = lang.X("window.free.recommended", "Recommended")
		}
		all = append(all, o)
	}
	return all
}

// elevatable reports whether rights can be asked for with a choice that may
// not be taken without.
func (s *planSheet) elevatable(i int) bool {
	return i >= 0 && s.e.Plan.Choices[i].Blocked != "" && slices.Contains(s.e.Elevatable, i)
}

// acts is the button that carries the choice out.
func (s *planSheet) acts() *parts.Button {
	if s.elevatable(s.list.chosen) {
		return s.permission
	}
	return s.do
}

// choice is the one that is chosen; where none can be, the first one.
func (s *planSheet) choice() *free.Choice { return &s.e.Plan.Choices[max(s.list.chosen, 0)] }

// maxListed is how many of a kind are listed one by one.
const maxListed = 5

// chosen shows what the choice brings with it.
func (s *planSheet) chosen() {
	c := s.choice()
	var facts [][2]string
	label := lang.X("window.free.ends", "Ends")
	for i, v := range c.Victims {
		text := view.ProcessLine(v.Process, s.e.Plan.Made)
		if i == maxListed {
			text = lang.XN("window.free.more", "and {{.Count}} more", len(c.Victims)-i, map[string]any{"Count": len(c.Victims) - i})
		}
		facts = append(facts, [2]string{label, plain.Text(text, 240)})
		label = ""
		if i == maxListed {
			break
		}
	}
	if clients := view.Clients(c); clients != "" {
		facts = append(facts, [2]string{lang.X("window.free.clients", "Cuts off"), clients})
	}
	s.facts.Objects = []fyne.CanvasObject{parts.Facts(facts)}
	for _, r := range c.Risks {
		s.facts.Add(parts.Marked(riskIcon(r), theme.ColorNameWarning, sentence(view.Risk(c, r))))
	}
	elevate := s.elevatable(s.list.chosen)
	grave := view.Grave(c) && (c.Blocked == "" || elevate) && c.Name != ""
	s.ask.Hidden, s.name.Hidden = !grave, !grave
	s.ask.SetText(lang.X("window.free.type_name", "Others may rely on it. To go on, type its name: {{.Name}}", map[string]any{"Name": s.asked()}))
	s.name.SetText("")
	s.hold.Hidden = s.list.chosen < 0 || elevate
	s.permission.Hidden = !elevate
	s.do.Hidden = s.list.chosen < 0 || elevate
	s.do.SetText(Does(c))
	s.arm()
	if s.sheet != nil {
		s.sheet.Fit()
	}
}

// asked is the name to be typed.
func (s *planSheet) asked() string { return plain.Text(s.choice().Name, 60) }

// arm lets the button act if everything it asks for is there.
func (s *planSheet) arm() {
	if s.armed() {
		s.do.SetDrawing("stop", theme.ColorNameForegroundOnError)
		s.do.Enable()
		s.permission.SetDrawing("lock", theme.ColorNameForeground)
		s.permission.Enable()
	} else {
		s.do.SetDrawing("stop", theme.ColorNameDisabled)
		s.do.Disable()
		s.permission.SetDrawing("lock", theme.ColorNameDisabled)
		s.permission.Disable()
	}
}

func (s *planSheet) armed() bool {
	return s.list.chosen >= 0 && (s.name.Hidden || s.name.Text == s.asked())
}

// on goes to what is to be done next: the name, or the button.
func (s *planSheet) on() {
	switch {
	case s.armed():
		s.desk.opt.Canvas().Focus(s.acts())
	case !s.name.Hidden:
		s.desk.opt.Canvas().Focus(s.name)
	default:
		s.desk.opt.Canvas().Focus(s.cancel)
	}
}

func (s *planSheet) carryOut() {
	if !s.armed() || s.acts() != s.do || s.sheet.Closed() {
		return
	}
	s.sheet.Close()
	s.desk.plan = nil
	s.e.Choice, s.e.Phase = s.list.chosen, Running
	s.desk.act.Run(s.e.ID, free.Order{Choice: s.list.chosen, Hold: s.hold.Checked})
	s.desk.changed(s.e.ID)
}

func (s *planSheet) elevate() {
	if !s.armed() || s.acts() != s.permission || s.sheet.Closed() {
		return
	}
	s.sheet.Close()
	s.desk.plan = nil
	s.desk.act.AskPermission(s.e.ID, s.list.chosen)
}

func (s *planSheet) close() {
	if s.sheet.Closed() {
		return
	}
	s.sheet.Close()
	s.desk.plan = nil
	s.desk.drop(s.e)
}
