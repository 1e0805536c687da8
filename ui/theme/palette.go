package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// palette holds the colours of one variant.
type palette map[fyne.ThemeColorName]color.NRGBA

// rgb reads 0xRRGGBB.
func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// over is a colour drawn over others, opaque by a of 255.
func over(v uint32, a uint8) color.NRGBA {
	c := rgb(v)
	c.A = a
	return c
}

var light = palette{
	theme.ColorNameBackground:          rgb(0xffffff),
	theme.ColorNameForeground:          rgb(0x1c2128),
	theme.ColorNamePlaceHolder:         rgb(0x5d6773),
	theme.ColorNameDisabled:            rgb(0x626c78),
	theme.ColorNamePrimary:             rgb(0x1558c0),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameHyperlink:           rgb(0x1558c0),
	theme.ColorNameFocus:               rgb(0x79a9f2),
	theme.ColorNameSelection:           rgb(0xd4e4fc),
	theme.ColorNameHover:               over(0x1c2128, 14),
	theme.ColorNamePressed:             over(0x1c2128, 32),
	theme.ColorNameButton:              rgb(0xeceff3),
	theme.ColorNameDisabledButton:      rgb(0xf3f5f7),
	theme.ColorNameInputBackground:     rgb(0xffffff),
	theme.ColorNameInputBorder:         rgb(0x7f8995),
	theme.ColorNameHeaderBackground:    rgb(0xf5f6f8),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameSeparator:           rgb(0xdfe3e8),
	theme.ColorNameScrollBar:           over(0x1c2128, 90),
	theme.ColorNameScrollBarBackground: over(0x1c2128, 10),
	theme.ColorNameShadow:              over(0x000000, 48),
	theme.ColorNameSuccess:             rgb(0x156c2e),
	theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
	theme.ColorNameWarning:             rgb(0x855300),
	theme.ColorNameForegroundOnWarning: rgb(0xffffff),
	theme.ColorNameError:               rgb(0xb4232c),
	theme.ColorNameForegroundOnError:   rgb(0xffffff),

	ColorMuted:         rgb(0x56606c),
	ColorRail:          rgb(0xf0f2f5),
	ColorBar:           rgb(0xf5f6f8),
	ColorSelectionIdle: rgb(0xe4e9ef),
	ColorAdded:         rgb(0xdcf5e2),
	ColorRemoved:       rgb(0xfde3e2),
	ColorLoopback:      rgb(0x4a5561),
	ColorLoopbackBG:    rgb(0xe9edf1),
	ColorNetwork:       rgb(0x7a4b00),
	ColorNetworkBG:     rgb(0xfdeccb),
	ColorAll:           rgb(0x9c1f45),
	ColorAllBG:         rgb(0xfbe1e9),
	ColorNoticeBG:      rgb(0xfff3d6),
}

var dark = palette{
	theme.ColorNameBackground:          rgb(0x15181c),
	theme.ColorNameForeground:          rgb(0xe3e7ec),
	theme.ColorNamePlaceHolder:         rgb(0x97a1ad),
	theme.ColorNameDisabled:            rgb(0x8f99a5),
	theme.ColorNamePrimary:             rgb(0x7ab4ff),
	theme.ColorNameForegroundOnPrimary: rgb(0x0a1c33),
	theme.ColorNameHyperlink:           rgb(0x7ab4ff),
	theme.ColorNameFocus:               rgb(0x3f6ca8),
	theme.ColorNameSelection:           rgb(0x1f3c63),
	theme.ColorNameHover:               over(0xe3e7ec, 18),
	theme.ColorNamePressed:             over(0xe3e7ec, 40),
	theme.ColorNameButton:              rgb(0x262b32),
	theme.ColorNameDisabledButton:      rgb(0x1d2126),
	theme.ColorNameInputBackground:     rgb(0x1a1e23),
	theme.ColorNameInputBorder:         rgb(0x717b88),
	theme.ColorNameHeaderBackground:    rgb(0x1a1e23),
	theme.ColorNameMenuBackground:      rgb(0x20252b),
	theme.ColorNameOverlayBackground:   rgb(0x1c2026),
	theme.ColorNameSeparator:           rgb(0x2a3037),
	theme.ColorNameScrollBar:           over(0xe3e7ec, 90),
	theme.ColorNameScrollBarBackground: over(0xe3e7ec, 10),
	theme.ColorNameShadow:              over(0x000000, 130),
	theme.ColorNameSuccess:             rgb(0x5fcf80),
	theme.ColorNameForegroundOnSuccess: rgb(0x06240f),
	theme.ColorNameWarning:             rgb(0xe5b04b),
	theme.ColorNameForegroundOnWarning: rgb(0x2a1c00),
	theme.ColorNameError:               rgb(0xff8a85),
	theme.ColorNameForegroundOnError:   rgb(0x300807),

	ColorMuted:         rgb(0xa1abb7),
	ColorRail:          rgb(0x1a1d22),
	ColorBar:           rgb(0x1a1e23),
	ColorSelectionIdle: rgb(0x2a3037),
	ColorAdded:         rgb(0x17351f),
	ColorRemoved:       rgb(0x45201f),
	ColorLoopback:      rgb(0xb4bdc8),
	ColorLoopbackBG:    rgb(0x2b3138),
	ColorNetwork:       rgb(0xf0c063),
	ColorNetworkBG:     rgb(0x3d2f12),
	ColorAll:           rgb(0xff9db8),
	ColorAllBG:         rgb(0x47202d),
	ColorNoticeBG:      rgb(0x352b14),
}
