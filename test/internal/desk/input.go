//go:build linux

package desk

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/portlight-app/portlight/test/internal/stage"
)

// Window is a window's X id.
type Window string

// AwaitWindow waits for a visible window of the process.
func (d *Desktop) AwaitWindow(pid int) Window {
	d.t.Helper()
	var w Window
	stage.Eventually(d.t, stage.Patience, "a visible window", func() (bool, string) {
		ids := d.Windows(pid)
		if len(ids) > 0 {
			w = ids[len(ids)-1]
		}
		return len(ids) > 0, "none"
	})
	return w
}

// Windows returns the visible windows of the process.
func (d *Desktop) Windows(pid int) []Window {
	out, _ := d.Try("xdotool", "search", "--onlyvisible", "--all", "--pid", strconv.Itoa(pid), "--name", ".")
	var ids []Window
	for _, line := range strings.Fields(out) {
		if _, err := strconv.Atoi(line); err == nil {
			ids = append(ids, Window(line))
		}
	}
	return ids
}

// Active reports whether the window has the keyboard.
func (d *Desktop) Active(w Window) bool {
	out, _ := d.Try("xdotool", "getactivewindow")
	return strings.TrimSpace(out) == string(w)
}

// Focus gives the window the keyboard and waits until it has it.
func (d *Desktop) Focus(w Window) {
	d.t.Helper()
	d.Run("xdotool", "windowactivate", string(w))
	stage.Eventually(d.t, stage.Patience, "the window has the keyboard", func() (bool, string) {
		return d.Active(w), "another has it"
	})
}

// Place moves and sizes the window and waits until it is so. The size is that
// of its inside, without the window manager's frame.
func (d *Desktop) Place(w Window, x, y, width, height int) {
	d.t.Helper()
	d.Run("xdotool", "windowmove", string(w), strconv.Itoa(x), strconv.Itoa(y))
	d.Run("xdotool", "windowsize", string(w), strconv.Itoa(width), strconv.Itoa(height))
	stage.Eventually(d.t, stage.Patience, fmt.Sprintf("the window is %d×%d", width, height), func() (bool, string) {
		_, _, gw, gh := d.Geometry(w)
		return gw == width && gh == height, fmt.Sprintf("%d×%d", gw, gh)
	})
}

// Geometry returns the place and size of the window's inside on the display.
func (d *Desktop) Geometry(w Window) (x, y, width, height int) {
	// xdotool's own answer counts the frame twice.
	out, _ := d.Try("xwininfo", "-id", string(w))
	for _, line := range strings.Split(out, "\n") {
		k, v, _ := strings.Cut(line, ":")
		n, _ := strconv.Atoi(strings.TrimSpace(v))
		switch strings.TrimSpace(k) {
		case "Absolute upper-left X":
			x = n
		case "Absolute upper-left Y":
			y = n
		case "Width":
			width = n
		case "Height":
			height = n
		}
	}
	return
}

// Close clicks the close button in the window's title bar, where openbox's
// own theme has it.
func (d *Desktop) Close(w Window) {
	d.t.Helper()
	d.Focus(w)
	x, y, width, _ := d.Geometry(w)
	d.Click(x+width-10, y-11, 1)
}

// Key presses keys, each "name" or "modifier+name" in X's names.
func (d *Desktop) Key(keys ...string) {
	d.t.Helper()
	d.Run("xdotool", append([]string{"key", "--delay", "40"}, keys...)...)
}

// Type types text.
func (d *Desktop) Type(text string) {
	d.t.Helper()
	d.Run("xdotool", "type", "--delay", "40", text)
}

// Click clicks a mouse button (1 left, 3 right) at a place on the display.
func (d *Desktop) Click(x, y, button int) {
	d.t.Helper()
	d.click([]string{"mousemove", strconv.Itoa(x), strconv.Itoa(y)}, button)
}

// ClickIn clicks at a place inside the window.
func (d *Desktop) ClickIn(w Window, x, y, button int) {
	d.t.Helper()
	d.click([]string{"mousemove", "--window", string(w), strconv.Itoa(x), strconv.Itoa(y)}, button)
}

// click takes a hand's time: toolkits look at the pointer once a frame, and
// would think that a faster click was made where the pointer came from.
func (d *Desktop) click(move []string, button int) {
	d.t.Helper()
	b := strconv.Itoa(button)
	// Two clicks that follow closely are a double click to a toolkit, and
	// Fyne loses the second one where they are on different things.
	time.Sleep(time.Until(d.clicked.Add(800 * time.Millisecond)))
	defer func() { d.clicked = time.Now() }()
	d.Run("xdotool", append(move, "sleep", "0.1", "mousedown", b, "sleep", "0.05", "mouseup", b)...)
}

// Screenshot saves a window, or the whole display for "root", as
// NAME.png among the test's artefacts, and returns its path.
func (d *Desktop) Screenshot(w Window, name string) string {
	d.t.Helper()
	path := filepath.Join(d.artefacts(), name+".png")
	shot := filepath.Join(d.dir, "home", "shot.png") // the session's user may write here only
	d.Run("import", "-window", string(w), shot)
	stage.CopyFile(d.t, shot, path, 0o644)
	os.Remove(shot)
	return path
}

// artefacts is the folder for what a person may want to look at afterwards.
func (d *Desktop) artefacts() string {
	if d.out == "" {
		d.out = os.Getenv("PORTLIGHT_OUT")
		if d.out == "" {
			d.out = d.t.TempDir()
		}
		if err := os.MkdirAll(d.out, 0o755); err != nil {
			d.t.Fatal(err)
		}
	}
	return d.out
}
