// Package why is the page that says why a program can't have a port: the
// doctor's answer with its evidence, and what can be done about it.
package why

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// Actions are what the page asks for. Every method returns at once.
type Actions interface {
	// Examine finds out why a port can't be had; Window.ApplyDiagnosis
	// answers. A question asked before is given up.
	Examine(doctor.Question)
	// StopExamining gives the question up.
	StopExamining()
}

// Options are what the page needs besides Actions.
type Options struct {
	Now      func() time.Time
	Canvas   func() fyne.Canvas
	Desk     *freeing.Desk
	Copy     func(string)
	Shortcut func(fyne.Shortcut)
	// Select shows an endpoint's row.
	Select func(monitor.Key) bool
	// Disconnect closes a connection.
	Disconnect func(monitor.Connection)
	// Escape is called on Esc.
	Escape func()
}

// Page asks for a port and shows the answer.
type Page struct {
	act Actions
	opt Options

	question  doctor.Question // the last one
	examining bool
	diagnosis *doctor.Diagnosis
	failure   string
	attempt   freeing.ID // the one that was begun here
	waiting   bool       // until the port is free
	retry     time.Time  // when to look again

	entry   *parts.Entry
	proto   *parts.Segment
	address *widget.Select
	reach   *widget.Check
	ask     *parts.Button
	stop    *parts.Button
	mistake *parts.Notice
	line    *freeing.Line
	wait    *widget.Label
	answer  *fyne.Container
	scroll  *container.Scroll
	root    fyne.CanvasObject
}

