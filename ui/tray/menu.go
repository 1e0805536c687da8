package tray

import "time"

// The tray libraries can add items and never remove or move one, so the menu
// is a fixed sequence of lines of which some are hidden:
//
//	status
//	─────
//	port 1 ▸ browse, copy, free
//	…
//	port 12 ▸ browse, copy, free
//	more
//	─────
//	why, open, pause, quit
type line struct {
	title    string
	hidden   bool
	disabled bool
	checked  bool
}

// The indices of lines. A port's own line is followed by those of its submenu.
const (
	lineStatus    = 0
	linePorts     = 1
	linesPerPort  = 4
	portBrowse    = 1
	portCopy      = 2
	portFree      = 3
	lineMore      = linePorts + MaxPorts*linesPerPort
	lineWhy       = lineMore + 1
	lineOpen      = lineMore + 2
	linePause     = lineMore + 3
	lineQuit      = lineMore + 4
	numberOfLines = lineMore + 5
)

// menu is the state of every line.
type menu [numberOfLines]line

// menuOf lays a model out.
func menuOf(m Model) menu {
	var l menu
	l[lineStatus] = line{title: m.Status, disabled: true}
	for i := range MaxPorts {
		at := linePorts + i*linesPerPort
		if i >= len(m.Ports) {
			l[at].hidden = true
			continue
		}
		p := m.Ports[i]
		l[at].title = p.Title
		l[at+portBrowse].title = m.Labels.Browse
		l[at+portCopy].title = m.Labels.Copy
		l[at+portFree] = line{title: m.Labels.Free, disabled: !p.Free}
	}
	l[lineMore] = line{title: m.More, hidden: m.More == ""}
	l[lineWhy].title = m.Labels.Why
	l[lineOpen].title = m.Labels.Open
	l[linePause] = line{title: m.Labels.Pause, checked: m.Paused}
	l[lineQuit].title = m.Labels.Quit
	return l
}

// change is one line that has to be touched.
type change struct {
	index    int
	from, to line
}

// changes returns what has to be touched to lead from what is shown to next,
// in the order of the menu. Of a hidden line only that counts: it keeps its
// words, and so does a hidden port's submenu. shown is updated to what will be
// on the screen.
func changes(shown *menu, next menu) []change {
	var out []change
	for i := range next {
		if at := portOf(i); at >= 0 && next[at].hidden && i != at {
			continue
		}
		to := next[i]
		if to.hidden {
			to = shown[i]
			to.hidden = true
		}
		if to != shown[i] {
			out = append(out, change{i, shown[i], to})
			shown[i] = to
		}
	}
	return out
}

// portOf returns the index of the port's line that line i belongs to, -1 if it
// belongs to none.
func portOf(i int) int {
	if i < linePorts || i >= lineMore {
		return -1
	}
	return i - (i-linePorts)%linesPerPort
}

// slots are the ports on the screen, and since when each is where it is.
type slots struct {
	ports []Port
	since [MaxPorts]time.Time
}

// aim is how long a port has to stand in its place before a click is taken to
// mean it: the menu changes while it is open.
const aim = 500 * time.Millisecond

func (s *slots) set(ports []Port, now time.Time) {
	for i := range min(len(ports), MaxPorts) {
		if i >= len(s.ports) || s.ports[i].Key != ports[i].Key || s.ports[i].Holder != ports[i].Holder {
			s.since[i] = now
		}
	}
	s.ports = ports
}

// event says what a click on line i means, false if nothing.
func (s *slots) event(i int, now time.Time) (Event, bool) {
	switch i {
	case lineMore:
		return Event{Action: More}, true
	case lineWhy:
		return Event{Action: Why}, true
	case lineOpen:
		return Event{Action: Open}, true
	case linePause:
		return Event{Action: Pause}, true
	case lineQuit:
		return Event{Action: Quit}, true
	}
	at := portOf(i)
	slot := (at - linePorts) / linesPerPort
	if at < 0 || slot >= len(s.ports) || now.Sub(s.since[slot]) < aim {
		return Event{}, false
	}
	e := Event{Key: s.ports[slot].Key, Holder: s.ports[slot].Holder}
	switch i - at {
	case portBrowse:
		e.Action = Browse
	case portCopy:
		e.Action = Copy
	case portFree:
		e.Action = Free
	default:
		return Event{}, false
	}
	return e, true
}
