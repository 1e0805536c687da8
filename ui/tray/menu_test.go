package tray

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/portlight-app/portlight/monitor/process"
)

func ports(names ...string) []Port {
	var out []Port
	for i, n := range names {
		out = append(out, Port{Key: key(fmt.Sprintf("127.0.0.1:%d", 3000+i)), Title: n, Free: true})
	}
	return out
}

func TestChangesTouchOnlyWhatDiffers(t *testing.T) {
	base := Model{Status: "2 listening", Ports: ports("a", "b"),
		Labels: Labels{Open: "Open", Pause: "Pause", Quit: "Quit", Browse: "Browse", Copy: "Copy", Free: "Free"}}
	with := func(f func(*Model)) Model {
		m := base
		f(&m)
		return m
	}
	second := linePorts + linesPerPort
	third := second + linesPerPort
	for name, tt := range map[string]struct {
		next Model
		want []int
	}{
		"nothing":                     {base, nil},
		"the status":                  {with(func(m *Model) { m.Status = "other" }), []int{lineStatus}},
		"one port's words":            {with(func(m *Model) { m.Ports = ports("a", "B") }), []int{second}},
		"a port less hides its line":  {with(func(m *Model) { m.Ports = ports("a") }), []int{second}},
		"a port more brings its menu": {with(func(m *Model) { m.Ports = ports("a", "b", "c") }), []int{third, third + 1, third + 2, third + 3}},
		"not to be freed":             {with(func(m *Model) { m.Ports = ports("a", "b"); m.Ports[1].Free = false }), []int{second + portFree}},
		"more":                        {with(func(m *Model) { m.More = "and 1 more…" }), []int{lineMore}},
		"pause":                       {with(func(m *Model) { m.Paused = true }), []int{linePause}},
		"icon and tooltip only":       {with(func(m *Model) { m.Icon, m.Tooltip = 3, "x" }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var shown menu
			changes(&shown, menuOf(base))
			var got []int
			for _, c := range changes(&shown, menuOf(tt.next)) {
				got = append(got, c.index)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("touched %v, want %v", got, tt.want)
			}
			if again := changes(&shown, menuOf(tt.next)); len(again) != 0 {
				t.Errorf("touched %v again", again)
			}
		})
	}
}

// Whatever came before, the visible part of the menu is the model's.
func TestChangesLeadToTheModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var shown, screen menu
	for range 2000 {
		m := Model{Status: fmt.Sprint(rnd.IntN(3)), Paused: rnd.IntN(2) == 0, Labels: Labels{Open: "o", Free: fmt.Sprint(rnd.IntN(2))}}
		for i := range rnd.IntN(MaxPorts + 1) {
			m.Ports = append(m.Ports, Port{Title: fmt.Sprint(rnd.IntN(4)), Key: key(fmt.Sprintf("127.0.0.1:%d", i+1)), Free: rnd.IntN(2) == 0})
		}
		want := menuOf(m)
		for _, c := range changes(&shown, want) {
			if c.from != screen[c.index] {
				t.Fatalf("line %d changes from %+v, but shows %+v", c.index, c.from, screen[c.index])
			}
			screen[c.index] = c.to
		}
		for i := range want {
			if at := portOf(i); at >= 0 && want[at].hidden && at != i {
				continue
			}
			if want[i].hidden != screen[i].hidden || !want[i].hidden && want[i] != screen[i] {
				t.Fatalf("line %d shows %+v, want %+v", i, screen[i], want[i])
			}
		}
	}
}

func TestClickMeansWhatStoodThere(t *testing.T) {
	now := time.Unix(1e9, 0)
	var s slots
	s.set(ports("a", "b"), now)
	later := now.Add(time.Second)
	second := linePorts + linesPerPort
	for i, want := range map[int]Event{
		lineOpen:             {Action: Open},
		lineQuit:             {Action: Quit},
		linePause:            {Action: Pause},
		lineMore:             {Action: More},
		linePorts + portCopy: {Action: Copy, Key: key("127.0.0.1:3000")},
		second + portBrowse:  {Action: Browse, Key: key("127.0.0.1:3001")},
		second + portFree:    {Action: Free, Key: key("127.0.0.1:3001")},
	} {
		if got, ok := s.event(i, later); !ok || got != want {
			t.Errorf("line %d: %+v, %v; want %+v", i, got, ok, want)
		}
	}
	for _, i := range []int{lineStatus, linePorts, second + linesPerPort + portFree} {
		if got, ok := s.event(i, later); ok {
			t.Errorf("line %d: %+v, want nothing", i, got)
		}
	}
	// The first port goes, the second moves up under the pointer.
	s.set([]Port{s.ports[1]}, later)
	if got, ok := s.event(linePorts+portFree, later.Add(aim-1)); ok {
		t.Errorf("a click right after the move: %+v, want nothing", got)
	}
	if got, ok := s.event(linePorts+portFree, later.Add(aim)); !ok || got.Key != (key("127.0.0.1:3001")) {
		t.Errorf("a click on what stands there: %+v, %v", got, ok)
	}
	// Another process takes the port.
	other := s.ports[0]
	other.Holder = process.Identity{PID: 7, Start: 1}
	s.set([]Port{other}, later.Add(aim))
	if got, ok := s.event(linePorts+portFree, later.Add(2*aim-1)); ok {
		t.Errorf("a click right after that: %+v, want nothing", got)
	}
	if got, ok := s.event(linePorts+portFree, later.Add(2*aim)); !ok || got.Holder != other.Holder {
		t.Errorf("a click on that process: %+v, %v", got, ok)
	}
}
