package ports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/details"
	"github.com/portlight-app/portlight/ui/settings"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

const mutedColor = theme.ColorMuted

// menu shows everything that can be done with a row.
func (p *Page) menu(r *view.Row, column string, at fyne.Position) {
	row := *r
	item := fyne.NewMenuItem
	var items []*fyne.MenuItem
	if e := row.Endpoint; e != nil {
		if u := details.URL(e.Key, e.State, row.Category); u != nil {
			items = append(items, item(lang.X("window.menu.open", "Open in browser"), func() { p.act.OpenURL(u) }))
		}
	}
	hs := details.Holders(&row)
	if len(hs) > 0 && hs[0].Exe != "" {
		items = append(items, item(lang.X("window.menu.reveal", "Reveal program"), func() { p.act.Reveal(hs[0].Exe) }))
	}
	if e := row.Endpoint; e != nil {
		free := item(lang.X("window.free.this", "Free this port"), func() { p.Free(false) })
		plan := item(lang.X("window.menu.free_how", "Free this port, after a look at the plan…"), func() { p.Free(true) })
		free.Disabled, plan.Disabled = p.fade.isGone(e.Key), p.fade.isGone(e.Key)
		items = append(items, free, plan,
			item(lang.X("window.menu.why", "Why can't I use this port?"), func() { p.opt.Why(e.Addr.Port(), e.Proto) }))
	}
	if c := row.Connection; c != nil && c.Proto == sockets.TCP && c.State != sockets.TimeWait {
		items = append(items, item(lang.X("window.menu.disconnect", "Close connection…"), func() { p.askDisconnect(c) }))
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	if title, text := p.table.Cell(&row, column); text != "" {
		items = append(items, item(lang.X("window.menu.copy_cell", "Copy {{.Column}}", map[string]any{"Column": title}), func() { p.copy(text) }))
	}
	items = append(items,
		item(lang.X("window.menu.copy_row", "Copy row"), func() { p.copyRow(&row) }),
		item(lang.X("window.menu.copy_json", "Copy as JSON"), func() { p.copyJSON(&row) }),
		p.copyMenu(&row), fyne.NewMenuItemSeparator())
	items = append(items, p.ignoreItems(&row)...)
	items = append(items, p.sortMenu())
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.opt.Window.Canvas())
	menu.ShowAtPosition(at)
	p.opt.Window.Canvas().Focus(menu)
}

// copyMenu copies single facts, for those who work without a pointer.
func (p *Page) copyMenu(r *view.Row) *fyne.MenuItem {
	sub := fyne.NewMenu("")
	add := func(label, text string) {
		if text != "" {
			sub.Items = append(sub.Items, fyne.NewMenuItem(label, func() { p.copy(text) }))
		}
	}
	add(lang.X("window.details.address", "Address"), r.Local)
	if r.Endpoint != nil {
		if u := details.URL(r.Endpoint.Key, r.Endpoint.State, r.Category); u != nil {
			add(lang.X("window.menu.url", "URL"), u.String())
		}
	}
	add(lang.X("window.details.remote", "Remote"), r.Remote)
	if hs := details.Holders(r); len(hs) > 0 {
		add(lang.X("window.details.pid", "PID"), strconv.Itoa(int(hs[0].PID)))
		add(lang.X("window.details.command", "Command"), hs[0].CommandLine())
		add(lang.X("window.details.exe", "Program"), hs[0].Exe)
		add(lang.X("window.details.cwd", "Directory"), hs[0].Cwd)
	}
	i := fyne.NewMenuItem(lang.X("window.menu.copy", "Copy"), nil)
	i.ChildMenu = sub
	return i
}

