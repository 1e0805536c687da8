package ui

import (
	"fmt"

	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/ports"
	"github.com/portlight-app/portlight/ui/why"
)

// State is what the window shows, as values: for tests of the built program
// and for bug reports.
type State struct {
	Page string `json:"page"` // "ports", "why" or "settings"
	ports.State
	Freeing  freeing.State `json:"freeing"`
	Why      why.State     `json:"why"`
	Settings Settings      `json:"settings"`
	// Notice is the line above the status bar, "" if there is none.
	Notice string `json:"notice"`
	// Width and Height are the window's content's, in Fyne's units.
	Width  float32 `json:"width"`
	Height float32 `json:"height"`
	// Focused is the type of the widget that has the keyboard.
	Focused string `json:"focused"`
}

// State returns what the window shows now. Like everything here it is called
// on Fyne's goroutine.
func (w *Window) State() State {
	size := w.win.Canvas().Size()
	return State{
		Page: string(w.pages[w.rail.chosen].icon), State: w.ports.State(), Freeing: w.desk.State(), Why: w.why.State(), Settings: w.settings, Notice: w.problem.Text(),
		Width: size.Width, Height: size.Height, Focused: fmt.Sprintf("%T", w.win.Canvas().Focused()),
	}
}
