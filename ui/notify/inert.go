package notify

import "strings"

// inert replaces what ends or expands a quoted string in any scripting
// language by signs that look alike. Fyne notifies through an AppleScript where
// the program runs outside a bundle; it escapes, and we don't rely on it.
func inert(s string) string { return lookalikes.Replace(s) }

var lookalikes = strings.NewReplacer(`"`, "”", `'`, "’", "`", "’", `\`, "⧵", "$", "＄")
