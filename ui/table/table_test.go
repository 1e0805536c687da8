package table

import (
	"fmt"
	"image"
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	pt "github.com/portlight-app/portlight/ui/theme"
)

type item struct {
	id   int
	name string
	tint fyne.ThemeColorName
}

// items makes rows named by the numbers.
func items(ids ...int) []item {
	out := make([]item, len(ids))
	for i, id := range ids {
		out[i] = item{id: id, name: "item " + strconv.Itoa(id)}
	}
	return out
}

func upTo(from, to int) []item {
	var ids []int
	for i := from; i < to; i++ {
		ids = append(ids, i)
	}
	return items(ids...)
}

func config() Config[item, int] {
	return Config[item, int]{
		Key:  func(r *item) int { return r.id },
		Tint: func(r *item) fyne.ThemeColorName { return r.tint },
		Columns: []Column[item]{
			{ID: "id", Title: "Number", Width: 80, Min: 60, Trailing: true, Mono: true,
				Cell: func(r *item) Cell { return Cell{Text: strconv.Itoa(r.id)} }},
			{ID: "name", Title: "Name", Width: 120, Min: 80, Grow: 1,
				Cell: func(r *item) Cell { return Cell{Text: r.name, Icon: "web"} }},
			{ID: "kind", Title: "Kind", Width: 90, Min: 70, Drop: 1, Unsortable: true,
				Cell: func(r *item) Cell {
					return Cell{Text: "all", Color: pt.ColorAll, Badge: pt.ColorAllBG}
				}},
		},
	}
}

// show puts a table with ten lines' room into a window.
func show(t testing.TB, cfg Config[item, int]) (*Table[item, int], fyne.Window) {
	test.NewTempApp(t).Settings().SetTheme(pt.New(pt.Light))
	tab := New(cfg)
	w := test.NewTempWindow(t, tab)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(400, headerHeight+10*RowHeight))
	return tab, w
}

// visible returns the names of the rows in view, top to bottom.
func (t *Table[T, K]) visible() (at []int) {
	first, last := t.body.span()
	for i := first; i < last; i++ {
		l := t.body.lines[i%len(t.body.lines)]
		if l.hidden || l.at != i {
			panic(fmt.Sprintf("row %d is in view but its line shows %d (hidden: %v)", i, l.at, l.hidden))
		}
		at = append(at, i)
	}
	return at
}

