package ports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/portlight-app/portlight/ui/view"
)

// Keys of Fyne's preferences: how the window was left.
const (
	prefSort   = "ports.sort"   // a column's name, "-" before it for descending
	prefWidths = "ports.widths" // name=pixels, separated by commas
	prefPane   = "ports.pane"   // width
	prefAll    = "ports.all"    // connections too
)

func (p *Page) save() {
	prefs := p.opt.Prefs
	id, desc := p.table.Sort()
	if desc {
		id = "-" + id
	}
	prefs.SetString(prefSort, id)
	prefs.SetString(prefWidths, formatWidths(p.table.Widths()))
	prefs.SetFloat(prefPane, float64(p.side.width))
	prefs.SetBool(prefAll, p.all)
}

func (p *Page) load() {
	prefs := p.opt.Prefs
	if c, desc, err := view.ParseSort(prefs.String(prefSort)); err == nil {
		p.table.SetSort(c.String(), desc)
	}
	p.table.SetWidths(parseWidths(prefs.String(prefWidths)))
	if w := prefs.Float(prefPane); w > 0 {
		p.side.width = float32(w)
	}
	if prefs.Bool(prefAll) {
		p.mode.Choose(1)
		p.all = true
		p.table.SetHidden(view.ColRemote.String(), false)
	}
}

func formatWidths(w map[string]float32) string {
	out := make([]string, 0, len(w))
	for id, px := range w {
		out = append(out, fmt.Sprintf("%s=%.0f", id, px))
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

func parseWidths(s string) map[string]float32 {
	w := map[string]float32{}
	for part := range strings.SplitSeq(s, ",") {
		if id, px, ok := strings.Cut(part, "="); ok {
			if f, err := strconv.ParseFloat(px, 32); err == nil {
				w[id] = float32(f)
			}
		}
	}
	return w
}
