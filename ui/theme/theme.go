// Package theme is the window's look: compact sizes, one light and one dark
// palette in which every text can be read (WCAG 2.2 AA, checked by a test),
// and icons drawn for it.
package theme

import (
	_ "embed"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colour names of our own, beside Fyne's.
const (
	// ColorMuted is text of lesser weight: units, counts, what is guessed.
	ColorMuted fyne.ThemeColorName = "portlightMuted"
	// ColorRail and ColorBar lie behind the navigation rail and the bars.
	ColorRail fyne.ThemeColorName = "portlightRail"
	ColorBar  fyne.ThemeColorName = "portlightBar"
	// ColorSelectionIdle is the selected row while the keyboard is elsewhere.
	ColorSelectionIdle fyne.ThemeColorName = "portlightSelectionIdle"
	// ColorAdded and ColorRemoved tint rows that just came or are going.
	ColorAdded   fyne.ThemeColorName = "portlightAdded"
	ColorRemoved fyne.ThemeColorName = "portlightRemoved"
	// Text and background of badges: how far an endpoint can be reached.
	ColorLoopback   fyne.ThemeColorName = "portlightLoopback"
	ColorLoopbackBG fyne.ThemeColorName = "portlightLoopbackBG"
	ColorNetwork    fyne.ThemeColorName = "portlightNetwork"
	ColorNetworkBG  fyne.ThemeColorName = "portlightNetworkBG"
	ColorAll        fyne.ThemeColorName = "portlightAll"
	ColorAllBG      fyne.ThemeColorName = "portlightAllBG"
	// ColorNoticeBG lies behind a line that tells of a problem.
	ColorNoticeBG fyne.ThemeColorName = "portlightNoticeBG"
)

// Choice says which palette to use.
type Choice uint8

// The choices.
const (
	Follow Choice = iota // the desktop's preference
	Light
	Dark
)

//go:embed icons/unchecked.svg
var uncheckedSVG []byte

// unchecked has fills, unlike the other icons: Fyne colours it.
var unchecked = fyne.NewStaticResource("unchecked.svg", uncheckedSVG)

// New returns the theme.
func New(c Choice) fyne.Theme { return compact{choice: c} }

type compact struct{ choice Choice }

// Color returns a colour of the chosen palette. The variant counts only if
// the desktop's preference is followed.
func (c compact) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch c.choice {
	case Light:
		v = theme.VariantLight
	case Dark:
		v = theme.VariantDark
	}
	p := &dark
	if v == theme.VariantLight {
		p = &light
	}
	if rgb, ok := (*p)[n]; ok {
		return rgb
	}
	return theme.DefaultTheme().Color(n, v)
}

// Font returns Fyne's fonts. Glyphs they lack, such as Chinese, are drawn with
// a font of the system's, which Fyne looks up by itself.
func (compact) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon returns Fyne's icons, but for the empty box of a check: its outline is
// two thirds of a pixel at our size, and as faint.
func (compact) Icon(n fyne.ThemeIconName) fyne.Resource {
	if n == theme.IconNameCheckButton {
		return unchecked
	}
	return theme.DefaultTheme().Icon(n)
}

// Size returns sizes in Fyne's device-independent pixels.
func (compact) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 15
	case theme.SizeNameHeadingText:
		return 18
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameLineSpacing:
		return 3
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameSplitThickness:
		return 1
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius:
		return 4
	case theme.SizeNameSelectionRadius:
		return 4
	case theme.SizeNameModalBlurRadius:
		return 0 // what a question is about stays readable behind it
	}
	return theme.DefaultTheme().Size(n)
}
