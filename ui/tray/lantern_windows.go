//go:build !fynetray

package tray

import (
	"context"
	"strings"

	"github.com/getlantern/systray"

	"github.com/portlight-app/portlight/assets"
)

// clickToggles: a click on a checked item leaves its mark as it is.
const clickToggles = false

func prepare(context.Context) error { return nil }

func setIcon(s assets.TrayState) { systray.SetIcon(assets.Tray(s).ICO) }

// label keeps ampersands from underlining the letter after them (MENUITEMINFO,
// learn.microsoft.com).
func label(s string) string { return strings.ReplaceAll(s, "&", "&&") }
