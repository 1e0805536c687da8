package theme

import (
	"bytes"
	"embed"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

//go:embed icons/*.svg
var files embed.FS

// Icon is the name of a drawing in icons/: 24 by 24, lines in currentColor.
type Icon string

// Resource returns the icon in a colour of the theme in force whenever it is
// drawn. Fyne's own coloured resources replace fills only; these are lines.
func (i Icon) Resource(c fyne.ThemeColorName) fyne.Resource { return &lines{icon: i, color: c} }

type lines struct {
	icon  Icon
	color fyne.ThemeColorName
}

func (l *lines) rgb() string {
	v := fyne.CurrentApp().Settings().ThemeVariant()
	c := color.NRGBAModel.Convert(theme.Current().Color(l.color, v)).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

// Name holds the colour because Fyne keeps drawings by name.
func (l *lines) Name() string { return string(l.icon) + l.rgb() + ".svg" }

func (l *lines) Content() []byte {
	b, err := files.ReadFile("icons/" + string(l.icon) + ".svg")
	if err != nil {
		panic(err) // a name that isn't there: found by the first test that draws it
	}
	return bytes.ReplaceAll(b, []byte("currentColor"), []byte(l.rgb()))
}
