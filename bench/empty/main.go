//go:build cgo

// Empty opens an empty Fyne window: what any window costs before it shows
// anything, so that bench can tell Portlight's own share.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.NewWithID("app.portlight.bench.empty").NewWindow("Empty")
	w.SetContent(widget.NewLabel(""))
	w.Resize(fyne.NewSize(1200, 760))
	w.ShowAndRun()
}
