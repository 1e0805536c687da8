package details

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// Options are what a pane needs besides Actions.
type Options struct {
	Now       func() time.Time
	Protected func(*process.Process) process.Protection
	// Copy puts text on the clipboard.
	Copy func(string)
	// Close is called when the user closes the pane.
	Close func()
	// Canvas is where confirmations are shown.
	Canvas func() fyne.Canvas
}

// Pane shows one endpoint or connection.
type Pane struct {
	widget.BaseWidget
	act Actions
	opt Options

	snapshot *monitor.Snapshot
	row      view.Row
	shown    bool // row is set
	gone     bool // it is no longer in the snapshot
	story    monitor.Story
	told     map[flow]*sockets.Info // of the last ApplyStory
	kills    map[process.Identity]KillProgress

	doc     document
	shape   shape
	icon    *parts.Drawing
	title   *widget.Label
	project *widget.Label
	address *widget.Label
	notice  *parts.Notice
	open    *parts.Button
	reveal  *parts.Button
	kill    *parts.Button
	progress
	facts *facts
	root  fyne.CanvasObject
}

// flow names a connection from one reading to the next.
type flow struct{ local, remote string }

func flowOf(s *sockets.Socket) flow { return flow{s.Local.String(), s.Remote.String()} }

// New returns an empty pane.
func New(act Actions, opt Options) *Pane {
	p := &Pane{act: act, opt: opt, kills: map[process.Identity]KillProgress{}}
	p.icon = parts.NewDrawing("app", theme.ColorNameForeground, 18)
	p.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	p.title.SizeName, p.title.Truncation = theme.SizeNameSubHeadingText, fyne.TextTruncateEllipsis
	p.project = parts.Muted("")
	p.project.Truncation = fyne.TextTruncateEllipsis
	p.address = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	p.address.Truncation = fyne.TextTruncateEllipsis
	p.notice = parts.NewNotice(false)
	keys := func(k fyne.KeyName) {
		if k == fyne.KeyEscape {
			opt.Close()
		}
	}
	p.open = parts.NewButton(lang.X("window.details.open", "Open in browser"), "open", p.browse)
	p.reveal = parts.NewButton(lang.X("window.details.reveal", "Reveal"), "folder", p.revealExe)
	p.kill = parts.NewButton(lang.X("window.details.kill", "End process…"), "stop", p.askKill)
	p.open.Key, p.reveal.Key, p.kill.Key = keys, keys, keys
	p.progress = newProgress(p.askForce, keys)
	p.facts = newFacts(opt.Copy)

	cross := parts.NewQuiet("", "close", opt.Close)
	cross.Key = keys
	head := container.New(layout.NewCustomPaddedLayout(4, 0, 12, 4), container.NewBorder(nil, nil, p.icon, cross, p.title))
	under := inset(container.New(tight{by: 8}, p.address, p.project))
	buttons := container.New(pack{gap: 6}, p.open, p.reveal, p.kill)
	top := container.New(tight{}, head, under, pad(buttons, 14), p.progress.box, p.notice, widget.NewSeparator())
	scroll := container.NewVScroll(pad(p.facts, 12))
	p.facts.grown = scroll.Refresh
	p.root = parts.Ground(theme.ColorNameBackground, container.NewBorder(top, nil, nil, nil, scroll))
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is Fyne's.
func (p *Pane) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.root) }

// Row returns the row shown, nil if there is none.
func (p *Pane) Row() *view.Row {
	if !p.shown {
		return nil
	}
	return &p.row
}

// Tell tells of a row of the snapshot and asks for the rest of its story.
func (p *Pane) Tell(s *monitor.Snapshot, row view.Row) {
	if !p.shown || p.row.ID != row.ID {
		p.told = nil
	}
	p.snapshot, p.row, p.shown, p.gone = s, row, true, false
	if row.Endpoint != nil {
		p.act.RequestStory(row.Endpoint.Key)
	}
	p.tell()
}

// Lose says that the row shown has gone from the snapshot.
func (p *Pane) Lose(s *monitor.Snapshot) {
	if p.shown {
		p.snapshot, p.gone = s, true
		p.tell()
	}
}

// Clear shows nothing.
func (p *Pane) Clear() { p.shown, p.told = false, nil }

// ApplyStory adds what only the kernel knows.
func (p *Pane) ApplyStory(st monitor.Story) {
	if !p.shown || p.row.Endpoint == nil || st.Endpoint.Key != p.row.Endpoint.Key {
		return // the user has gone on
	}
	p.told = map[flow]*sockets.Info{}
	for i := range st.Peers {
		if peer := &st.Peers[i]; peer.Info != nil {
			p.told[flowOf(&peer.Connection.Socket)] = peer.Info
		}
	}
	p.tell()
}

