//go:build linux

package desk

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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
	out, _ := d.Try("xdotool", "getwindowgeometry", "--shell", string(w))
	for _, line := range strings.Split(out, "\n") {
		k, v, _ := strings.Cut(line, "=")
		n, _ := strconv.Atoi(v)
		switch k {
		case "X":
			x = n
		case "Y":
			y = n
		case "WIDTH":
			width = n
		case "HEIGHT":
			height = n
		}
	}
	return
}

// Close asks the window to close, as its title bar's button does.
func (d *Desktop) Close(w Window) {
	d.t.Helper()
	d.Focus(w)
	d.Key("alt+F4") // openbox's own shortcut: WM_DELETE_WINDOW
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
	d.Run("xdotool", "mousemove", "--sync", strconv.Itoa(x), strconv.Itoa(y))
	d.Run("xdotool", "click", strconv.Itoa(button))
}

// ClickIn clicks at a place inside the window.
func (d *Desktop) ClickIn(w Window, x, y, button int) {
	d.t.Helper()
	wx, wy, _, _ := d.Geometry(w)
	d.Click(wx+x, wy+y, button)
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