func press(t *Table[item, int], keys ...fyne.KeyName) {
	for _, k := range keys {
		t.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

func TestSelectionFollowsItsRowWhenRowsAreInsertedAbove(t *testing.T) {
	var told []int
	cfg := config()
	cfg.Selected = func(r *item) { told = append(told, r.id) }
	tab, _ := show(t, cfg)
	tab.SetRows(items(10, 20, 30))
	tab.Select(20)
	tab.SetRows(items(1, 2, 3, 10, 20, 30))
	if row := tab.Current(); row == nil || row.id != 20 || tab.index != 4 {
		t.Errorf("selected %v at %d, want 20 at 4", row, tab.index)
	}
	if len(told) != 1 {
		t.Errorf("told of selections %v, want only the user's", told)
	}
	if got := tab.body.lines[4].fill; got != tab.body.look.idle {
		t.Errorf("row 4 lies on %v, want the selection's colour", got)
	}
}

func TestASelectionWhoseRowIsGoneIsRememberedUntilItComesBack(t *testing.T) {
	tab, _ := show(t, config())
	tab.SetRows(items(10, 20, 30))
	tab.Select(20)
	tab.SetRows(items(10, 30))
	if tab.Current() != nil {
		t.Errorf("selected %v though it is gone", tab.Current())
	}
	if k, ok := tab.Selection(); !ok || k != 20 {
		t.Errorf("selection %v %v, want 20", k, ok)
	}
	tab.SetRows(items(10, 20, 30))
	if row := tab.Current(); row == nil || row.id != 20 {
		t.Errorf("selected %v, want 20 again", row)
	}
}

func TestTheViewStaysOnItsRowsWhenRowsComeAndGoAboveIt(t *testing.T) {
	tab, _ := show(t, config())
	tab.SetRows(upTo(100, 200))
	tab.scrollTo(20*RowHeight + 7)
	tab.SetRows(upTo(90, 200)) // ten more above
	if want := float32(30*RowHeight + 7); tab.scroll.Offset.Y != want {
		t.Errorf("offset %v, want %v", tab.scroll.Offset.Y, want)
	}
	tab.SetRows(upTo(121, 200)) // the first row in view is gone too
	if tab.scroll.Offset.Y != 0 {
		t.Errorf("offset %v, want the top", tab.scroll.Offset.Y)
	}
	tab.visible()
}

func TestATableAtItsTopShowsRowsThatAreInsertedThere(t *testing.T) {
	tab, _ := show(t, config())
	tab.SetRows(upTo(100, 200))
	tab.SetRows(upTo(95, 200))
	if tab.scroll.Offset.Y != 0 {
		t.Errorf("offset %v, want 0", tab.scroll.Offset.Y)
	}
}

func TestFewerRowsThanBeforeLeaveNoLineBehind(t *testing.T) {
	tab, _ := show(t, config())
	tab.SetRows(upTo(0, 500))
	tab.scrollTo(400 * RowHeight)
	tab.SetRows(upTo(0, 3))
	if got := len(tab.visible()); got != 3 {
		t.Fatalf("%d rows in view, want 3", got)
	}
	shown := 0
	for _, l := range tab.body.lines {
		if !l.hidden {
			shown++
		}
	}
	if shown != 3 {
		t.Errorf("%d lines drawn, want 3", shown)
	}
}

func TestEveryTaskHasAKey(t *testing.T) {
	var log []string
	cfg := config()
	cfg.Activated = func(r *item) { log = append(log, "activate "+strconv.Itoa(r.id)) }
	cfg.Escape = func() { log = append(log, "escape") }
	cfg.Rune = func(r rune) { log = append(log, "rune "+string(r)) }
	cfg.Copy = func(r *item) { log = append(log, "copy "+strconv.Itoa(r.id)) }
	cfg.Menu = func(r *item, col string, at fyne.Position) { log = append(log, "menu "+strconv.Itoa(r.id)) }
	tab, w := show(t, cfg)
	tab.SetRows(upTo(0, 100))
	w.Canvas().Focus(tab)
	for _, step := range []struct {
		key  fyne.KeyName
		want int
	}{
		{fyne.KeyDown, 0}, {fyne.KeyDown, 1}, {fyne.KeyUp, 0}, {fyne.KeyUp, 0},
		{fyne.KeyPageDown, 9}, {fyne.KeyPageDown, 18}, {fyne.KeyPageUp, 9},
		{fyne.KeyEnd, 99}, {fyne.KeyDown, 99}, {fyne.KeyHome, 0},
	} {
		press(tab, step.key)
		if row := tab.Current(); row == nil || row.id != step.want {
			t.Fatalf("after %s: row %v, want %d", step.key, row, step.want)
		}
		if !tab.seen(tab.index) {
			t.Errorf("after %s: the selected row is out of view", step.key)
		}
	}
	press(tab, fyne.KeyReturn, "Menu", fyne.KeyEscape)
	tab.TypedRune('/')
	tab.TypedShortcut(&fyne.ShortcutCopy{})
	if got, want := fmt.Sprint(log), "[activate 0 menu 0 escape rune / copy 0]"; got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}

func TestAClickOnAHeaderSortsAndASecondTurnsItRound(t *testing.T) {
	var asked []string
	cfg := config()
	cfg.Sort = func(id string, desc bool) { asked = append(asked, fmt.Sprint(id, desc)) }
	tab, _ := show(t, cfg)
	tab.SetRows(items(1, 2))
	click := func(x float32) { test.TapAt(tab.header, fyne.NewPos(x, 10)) }
	click(40)
	click(40)
	click(120)
	click(390) // not sortable
	if got, want := fmt.Sprint(asked), "[idfalse idtrue namefalse]"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestADividerCanBeDraggedAndTheWidthIsRemembered(t *testing.T) {
	resized := 0
	cfg := config()
	cfg.Resized = func() { resized++ }
	tab, _ := show(t, cfg)
	tab.SetRows(items(1, 2))
	edge := tab.widths[0]
	for range 3 {
		tab.header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(edge+10, 5)}, Dragged: fyne.NewDelta(10, 0)})
		edge += 10
	}
	tab.header.DragEnd()
	if got := tab.widths[0]; got != 110 {
		t.Errorf("width %v, want 110", got)
	}
	if resized != 1 || tab.Widths()["id"] != 110 {
		t.Errorf("told %d times of %v, want once of id: 110", resized, tab.Widths())
	}
}

