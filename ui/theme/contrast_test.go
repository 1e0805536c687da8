package theme

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// blend draws a translucent colour over an opaque one.
func blend(top, under color.NRGBA) color.NRGBA {
	mix := func(t, u uint8) uint8 {
		a := float64(top.A) / 255
		return uint8(math.Round(float64(t)*a + float64(u)*(1-a)))
	}
	return color.NRGBA{R: mix(top.R, under.R), G: mix(top.G, under.G), B: mix(top.B, under.B), A: 0xff}
}

func TestEveryTextCanBeReadOnEveryBackgroundItIsWrittenOn(t *testing.T) {
	test.NewTempApp(t)
	// What a row can lie on: itself, tints, selection.
	rows := []fyne.ThemeColorName{
		theme.ColorNameBackground, theme.ColorNameSelection, ColorSelectionIdle, ColorAdded, ColorRemoved,
	}
	plain := []fyne.ThemeColorName{
		theme.ColorNameBackground, ColorRail, ColorBar, theme.ColorNameHeaderBackground,
		theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground, theme.ColorNameInputBackground,
	}
	pairs := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		theme.ColorNameForeground:  append(append([]fyne.ThemeColorName{theme.ColorNameButton, ColorNoticeBG}, rows...), plain...),
		ColorMuted:                 append(append([]fyne.ThemeColorName{ColorNoticeBG}, rows...), plain...),
		theme.ColorNamePlaceHolder: plain,
		theme.ColorNameDisabled:    append([]fyne.ThemeColorName{theme.ColorNameDisabledButton}, plain...),
		theme.ColorNamePrimary:     plain,
		theme.ColorNameHyperlink:   plain,
		theme.ColorNameSuccess:     append(append([]fyne.ThemeColorName{}, rows...), plain...),
		theme.ColorNameWarning:     append(append([]fyne.ThemeColorName{ColorNoticeBG}, rows...), plain...),
		theme.ColorNameError:       append(append([]fyne.ThemeColorName{}, rows...), plain...),

		theme.ColorNameForegroundOnPrimary: {theme.ColorNamePrimary},
		theme.ColorNameForegroundOnSuccess: {theme.ColorNameSuccess},
		theme.ColorNameForegroundOnWarning: {theme.ColorNameWarning},
		theme.ColorNameForegroundOnError:   {theme.ColorNameError},

		ColorLoopback: {ColorLoopbackBG},
		ColorNetwork:  {ColorNetworkBG},
		ColorAll:      {ColorAllBG},
	}
	for name, choice := range map[string]Choice{"light": Light, "dark": Dark} {
		th := New(choice)
		get := func(n fyne.ThemeColorName) color.NRGBA {
			return color.NRGBAModel.Convert(th.Color(n, 0)).(color.NRGBA)
		}
		for text, grounds := range pairs {
			for _, ground := range grounds {
				bg := get(ground)
				if got := contrast(get(text), bg); got < 4.5 {
					t.Errorf("%s: %s on %s: contrast %.2f, want at least 4.5", name, text, ground, got)
				}
				if ground == theme.ColorNameBackground { // the pointer may rest there
					bg = blend(get(theme.ColorNameHover), bg)
					if got := contrast(get(text), bg); got < 4.5 {
						t.Errorf("%s: %s on hovered %s: contrast %.2f, want at least 4.5", name, text, ground, got)
					}
				}
			}
		}
	}
}

// TestEveryOutlineCanBeSeen: WCAG 2.2, 1.4.11 asks for 3 of what shows where a
// box is and whether it has the keyboard.
func TestEveryOutlineCanBeSeen(t *testing.T) {
	test.NewTempApp(t)
	for name, choice := range map[string]Choice{"light": Light, "dark": Dark} {
		th := New(choice)
		get := func(n fyne.ThemeColorName) color.NRGBA {
			return color.NRGBAModel.Convert(th.Color(n, 0)).(color.NRGBA)
		}
		for _, outline := range []fyne.ThemeColorName{theme.ColorNameInputBorder, theme.ColorNamePrimary} {
			for _, ground := range []fyne.ThemeColorName{
				theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground, ColorBar,
			} {
				if got := contrast(get(outline), get(ground)); got < 3 {
					t.Errorf("%s: %s on %s: contrast %.2f, want at least 3", name, outline, ground, got)
				}
			}
		}
	}
}

func TestBothPalettesNameTheSameColours(t *testing.T) {
	for n := range light {
		if _, ok := dark[n]; !ok {
			t.Errorf("%s is light only", n)
		}
	}
	for n := range dark {
		if _, ok := light[n]; !ok {
			t.Errorf("%s is dark only", n)
		}
	}
	for name, th := range map[string]fyne.Theme{"follow": New(Follow), "light": New(Light), "dark": New(Dark)} {
		test.AssertAllColorNamesDefined(t, th, name)
	}
}

func TestFollowingTheDesktopTakesItsVariant(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		choice  Choice
		variant fyne.ThemeVariant
		want    color.NRGBA
	}{
		{Follow, theme.VariantLight, light[theme.ColorNameBackground]},
		{Follow, theme.VariantDark, dark[theme.ColorNameBackground]},
		{Light, theme.VariantDark, light[theme.ColorNameBackground]},
		{Dark, theme.VariantLight, dark[theme.ColorNameBackground]},
	} {
		t.Run(fmt.Sprint(c.choice, c.variant), func(t *testing.T) {
			if got := New(c.choice).Color(theme.ColorNameBackground, c.variant); got != c.want {
				t.Errorf("background %v, want %v", got, c.want)
			}
		})
	}
}