// ignoreItems offer to leave the row's like out from now on.
func (p *Page) ignoreItems(r *view.Row) []*fyne.MenuItem {
	if r.Endpoint == nil {
		return nil
	}
	ignore := func(filter string) func() {
		return func() {
			p.reveal = false
			p.opt.Edit(func(s *settings.Settings) {
				if !slices.Contains(s.Ignore, filter) {
					s.Ignore = append(slices.Clone(s.Ignore), filter)
				}
			})
		}
	}
	d := map[string]any{"Port": r.Port, "Proto": r.Proto}
	items := []*fyne.MenuItem{fyne.NewMenuItem(lang.X("window.menu.ignore_port", "Ignore {{.Proto}} port {{.Port}}", d), ignore("port:"+r.Port+" proto:"+r.Proto))}
	// A filter is one line of the list, which a name may not be.
	if hs := details.Holders(r); len(hs) > 0 && hs[0].Name != "" && !strings.ContainsFunc(hs[0].Name, unicode.IsControl) {
		items = append(items, fyne.NewMenuItem(lang.X("window.menu.ignore_program", "Ignore this program"), ignore(view.ProcessFilter(hs[0].Name))))
	}
	return items
}

// askColumns names the columns that there is no room for: one sorts by it, as
// its header would.
func (p *Page) askColumns(ids, titles []string, at fyne.Position) {
	about := fyne.NewMenuItem(lang.X("window.menu.no_room", "No room for"), nil)
	about.Disabled = true
	items := []*fyne.MenuItem{about}
	for i, id := range ids {
		items = append(items, fyne.NewMenuItem(titles[i], func() { p.table.SortBy(id) }))
	}
	if p.side.open {
		items = append(items, fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(lang.X("window.menu.close_details", "Close the details"), p.closePane))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.opt.Window.Canvas())
	menu.ShowAtPosition(fyne.NewPos(min(at.X, p.opt.Window.Canvas().Size().Width-menu.MinSize().Width), at.Y))
	p.opt.Window.Canvas().Focus(menu)
}

// sortMenu is the header, for those who work without a pointer.
func (p *Page) sortMenu() *fyne.MenuItem {
	sub := fyne.NewMenu("")
	ids, titles := p.table.Columns()
	now, _ := p.table.Sort()
	for i, id := range ids {
		m := fyne.NewMenuItem(titles[i], func() { p.table.SortBy(id) })
		m.Checked = id == now
		sub.Items = append(sub.Items, m)
	}
	i := fyne.NewMenuItem(lang.X("window.menu.sort", "Sort by"), nil)
	i.ChildMenu = sub
	return i
}

func (p *Page) copyRow(r *view.Row) { p.copy(strings.Join(p.table.Cells(r), "\t")) }

func (p *Page) copyJSON(r *view.Row) {
	b, err := p.opt.JSON(p.subset([]view.Row{*r}))
	if err != nil {
		p.mistake.Say(fmt.Sprint(err))
		return
	}
	p.copy(string(b))
}

// subset is a snapshot of only these rows, in key order.
func (p *Page) subset(rows []view.Row) *monitor.Snapshot {
	s := *p.snapshot
	s.Endpoints, s.Connections, s.Warnings = nil, nil, nil
	for _, r := range rows {
		switch {
		case r.Endpoint != nil:
			s.Endpoints = append(s.Endpoints, *r.Endpoint)
		case r.Connection != nil:
			s.Connections = append(s.Connections, *r.Connection)
		}
	}
	s.WithConnections = len(s.Connections) > 0
	slices.SortFunc(s.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(s.Connections, func(a, b monitor.Connection) int { return sockets.Compare(&a.Socket, &b.Socket) })
	return &s
}

// askExport asks for a file and orders the rows shown to be written to it.
func (p *Page) askExport() {
	if p.snapshot == nil {
		return
	}
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if w == nil || err != nil {
			return // thought better of it, or Fyne has told why
		}
		f := JSON
		if strings.EqualFold(w.URI().Extension(), ".csv") {
			f = CSV
		}
		p.act.Export(Export{To: w, Name: w.URI().Name(), Format: f, Rows: p.subset(p.table.Rows())})
	}, p.opt.Window)
	d.SetFileName("ports-" + p.now.Format("2006-01-02") + ".json")
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json", ".csv"}))
	d.Show()
}
