package process

import (
	"os"
	"slices"
	"testing"
)

func TestDescendants(t *testing.T) {
	id := func(pid int32, start uint64) Identity { return Identity{PID: pid, Start: start} }
	rel := func(pid int32, start uint64, parent int32) Relation { return Relation{id(pid, start), parent} }
	for name, c := range map[string]struct {
		all   []Relation
		roots []Identity
		want  []Identity
	}{
		"children and their children, parents first": {
			[]Relation{rel(30, 3, 20), rel(20, 2, 10), rel(10, 1, 1), rel(21, 2, 10)},
			[]Identity{id(10, 1)}, []Identity{id(20, 2), id(21, 2), id(30, 3)},
		},
		"a child as old as its parent to the tick": {
			[]Relation{rel(10, 5, 1), rel(11, 5, 10)},
			[]Identity{id(10, 5)}, []Identity{id(11, 5)},
		},
		"an older process whose parent's PID was given on": {
			[]Relation{rel(10, 9, 1), rel(11, 5, 10)},
			[]Identity{id(10, 9)}, nil,
		},
		"one whose start can't be read": {
			[]Relation{rel(10, 9, 1), rel(11, 0, 10)},
			[]Identity{id(10, 9)}, nil,
		},
		"two roots, one below the other, are not found twice": {
			[]Relation{rel(10, 1, 1), rel(20, 2, 10), rel(30, 3, 20)},
			[]Identity{id(10, 1), id(20, 2)}, []Identity{id(30, 3)},
		},
		"nobody is nobody's parent": {
			[]Relation{rel(1, 1, 0), rel(10, 5, 1)},
			[]Identity{{}}, nil,
		},
		"a circle of PIDs that were given on": {
			[]Relation{rel(10, 5, 20), rel(20, 5, 10)},
			[]Identity{id(10, 5)}, []Identity{id(20, 5)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Descendants(c.all, c.roots...); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestHeirs_AreChildrenOfTheDeadBornAfterTheSocket(t *testing.T) {
	all := []Relation{
		{Identity{PID: 20, Start: 5}, 10},  // older than the socket
		{Identity{PID: 21, Start: 7}, 10},  // the heir
		{Identity{PID: 22, Start: 12}, 10}, // a child of who has the PID now
		{Identity{PID: 23, Start: 8}, 11},
	}
	got := Heirs(all, 10, 6, &Identity{PID: 10, Start: 11})
	if want := []Identity{{PID: 21, Start: 7}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Heirs(all, 10, 6, nil); len(got) != 2 {
		t.Errorf("while nobody has the PID: got %v", got)
	}
}

func TestCensus_KnowsUsAndOurChild(t *testing.T) {
	_, child := startSleeper(t)
	all, err := Census()
	if err != nil {
		t.Fatal(err)
	}
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	below := Descendants(all, self)
	if !slices.Contains(below, child) {
		t.Errorf("%v is not among our descendants %v", child, below)
	}
	if slices.Contains(below, self) {
		t.Errorf("we (%d) are our own descendant", os.Getpid())
	}
}

func TestHandle_KnowsTheEndOfAProcessThatNobodyWaitedFor(t *testing.T) {
	cmd, id := startSleeper(t)
	h, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if h.Ended() || h.Allowed() != nil {
		t.Fatalf("before: ended %v, allowed %v", h.Ended(), h.Allowed())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context()); err != nil { // and not cmd.Wait: it stays a zombie
		t.Fatal(err)
	}
	if !h.Ended() || h.Allowed() == nil {
		t.Errorf("after: ended %v, allowed %v", h.Ended(), h.Allowed())
	}
}