func TestAnUpdateThatChangesNothingDrawsNothing(t *testing.T) {
	tab, w := show(t, config())
	tab.SetRows(upTo(0, 100))
	before := w.Canvas().Capture()
	// Paint a mark that only drawing again would remove.
	tab.body.lines[2].cells[1].text.Text = "marked"
	tab.SetRows(upTo(0, 100))
	if tab.body.lines[2].cells[1].text.Text != "marked" {
		t.Error("an equal cell was set again")
	}
	rows := upTo(0, 100)
	rows[2].name = "other"
	tab.SetRows(rows)
	if got := tab.body.lines[2].cells[1].text.Text; got != "other" {
		t.Errorf("cell shows %q, want %q", got, "other")
	}
	if same(before, w.Canvas().Capture()) {
		t.Error("a changed row looks as before")
	}
}

func same(a, b image.Image) bool {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

func TestWidthsFillTheRoomAndLeaveOutWhatDoesNotFit(t *testing.T) {
	cols := []spec{{want: 100, min: 60}, {want: 200, min: 100, grow: 1}, {want: 80, min: 80, drop: 1}, {want: 80, min: 80, drop: 2}}
	for _, c := range []struct {
		name string
		room float32
		want []float32
	}{
		{"what is left over goes to those that grow", 560, []float32{100, 300, 80, 80}},
		{"all have what they want", 460, []float32{100, 200, 80, 80}},
		{"all give up in proportion to what they can", 390, []float32{80, 150, 80, 80}},
		{"the last to be missed goes first", 319, []float32{91.357, 167.643, 80, 0}},
		{"then the next", 239, []float32{77.928, 161.072, 0, 0}},
		{"less than the least is not enough, and said by being too wide", 100, []float32{60, 100, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := widths(cols, c.room)
			var sum float32
			for i := range got {
				sum += got[i]
				if c.want[i] == 0 != (got[i] == 0) {
					t.Errorf("widths %v, want about %v", got, c.want)
				}
			}
			if c.room >= 160 && (sum < c.room-0.5 || sum > c.room+0.5) {
				t.Errorf("widths %v fill %v of %v", got, sum, c.room)
			}
		})
	}
}

func TestTextThatDoesNotFitEndsInAnEllipsis(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{}
	for _, text := range []string{"a very long command line --with=flags", "数据库服务器正在监听端口", "x"} {
		full := width(text, 13, style)
		for room := float32(0); room < full+5; room += 7 {
			got := Fit(text, room, 13, style)
			if w := width(got, 13, style); w > room && got != "…" {
				t.Errorf("%q is %v wide in %v", got, w, room)
			}
			if room >= full && got != text {
				t.Errorf("%q was cut to %q though it fits", text, got)
			}
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{100, 25_000} {
		b.Run(fmt.Sprintf("nothing changed, %d rows", n), func(b *testing.B) {
			tab, _ := show(b, config())
			one, two := upTo(0, n), upTo(0, n)
			tab.SetRows(one)
			b.ReportAllocs()
			for b.Loop() {
				tab.SetRows(two)
				one, two = two, one
			}
		})
		b.Run(fmt.Sprintf("every visible row changed, %d rows", n), func(b *testing.B) {
			tab, _ := show(b, config())
			one, two := upTo(0, n), upTo(0, n)
			for i := range two {
				two[i].name += "!"
			}
			for b.Loop() {
				tab.SetRows(two)
				one, two = two, one
			}
		})
		b.Run(fmt.Sprintf("a step of the scroll wheel, %d rows", n), func(b *testing.B) {
			tab, _ := show(b, config())
			tab.SetRows(upTo(0, n))
			dy := float32(-RowHeight)
			for b.Loop() {
				tab.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, dy)})
				if tab.scroll.Offset.Y == 0 || tab.scroll.Offset.Y >= float32(n-20)*RowHeight {
					dy = -dy
				}
			}
		})
	}
}