// Tick tells again, for ages.
func (p *Pane) Tick() {
	if p.shown {
		p.tell()
	}
}

// Retheme draws the icons in the colours in force.
func (p *Pane) Retheme() {
	p.open.SetDrawing("open", theme.ColorNameForeground)
	p.reveal.SetDrawing("folder", theme.ColorNameForeground)
	p.drawKill()
}

// tell brings everything up to date, drawing only what differs.
func (p *Pane) tell() {
	doc := p.describe()
	p.drawKill()
	gone := ""
	if k, ok := p.reported(); p.gone && !(ok && k.Phase == KillEnded) { // which says that it is free
		gone = lang.X("window.details.gone", "It is no longer open.")
	}
	p.notice.Say(gone)
	p.open.Hidden = p.url() == nil || p.gone
	p.reveal.Hidden = p.exe() == ""
	p.project.Hidden = doc.subtitle == ""
	p.reshape()
	if reflect.DeepEqual(doc, p.doc) {
		return
	}
	p.doc = doc
	p.icon.Set(doc.icon, theme.ColorNameForeground)
	set(p.title, doc.title)
	set(p.project, doc.subtitle)
	set(p.address, doc.address)
	p.facts.show(doc.sections)
}

// shape is what the places of the pane's parts depend on.
type shape struct {
	open, reveal, kill, project, notice, progress, bar, force bool
	text                                                      string
}

// reshape lays the pane out anew if another part of it is to be seen.
func (p *Pane) reshape() {
	now := shape{p.open.Hidden, p.reveal.Hidden, p.kill.Hidden, p.project.Hidden, p.notice.Hidden,
		p.progress.box.Hidden, p.bar.Hidden, p.force.Hidden, p.progress.text.Text}
	if now == p.shape {
		return
	}
	p.shape = now
	p.root.Refresh()
	p.root.Refresh() // a wrapped label knows its height only once it has a width
}

func set(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func (p *Pane) describe() document {
	now := p.opt.Now()
	if c := p.row.Connection; c != nil {
		return describeConnection(c, p.row.Text, now)
	}
	st := monitor.Story{Endpoint: *p.row.Endpoint}
	if p.gone {
		st.Endpoint.State = sockets.Closed
	} else {
		st = monitor.Tell(p.snapshot, p.row.Endpoint)
		for i := range st.Peers {
			st.Peers[i].Info = p.told[flowOf(&st.Peers[i].Connection.Socket)]
		}
	}
	p.story = st
	return describe(&st, p.row.Text, p.others(), now)
}

// others are the other endpoints of the holders.
func (p *Pane) others() []monitor.Key {
	return heldWith(p.snapshot, p.row.Endpoint, p.row.Endpoint.Holders)
}

// heldWith returns the endpoints, but for one, that any of the processes holds.
func heldWith(s *monitor.Snapshot, but *monitor.Endpoint, hs []monitor.Holder) []monitor.Key {
	var out []monitor.Key
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if e.Key != but.Key && monitor.SameHolder(e.Holders, hs) {
			out = append(out, e.Key)
		}
	}
	return out
}

func (p *Pane) browse() {
	if u := URL(p.row.Endpoint.Key, p.row.Endpoint.State, p.row.Category); u != nil {
		p.act.OpenURL(u)
	}
}

func (p *Pane) url() *string {
	if p.row.Endpoint == nil {
		return nil
	}
	u := URL(p.row.Endpoint.Key, p.row.Endpoint.State, p.row.Category)
	if u == nil {
		return nil
	}
	s := u.String()
	return &s
}

func (p *Pane) exe() string {
	if hs := Holders(&p.row); len(hs) > 0 {
		return hs[0].Exe
	}
	return ""
}

func (p *Pane) revealExe() {
	if exe := p.exe(); exe != "" {
		p.act.Reveal(exe)
	}
}

// Holders returns a row's processes.
func Holders(r *view.Row) []monitor.Holder {
	switch {
	case r.Endpoint != nil:
		return r.Endpoint.Holders
	case r.Connection != nil:
		return r.Connection.Holders
	}
	return nil
}

// FocusFirst puts the keyboard on the first thing to do.
func (p *Pane) FocusFirst() {
	for _, b := range []*parts.Button{p.open, p.reveal, p.kill} {
		if b.Visible() && !b.Disabled() {
			p.opt.Canvas().Focus(b)
			return
		}
	}
}
