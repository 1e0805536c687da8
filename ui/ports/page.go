package ports

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/details"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/table"
	"github.com/portlight-app/portlight/ui/view"
)

// Options are what the page needs besides Actions.
type Options struct {
	Window    fyne.Window
	Prefs     fyne.Preferences
	Clipboard fyne.Clipboard
	Now       func() time.Time
	JSON      func(*monitor.Snapshot) ([]byte, error)
	Desk      *freeing.Desk
	Ephemeral view.PortRange
	Self      process.Identity
	Settings  settings.Settings
	// Edit changes the settings, everywhere.
	Edit func(func(*settings.Settings))
	// Why goes to the page that says why a port can't be had.
	Why func(port uint16, proto sockets.Proto)
	// Shortcut is called with shortcuts of the window's that reached a
	// widget instead.
	Shortcut func(fyne.Shortcut)
}

// Page shows the endpoints, and the connections if wanted.
type Page struct {
	act Actions
	opt Options

	snapshot *monitor.Snapshot // as the engine gave it
	shown    *monitor.Snapshot // with what has gone a moment ago
	shadows  map[monitor.Key]*monitor.Shadow
	orphans  []monitor.OrphanGroup
	baseline time.Time
	now      time.Time
	failure  string // why there is nothing to show
	fade     *fade
	builder  *view.Builder
	query    view.Query
	matched  view.Query // the last one that let rows pass
	wrong    bool       // what the search box says is no filter
	ignore   []view.Query
	settings settings.Settings
	states   map[sockets.State]table.Cell
	reveal   bool // what is hidden is shown for the time being
	all      bool
	visible  bool // somebody may be looking
	wanted   bool // what WantConnections was last told

	search  *parts.Search
	mode    *parts.Segment
	system  *widget.Check
	hidden  *parts.Link
	left    *parts.Link // servers left behind
	toggle  *parts.Button
	export  *parts.Button
	mistake *parts.Notice
	table   *table.Table[view.Row, view.ID]
	state   *parts.State
	pane    *details.Pane
	side    *sidebar
	bar     *fyne.Container
	root    fyne.CanvasObject
}

// New builds the page.
func New(act Actions, opt Options) *Page {
	p := &Page{act: act, opt: opt, now: opt.Now(), fade: newFade(opt.Ephemeral), builder: view.NewBuilder(), settings: opt.Settings, states: stateCells()}
	p.search = parts.NewSearch(lang.X("window.search.hint", "Filter: 3000, node, proto:udp, -chrome"), lang.X("window.search.short", "Filter"), p.typed)
	p.search.Leave, p.search.Shortcut = func() { p.table.Focus() }, opt.Shortcut
	p.search.Escape = func() { p.table.Focus() }
	p.mode = parts.NewSegment([]string{lang.X("window.mode.listening", "Listening"), lang.X("window.mode.all", "All")},
		func(i int) { p.setAll(i == 1) })
	p.system = widget.NewCheck(lang.X("window.hide_system", "Hide system"), func(on bool) {
		if on != p.settings.HideSystem {
			opt.Edit(func(s *settings.Settings) { s.HideSystem = on })
		}
	})
	p.system.Checked = opt.Settings.HideSystem
	p.hidden = parts.NewLink("eye", mutedColor, false, p.toggleHidden)
	p.left = parts.NewLink("orphan", ftheme.ColorNameWarning, false, func() { opt.Desk.ShowOrphans(p.orphans) })
	p.export = parts.NewQuiet("", "export", p.askExport)
	p.toggle = parts.NewQuiet("", "panel", p.togglePane)
	p.mistake = parts.NewNotice(false)
	p.state = parts.NewState()
	p.table = table.New(table.Config[view.Row, view.ID]{
		Columns:  p.columns(),
		Key:      func(r *view.Row) view.ID { return r.ID },
		Tint:     p.tint,
		Selected: func(r *view.Row) { p.selected(r) },
		Tapped:   func(*view.Row) { p.openPane() },
		Activated: func(*view.Row) {
			p.openPane()
			p.pane.FocusFirst()
		},
		Menu:     p.menu,
		Sort:     func(string, bool) { p.rebuild(true); p.save() },
		Copy:     func(r *view.Row) { p.copyRow(r) },
		Delete:   func(_ *view.Row, ask bool) { p.Free(ask) },
		Escape:   p.escape,
		Rune:     p.rune,
		Shortcut: opt.Shortcut,
		More:     p.askColumns,
		Resized:  p.save,
	})
	p.table.SetSort(view.ColPort.String(), false)
	p.pane = details.New(act, details.Options{Now: opt.Now, Desk: opt.Desk, Copy: p.copy,
		Close: p.closePane, Canvas: opt.Window.Canvas,
		Why:    func(k monitor.Key) { opt.Why(k.Addr.Port(), k.Proto) },
		Shadow: func(k monitor.Key) *monitor.Shadow { return p.shadows[k] }})

	p.bar = container.New(toolbar{}, p.search, p.mode, p.system, p.hidden, p.left, p.export, p.toggle)
	list := container.NewStack(p.table, p.state)
	p.side = newSidebar(container.NewBorder(p.bar, nil, nil, nil,
		container.New(under{}, p.mistake, list)), p.pane, p.save)
	p.root = p.side
	p.load()
	p.filterSettings()
	p.showState()
	return p
}

