//go:build (darwin && cgo) || fynetray

package tray

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/portlight-app/portlight/assets"
)

// mac shows a model through Fyne's tray, on Fyne's goroutine alone.
type mac struct {
	opt   Options
	app   desktop.App
	menu  *fyne.Menu
	items [numberOfLines]*fyne.MenuItem
	shown menu
	icon  assets.TrayState
	slots slots
	ended bool
}

func start(_ context.Context, opt Options) (Tray, error) {
	app, ok := fyne.CurrentApp().(desktop.App)
	if !ok || opt.Do == nil {
		return nil, ErrUnsupported
	}
	t := &mac{opt: opt, app: app}
	t.apply(opt.First, true)
	return t, nil
}

func (t *mac) Update(m Model) { t.opt.Do(func() { t.apply(m, false) }) }

// Stop leaves the icon to Fyne, which takes it away when it ends.
func (t *mac) Stop(context.Context) error {
	t.opt.Do(func() { t.ended = true })
	return nil
}

// apply builds Fyne's menu anew, which it can, if any line differs.
func (t *mac) apply(m Model, first bool) {
	t.slots.set(m.Ports, time.Now())
	next := menuOf(m)
	if len(changes(&t.shown, next)) > 0 || first {
		t.app.SetSystemTrayMenu(t.build(next))
	}
	if m.Icon != t.icon || first {
		t.icon = m.Icon
		// A themed resource becomes a template image.
		t.app.SetSystemTrayIcon(template{fyne.NewStaticResource("tray.png", assets.Tray(m.Icon).Template)})
	}
}

func (t *mac) build(next menu) *fyne.Menu {
	var items []*fyne.MenuItem
	for i, l := range next {
		if l.hidden {
			continue
		}
		item := fyne.NewMenuItem(l.title, func() {
			if e, ok := t.slots.event(i, time.Now()); ok && !t.ended && t.opt.OnEvent != nil {
				t.opt.OnEvent(e)
			}
		})
		item.Disabled, item.Checked = l.disabled, l.checked
		// Fyne adds a Quit of its own unless the last item is one.
		item.IsQuit = i == lineQuit
		switch at := portOf(i); {
		case at == i:
			item.ChildMenu = fyne.NewMenu("")
			items = append(items, item)
		case at >= 0:
			if next[at].hidden {
				continue
			}
			parent := items[len(items)-1].ChildMenu
			parent.Items = append(parent.Items, item)
		default:
			if i == lineWhy {
				items = append(items, fyne.NewMenuItemSeparator())
			}
			items = append(items, item)
		}
		if i == lineStatus {
			items = append(items, fyne.NewMenuItemSeparator())
		}
	}
	return fyne.NewMenu("Portlight", items...)
}

// template marks an icon as one that the system colours.
type template struct{ fyne.Resource }

func (template) ThemeColorName() fyne.ThemeColorName { return "foreground" }
