package ports

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// How long a row that came or went is tinted.
const (
	fadeAdded = 4 * time.Second
	fadeGone  = 3 * time.Second
)

// fade remembers what came and went a moment ago. UDP ports that the system
// handed out by itself come and go without notice: a browser alone uses up
// dozens a minute, and a table that is all tints says nothing.
type fade struct {
	ephemeral view.PortRange

	added map[monitor.Key]time.Time // until when
	gone  map[monitor.Key]ghost
}

// ghost is an endpoint that has closed and is still shown.
type ghost struct {
	endpoint *monitor.Endpoint
	until    time.Time
}

func newFade(ephemeral view.PortRange) *fade {
	return &fade{ephemeral: ephemeral, added: map[monitor.Key]time.Time{}, gone: map[monitor.Key]ghost{}}
}

// apply takes changes in, in their order.
func (f *fade) apply(changes []monitor.Change, now time.Time) {
	for _, c := range changes {
		if c.Key.Proto == sockets.UDP && f.ephemeral.Contains(c.Key.Addr.Port()) {
			continue
		}
		switch c.Kind {
		case monitor.Opened:
			delete(f.gone, c.Key)
			f.added[c.Key] = now.Add(fadeAdded)
		case monitor.Closed:
			delete(f.added, c.Key)
			f.gone[c.Key] = ghost{c.Before, now.Add(fadeGone)}
		}
	}
}

// prune forgets what is over and reports whether a row has to go.
func (f *fade) prune(now time.Time) (rows bool) {
	for k, until := range f.added {
		if !now.Before(until) {
			delete(f.added, k)
		}
	}
	for k, g := range f.gone {
		if !now.Before(g.until) {
			delete(f.gone, k)
			rows = true
		}
	}
	return rows
}

// merge returns the snapshot with what has gone a moment ago put back in.
func (f *fade) merge(s *monitor.Snapshot) *monitor.Snapshot {
	if s == nil || len(f.gone) == 0 {
		return s
	}
	m := *s
	m.Endpoints = slices.Grow(slices.Clone(s.Endpoints), len(f.gone))
	for k, g := range f.gone {
		if _, back := s.Endpoint(k); !back && g.endpoint != nil {
			m.Endpoints = append(m.Endpoints, *g.endpoint)
		}
	}
	slices.SortFunc(m.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	return &m
}

func (f *fade) isGone(k monitor.Key) bool { _, ok := f.gone[k]; return ok }

// tint is the background of an endpoint's row.
func (f *fade) tint(k monitor.Key) fyne.ThemeColorName {
	if f.isGone(k) {
		return theme.ColorRemoved
	}
	if _, ok := f.added[k]; ok {
		return theme.ColorAdded
	}
	return ""
}