// Object is what to show.
func (p *Page) Object() fyne.CanvasObject { return p.root }

// Apply shows a new snapshot.
func (p *Page) Apply(u monitor.Update) {
	p.now = p.opt.Now()
	if u.Snapshot != nil {
		if p.snapshot == nil || u.Baseline {
			p.baseline = u.Snapshot.Taken
		}
		p.snapshot = u.Snapshot
		p.failure = ""
		p.shadows = shadowed(u.Snapshot)
		for _, c := range u.Changes {
			if (c.Kind == monitor.Opened || c.Kind == monitor.HolderChanged) && !c.After.HeldBy(p.opt.Self) {
				p.opt.Desk.Taken(c.Key, c.At)
			}
		}
	}
	p.fade.apply(u.Changes, p.now)
	p.fade.prune(p.now)
	p.shown = p.fade.merge(p.snapshot)
	p.rebuild(false)
	p.updatePane()
}

// Tick lets time pass.
func (p *Page) Tick() {
	p.now = p.opt.Now()
	if p.fade.prune(p.now) {
		p.shown = p.fade.merge(p.snapshot)
		p.rebuild(false)
	} else {
		p.table.Update()
	}
	if p.side.open {
		p.pane.Tick()
	}
}

// Fail says why there is nothing to show, until the next snapshot.
func (p *Page) Fail(text string) {
	p.failure = text
	p.showState()
}

// SetVisible says whether somebody may be looking.
func (p *Page) SetVisible(v bool) {
	p.visible = v
	p.want()
}

// SetSettings takes settings over.
func (p *Page) SetSettings(s settings.Settings) {
	p.settings = s
	p.system.SetChecked(s.HideSystem)
	p.filterSettings()
	p.rebuild(true)
}

func (p *Page) filterSettings() {
	p.ignore = p.ignore[:0]
	for _, line := range p.settings.Ignore {
		if q, err := view.Parse(line); err == nil && !q.Empty() {
			p.ignore = append(p.ignore, q)
		}
	}
}

// Retheme draws icons in the colours in force.
func (p *Page) Retheme() {
	p.search.Retheme()
	p.export.SetDrawing("export", ftheme.ColorNameForeground)
	p.toggle.SetDrawing("panel", ftheme.ColorNameForeground)
	p.pane.Retheme()
}

// rebuild makes the rows anew. Reorder says that the user asked for other rows
// or another order.
func (p *Page) rebuild(reorder bool) {
	id, desc := p.table.Sort()
	col, _, err := view.ParseSort(id)
	if err != nil {
		col = view.ColPort
	}
	opt := view.Options{Sort: col, Desc: desc, All: p.all, Ephemeral: p.opt.Ephemeral, Self: p.opt.Self, Baseline: p.baseline}
	if !p.reveal {
		opt.HideSystem, opt.Ignore = p.settings.HideSystem, p.ignore
	}
	res := p.builder.Build(p.shown, p.query, opt)
	n := res.Hidden.Ignored + res.Hidden.System
	if reorder {
		p.table.Reorder(res.Rows)
	} else {
		p.table.SetRows(res.Rows)
	}
	p.showHidden(n)
	p.showState()
}

func (p *Page) tint(r *view.Row) fyne.ThemeColorName {
	if r.Endpoint == nil {
		return ""
	}
	return p.fade.tint(r.Endpoint.Key)
}

// typed takes another filter over. What is wrong with it is said in a line
// under the box; until it is mended the rows stay, those of the last filter
// that let any pass: what was typed on the way to the mistake may have matched
// nothing.
func (p *Page) typed(text string) {
	q, err := view.Parse(text)
	p.wrong = err != nil
	if err != nil {
		if len(p.table.Rows()) == 0 {
			p.query = p.matched
			p.rebuild(true)
		}
		say := err.Error()
		if pe, ok := err.(*view.ParseError); ok && pe.Unfinished() {
			say = ""
		}
		p.mistake.Say(say)
		p.root.Refresh()
		return
	}
	if p.mistake.Visible() {
		p.mistake.Say("")
		p.root.Refresh()
	}
	p.query = q
	p.rebuild(true)
	if len(p.table.Rows()) > 0 {
		p.matched = q
	}
}

func (p *Page) setAll(all bool) {
	p.all = all
	p.table.SetHidden(view.ColRemote.String(), !all)
	p.want()
	p.rebuild(true)
	p.save()
}

// want tells the engine whether anybody looks at connections.
func (p *Page) want() {
	if w := p.visible && (p.all || p.side.open); w != p.wanted {
		p.wanted = w
		p.act.WantConnections(w)
	}
}
