package freeing

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/ui/parts"
)

// Line says how one attempt goes, with a bar while the grace time runs, and
// offers the next steps.
type Line struct {
	widget.BaseWidget
	// Key is called with keys that the buttons have no use for; Resized when
	// the line needs another height.
	Key     func(fyne.KeyName)
	Resized func()

	desk    *Desk
	id      ID
	icon    *parts.Drawing
	text    *widget.Label
	command *widget.Label
	bar     *widget.ProgressBar
	buttons [2]*parts.Button
	row     *fyne.Container
	box     *fyne.Container
	shape   lineShape
}

// lineShape is what the height depends on.
type lineShape struct {
	text, command string
	bar           bool
	first, second string
	hidden        bool
}

// NewLine returns a line that shows nothing.
func NewLine(d *Desk) *Line {
	l := &Line{desk: d, icon: parts.NewDrawing("clock", theme.ColorNameForeground, 16), text: parts.Wrapped("", widget.MediumImportance),
		command: widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Monospace: true}), bar: widget.NewProgressBar()}
	l.command.Wrapping = fyne.TextWrapBreak
	l.command.Hide()
	l.bar.TextFormatter = func() string { return "" }
	l.row = container.New(&parts.Flow{Gap: 6})
	for i := range l.buttons {
		b := parts.NewButton("", "", nil)
		b.Key = func(k fyne.KeyName) {
			if l.Key != nil {
				l.Key(k)
			}
		}
		b.Hide()
		l.buttons[i] = b
		l.row.Add(b)
	}
	l.box = container.New(parts.Column{Gap: 2}, container.New(beside{}, l.icon, l.text), l.command, container.New(slim{}, l.bar), container.New(inset{}, l.row))
	l.ExtendBaseWidget(l)
	l.Hide()
	return l
}

// CreateRenderer is Fyne's.
func (l *Line) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.box) }

// TellOf shows the latest attempt about an endpoint.
func (l *Line) TellOf(k monitor.Key) {
	if e := l.desk.For(k); e != nil {
		l.Tell(e.ID)
	} else {
		l.Tell(0)
	}
}

// Tell shows an attempt as it stands; 0 shows nothing.
func (l *Line) Tell(id ID) {
	l.id = id
	e := l.desk.entry(id)
	now := lineShape{hidden: e == nil}
	if e != nil {
		s := l.desk.tell(e)
		l.icon.Set(s.icon, s.color)
		now.text = s.text
		if e.Phase == Done && e.Final != nil && e.Final.Ending == free.EndDenied {
			now.command = e.Command
		}
		now.bar = e.Phase == Running && e.Step.Stage == free.StageAsking && e.Step.Grace > 0 && !e.leaving
		if now.bar {
			l.bar.SetValue(min(float64(e.Step.Elapsed)/float64(e.Step.Grace), 1))
		}
		steps := l.desk.steps(e)
		if len(steps) > 0 {
			now.first = steps[0].text
		}
		if len(steps) > 1 {
			now.second = steps[1].text
		}
		l.offer(steps)
	}
	if now == l.shape && l.Hidden == now.hidden {
		return
	}
	l.shape = now
	l.text.SetText(now.text)
	l.command.SetText(now.command)
	l.command.Hidden = now.command == ""
	l.bar.Hidden = !now.bar
	l.row.Hidden = now.first == ""
	l.Hidden = now.hidden
	l.box.Refresh()
	l.Refresh()
	if l.Resized != nil {
		l.Resized()
	}
}

// Retheme draws the buttons in the colours in force.
func (l *Line) Retheme() {
	for _, b := range l.buttons {
		b.Text = "" // differs from whatever is to be offered
	}
	l.Tell(l.id)
}

// offer sets the buttons, touching only what differs: one of them may have the
// keyboard.
func (l *Line) offer(steps []next) {
	for i, b := range l.buttons {
		if i >= len(steps) {
			b.Hidden, b.OnTapped = true, nil
			continue
		}
		n := steps[i]
		b.Hidden, b.OnTapped = false, n.do
		importance, color := widget.MediumImportance, theme.ColorNameForeground
		if n.danger {
			importance, color = widget.DangerImportance, theme.ColorNameForegroundOnError
		}
		if b.Text != n.text || b.Importance != importance {
			b.Importance = importance
			b.SetDrawing(n.icon, color)
			b.SetText(n.text)
		}
	}
}

// Tick lets time pass.
func (l *Line) Tick() { l.Tell(l.id) }

// Text returns what is said, "" if nothing is.
func (l *Line) Text() string { return l.shape.text }

// Steps returns the buttons that are shown.
func (l *Line) Steps() (out []*parts.Button) {
	for _, b := range l.buttons {
		if !b.Hidden && !l.Hidden {
			out = append(out, b)
		}
	}
	return out
}

// beside sets an icon beside the first line of a text.
type beside struct{}

const besideWidth = 20

func (beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().AddWidthHeight(besideWidth, 0)
}

func (beside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	line := widget.NewLabel("").MinSize().Height
	o[0].Move(fyne.NewPos(0, (line-16)/2))
	o[0].Resize(fyne.NewSquareSize(16))
	o[1].Move(fyne.NewPos(besideWidth-4, 0))
	o[1].Resize(fyne.NewSize(s.Width-besideWidth+4, o[1].MinSize().Height))
}

// slim makes a progress bar a line.
type slim struct{}

func (slim) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(60, 5) }
func (slim) Layout(o []fyne.CanvasObject, s fyne.Size) {
	for _, o := range o {
		o.Resize(s)
	}
}

// inset leaves room above and below.
type inset struct{}

func (inset) MinSize(o []fyne.CanvasObject) fyne.Size {
	if !o[0].Visible() {
		return fyne.Size{}
	}
	return o[0].MinSize().AddWidthHeight(0, 8)
}

func (inset) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(0, 4))
	o[0].Resize(s.SubtractWidthHeight(0, 8))
}
