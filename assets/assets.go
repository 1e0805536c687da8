// Package assets holds what is compiled into the program besides code: icons
// and translations. It imports nothing of ours and nothing of Fyne's.
package assets

import "embed"

//go:generate go run ./internal/draw/write icons

// Translations holds translations/PART/LANGUAGE.json, flat files of keys and
// texts. Every part of the program owns its own keys, named after the part.
//
//go:embed translations/*/*.json
var Translations embed.FS

// Languages are the languages that every part is translated to.
var Languages = [...]string{"en", "zh"}
