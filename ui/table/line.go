package table

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	pt "github.com/portlight-app/portlight/ui/theme"
)

const colorIdle = pt.ColorSelectionIdle

// line is the canvas objects of one row in view.
type line struct {
	ground *canvas.Rectangle
	cells  []cellView
	fill   color.Color
	at     int // the row shown
	y      float32
	hidden bool
	fresh  bool // everything is as the fields say
}

// cellView is the objects of one cell; those it has no use for are nil.
type cellView struct {
	text  *canvas.Text
	icon  *canvas.Image
	badge *canvas.Rectangle
	shown Cell
}

func newLine(columns int) *line {
	l := &line{ground: &canvas.Rectangle{}, cells: make([]cellView, columns), hidden: true}
	l.ground.Hidden = true
	return l
}

func (l *line) hide() {
	if l.hidden {
		return
	}
	l.hidden = true
	l.ground.Hide()
	for i := range l.cells {
		l.cells[i].hide()
	}
}

func (c *cellView) hide() {
	if c.text != nil {
		c.text.Hidden = true
	}
	if c.icon != nil {
		c.icon.Hidden = true
	}
	if c.badge != nil {
		c.badge.Hidden = true
	}
}

// cell shows a cell at x, y in a column of width w.
func (b *body[T, K]) cell(v *cellView, col *Column[T], cell Cell, x, y, w float32) {
	v.shown = cell
	name := cell.Color
	if name == "" {
		name = theme.ColorNameForeground
	}
	left, room := x+cellPad, w-2*cellPad
	if cell.Icon != "" {
		if v.icon == nil {
			v.icon = &canvas.Image{FillMode: canvas.ImageFillContain}
			b.objects = append(b.objects, v.icon)
		}
		v.icon.Hidden = false
		tone := cell.IconColor
		if tone == "" {
			tone = name
		}
		v.icon.Resource = cell.Icon.Resource(tone)
		v.icon.Move(fyne.NewPos(left, y+(RowHeight-iconSize)/2))
		v.icon.Resize(fyne.NewSquareSize(iconSize))
		v.icon.Refresh()
		left, room = left+iconSize+iconGap, room-iconSize-iconGap
	} else if v.icon != nil {
		v.icon.Hidden = true
	}
	if cell.Badge != "" && v.badge == nil { // between the grounds and the texts
		v.badge = &canvas.Rectangle{CornerRadius: 4}
		b.objects = slices.Insert(b.objects, len(b.lines), fyne.CanvasObject(v.badge))
	}
	if v.text == nil {
		v.text = &canvas.Text{}
		b.objects = append(b.objects, v.text)
	}
	text := v.text
	text.TextSize, text.TextStyle = b.look.text, fyne.TextStyle{Bold: cell.Bold, Monospace: col.Mono}
	if col.Mono {
		text.TextSize = b.look.mono
	}
	badged := cell.Badge != "" && cell.Text != ""
	if badged {
		text.TextSize = b.Theme().Size(theme.SizeNameCaptionText)
		left, room = left+badgePad, room-2*badgePad
	}
	text.Color = b.color(name)
	text.Text = Fit(cell.Text, room, text.TextSize, text.TextStyle)
	text.Hidden = text.Text == ""
	size := text.MinSize()
	at := left
	if col.Trailing {
		at = left + room - size.Width
	}
	base := y + (RowHeight-size.Height)/2
	if col.Mono {
		base-- // its line is lower than the other fonts'
	}
	text.Move(fyne.NewPos(at, base))
	text.Resize(size)
	text.Refresh()
	if v.badge != nil {
		v.badge.Hidden = !badged
		if badged {
			v.badge.FillColor = b.color(cell.Badge)
			v.badge.Move(fyne.NewPos(at-badgePad, y+4))
			v.badge.Resize(fyne.NewSize(size.Width+2*badgePad, RowHeight-8))
			v.badge.Refresh()
		}
	}
}
