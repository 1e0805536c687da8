package doctor

import (
	"strings"

	"github.com/portlight-app/portlight/monitor"
)

// isWSLRelay: it listens on Windows' localhost for a program inside WSL, whose
// own ports no table of Windows has.
func isWSLRelay(h monitor.Holder) bool { return strings.EqualFold(h.Name, "wslrelay.exe") }