// New builds the page.
func New(act Actions, opt Options) *Page {
	p := &Page{act: act, opt: opt}
	p.entry = parts.NewEntry(1)
	p.entry.PlaceHolder = lang.X("window.why.hint", "3000, localhost:3000, or the error you got")
	p.entry.Escape, p.entry.Shortcut = opt.Escape, opt.Shortcut
	p.entry.OnSubmitted = func(string) { p.examine() }
	p.entry.OnChanged = p.typed
	p.proto = parts.NewSegment([]string{"TCP", "UDP"}, func(int) {})
	p.address = widget.NewSelect(addresses(""), nil)
	p.address.SetSelectedIndex(0)
	p.reach = widget.NewCheck(lang.X("window.why.reach", "Also why others can't connect to it"), nil)
	p.ask = parts.NewButton(lang.X("window.why.ask", "Examine"), "why", p.examine)
	p.ask.Importance = widget.HighImportance
	p.ask.SetDrawing("why", "foregroundOnPrimary")
	p.stop = parts.NewButton(lang.X("window.cancel", "Cancel"), "close", p.giveUp)
	p.stop.Hide()
	p.mistake = parts.NewNotice(false)
	p.line = freeing.NewLine(opt.Desk)
	p.line.Resized = p.relayout
	p.wait = parts.Muted("")
	p.wait.Hide()
	keys := func(k fyne.KeyName) {
		if k == fyne.KeyEscape {
			opt.Escape()
		}
	}
	p.ask.Key, p.stop.Key, p.line.Key = keys, keys, keys

	p.answer = container.New(parts.Column{Gap: 4})
	p.scroll = container.NewVScroll(container.New(readable{}, container.New(parts.Column{Gap: 4}, p.line, p.wait, p.answer)))
	title := widget.NewLabelWithStyle(lang.X("window.why.title", "Why can't I use a port?"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.SizeName = "subHeadingText"
	form := container.New(formLayout{}, p.entry, p.proto, p.address, p.ask, p.stop)
	top := container.New(readable{}, container.New(parts.Column{Gap: 2}, title, form, p.reach, p.mistake))
	p.root = container.NewBorder(container.New(parts.Column{}, top, widget.NewSeparator()), nil, nil, nil, p.scroll)
	p.draw()
	return p
}

// GoOn takes over what another page showed, which spoke another language.
func (p *Page) GoOn(from *Page) {
	if from == nil {
		return
	}
	p.question, p.diagnosis, p.failure, p.examining = from.question, from.diagnosis, from.failure, from.examining
	p.attempt, p.waiting, p.retry = from.attempt, from.waiting, from.retry
	p.entry.SetText(from.entry.Text)
	p.proto.Choose(from.proto.Chosen())
	p.draw()
}

// Object is what to show.
func (p *Page) Object() fyne.CanvasObject { return p.root }

// Focus puts the keyboard on the entry.
func (p *Page) Focus() { p.opt.Canvas().Focus(p.entry) }

// usual are the addresses to choose from, but for "any".
var usual = [...]string{"127.0.0.1", "0.0.0.0", "::1", "::"}

// addresses are the choices, with one more if it isn't among them.
func addresses(more string) []string {
	all := append([]string{lang.X("window.why.any_address", "Any address")}, usual[:]...)
	if more != "" && !slices.Contains(all, more) {
		all = append(all, more)
	}
	return all
}

// typed takes what a pasted text says of protocol and address.
func (p *Page) typed(text string) {
	p.mistake.Say("")
	found, ok := view.FromText(text)
	if !ok {
		return
	}
	if found.Proto == sockets.UDP {
		p.proto.Choose(1)
	}
	if found.Addr.IsValid() && !found.Addr.IsUnspecified() {
		p.address.Options = addresses(found.Addr.String())
		p.address.SetSelected(found.Addr.String())
	}
}

// examine asks what the form says.
func (p *Page) examine() {
	found, ok := view.FromText(p.entry.Text)
	if !ok {
		p.mistake.Say(lang.X("window.why.no_port", "No port is named there: write a number from 1 to 65535, or paste the error."))
		p.root.Refresh()
		p.Focus()
		return
	}
	q := doctor.Question{Port: found.Port, Proto: sockets.TCP, Reach: p.reach.Checked}
	if p.proto.Chosen() == 1 {
		q.Proto = sockets.UDP
	}
	if p.address.SelectedIndex() > 0 {
		q.Addr, _ = netip.ParseAddr(p.address.Selected)
	}
	p.begin(q)
}

func (p *Page) begin(q doctor.Question) {
	if q.Port != p.question.Port || q.Proto != p.question.Proto {
		p.attempt, p.waiting = 0, false
	}
	p.question, p.examining, p.failure = q, true, ""
	p.act.Examine(q)
	p.draw()
}

// Ask fills in the form and examines.
func (p *Page) Ask(port uint16, proto sockets.Proto) {
	p.entry.SetText(strconv.Itoa(int(port)))
	p.entry.CursorColumn = len(p.entry.Text)
	p.proto.Choose(map[bool]int{true: 1}[proto == sockets.UDP])
	p.address.SetSelectedIndex(0)
	p.examine()
	p.Focus()
}

// Question returns the last question.
func (p *Page) Question() doctor.Question { return p.question }

// giveUp ends an examination or a wait.
func (p *Page) giveUp() {
	p.act.StopExamining()
	p.examining, p.waiting = false, false
	p.draw()
	p.Focus()
}

// Apply shows the answer, unless another question was asked since.
func (p *Page) Apply(q doctor.Question, d *doctor.Diagnosis, err error) {
	if q != p.question || !p.examining {
		return
	}
	p.examining = false
	p.diagnosis, p.failure = d, ""
	if err != nil {
		p.diagnosis, p.failure = nil, err.Error()
	}
	if p.waiting && d != nil {
		p.waitOn()
	}
	p.draw()
}

// Attempt shows how freeing the port goes, and once it is over examines anew.
func (p *Page) Attempt(id freeing.ID) {
	if p.attempt == 0 {
		return
	}
	if id != p.attempt {
		if next := p.opt.Desk.Follows(p.attempt); next == id {
			p.attempt = id
		} else {
			return
		}
	}
	p.line.Tell(p.attempt)
	if p.opt.Desk.Over(p.attempt) && !p.examining && p.question.Port != 0 {
		p.begin(p.question)
	}
}

// Tick lets time pass.
func (p *Page) Tick() {
	p.line.Tick()
	if p.waiting && !p.examining {
		left := p.retry.Sub(p.opt.Now())
		if left <= 0 {
			p.begin(p.question)
			return
		}
		p.sayWait(left)
	}
}

// draw shows what there is to be shown.
func (p *Page) draw() {
	p.stop.Hidden = !p.examining && !p.waiting
	p.wait.Hidden = !p.waiting && !p.examining
	if p.examining {
		p.wait.SetText(lang.X("window.why.examining", "Trying {{.Port}} as programs do…", map[string]any{"Port": view.PortName(p.question.Proto, p.question.Port)}))
	}
	p.line.Tell(p.attempt)
	p.answer.Objects = nil
	switch {
	case p.failure != "":
		p.answer.Objects = []fyne.CanvasObject{parts.Marked("error", "error", sentence(lang.X("window.why.failed", "that could not be found out: {{.Error}}", map[string]any{"Error": p.failure})))}
	case p.diagnosis != nil:
		p.answer.Objects = p.sections(p.diagnosis)
	case !p.examining:
		p.answer.Objects = []fyne.CanvasObject{parts.Wrapped(lang.X("window.why.about", "Portlight really tries the port, as servers do and plainly, at this machine's addresses. It names one cause, what shows it, and what helps. Nothing is sent to anybody."), widget.LowImportance)}
	}
	p.relayout()
}

func (p *Page) relayout() {
	for range 2 { // a wrapped label knows its height only once it has a width
		p.root.Refresh()
		p.scroll.Content.Refresh()
	}
	p.scroll.Refresh()
}

// Retheme draws the icons in the colours in force.
func (p *Page) Retheme() {
	p.ask.SetDrawing("why", "foregroundOnPrimary")
	p.stop.SetDrawing("close", "foreground")
	p.line.Retheme()
	p.draw()
}
