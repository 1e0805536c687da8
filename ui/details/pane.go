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
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/view"
)

// Options are what a pane needs besides Actions.
type Options struct {
	Now func() time.Time
	// Desk frees ports.
	Desk *freeing.Desk
	// Why goes to the page that says why a port can't be had.
	Why func(monitor.Key)
	// Shadow is what other programs have on an endpoint's port, nil if none.
	Shadow func(monitor.Key) *monitor.Shadow
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
	routes   []doctor.Route         // where localhost leads, of the same

	doc     document
	shape   shape
	icon    *parts.Drawing
	title   *widget.Label
	project *widget.Label
	address *widget.Label
	notice  *parts.Notice
	open    *parts.Button
	reveal  *parts.Button
	free    *parts.Button
	why     *parts.Button
	line    *freeing.Line
	facts   *facts
	root    fyne.CanvasObject
}

// flow names a connection from one reading to the next.
type flow struct{ local, remote string }

func flowOf(s *sockets.Socket) flow { return flow{s.Local.String(), s.Remote.String()} }

// New returns an empty pane.
func New(act Actions, opt Options) *Pane {
	p := &Pane{act: act, opt: opt}
	p.icon = parts.NewDrawing("app", theme.ColorNameForeground, 18)
	p.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	p.title.SizeName, p.title.Truncation = theme.SizeNameSubHeadingText, fyne.TextTruncateEllipsis
	p.project = parts.Muted("")
	p.project.Truncation = fyne.TextTruncateEllipsis
	p.address = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	p.address.Truncation = fyne.TextTruncateEllipsis
	p.notice = parts.NewNotice(false)
	keys := func(k fyne.KeyName) {
		switch k {
		case fyne.KeyEscape:
			opt.Close()
		case fyne.KeyDelete:
			p.Free(false)
		}
	}
	p.open = parts.NewButton(lang.X("window.details.open", "Open in browser"), "open", p.browse)
	p.reveal = parts.NewButton(lang.X("window.details.reveal", "Reveal"), "folder", p.revealExe)
	p.free = parts.NewButton(lang.X("window.free.this", "Free this port"), "stop", func() { p.Free(false) })
	p.why = parts.NewButton(lang.X("window.details.why", "Why?"), "why", func() { opt.Why(p.row.Endpoint.Key) })
	p.open.Key, p.reveal.Key, p.free.Key, p.why.Key = keys, keys, keys, keys
	p.line = freeing.NewLine(opt.Desk)
	p.line.Key = keys
	p.facts = newFacts(opt.Copy)

	cross := parts.NewQuiet("", "close", opt.Close)
	cross.Key = keys
	head := container.New(layout.NewCustomPaddedLayout(4, 0, 12, 4), container.NewBorder(nil, nil, p.icon, cross, p.title))
	under := inset(container.New(parts.Column{Gap: -8}, p.address, p.project))
	buttons := container.New(&parts.Flow{Gap: 6}, p.open, p.reveal, p.free, p.why)
	top := container.New(parts.Column{}, head, under, pad(buttons, 14), pad(p.line, 4), p.notice, widget.NewSeparator())
	scroll := container.NewVScroll(pad(p.facts, 12))
	p.facts.grown = scroll.Refresh
	p.line.Resized = p.relayout
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
		p.told, p.routes = nil, nil
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
func (p *Pane) Clear() { p.shown, p.told, p.routes = false, nil, nil }

// ApplyStory adds what only the kernel knows: of the connections, and where
// localhost leads.
func (p *Pane) ApplyStory(st monitor.Story, routes []doctor.Route) {
	if !p.shown || p.row.Endpoint == nil || st.Endpoint.Key != p.row.Endpoint.Key {
		return // the user has gone on
	}
	p.told, p.routes = map[flow]*sockets.Info{}, routes
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
	p.why.SetDrawing("why", theme.ColorNameForeground)
	p.line.Retheme()
	p.drawFree()
}

// tell brings everything up to date, drawing only what differs.
func (p *Pane) tell() {
	doc := p.describe()
	p.drawFree()
	gone := ""
	if p.gone && !(p.row.Endpoint != nil && p.opt.Desk.Proves(p.row.Endpoint.Key)) { // which says that it is free
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

// Note returns what is said about the row, "" if nothing is.
func (p *Pane) Note() string { return p.notice.Text() }

// shape is what the places of the pane's parts depend on.
type shape struct{ open, reveal, free, project, notice, line bool }

// reshape lays the pane out anew if another part of it is to be seen.
func (p *Pane) reshape() {
	now := shape{p.open.Hidden, p.reveal.Hidden, p.free.Hidden, p.project.Hidden, p.notice.Hidden, p.line.Hidden}
	if now != p.shape {
		p.shape = now
		p.relayout()
	}
}

func (p *Pane) relayout() {
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
	d := describe(&st, p.row.Text, p.others(), now)
	if shadow := p.opt.Shadow(st.Endpoint.Key); shadow != nil && !p.gone {
		d.sections = append([]section{shadowSection(shadow, p.routes)}, d.sections...)
	}
	return d
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
	for _, b := range []*parts.Button{p.open, p.reveal, p.free, p.why} {
		if b.Visible() && !b.Disabled() {
			p.opt.Canvas().Focus(b)
			return
		}
	}
}
