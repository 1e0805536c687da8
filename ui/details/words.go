package details

import (
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// State is the word for a socket's state.
func State(s sockets.State) string {
	switch s {
	case sockets.Listen:
		return lang.X("window.state.listen", "listening")
	case sockets.Bound:
		return lang.X("window.state.bound", "bound")
	case sockets.Established:
		return lang.X("window.state.established", "established")
	case sockets.SynSent:
		return lang.X("window.state.syn_sent", "connecting")
	case sockets.SynReceived:
		return lang.X("window.state.syn_received", "accepting")
	case sockets.FinWait1, sockets.FinWait2, sockets.Closing, sockets.LastAck:
		return lang.X("window.state.closing", "closing")
	case sockets.CloseWait:
		return lang.X("window.state.close_wait", "half-closed")
	case sockets.TimeWait:
		return lang.X("window.state.time_wait", "time-wait")
	case sockets.Closed:
		return lang.X("window.state.closed", "closed")
	}
	return "?"
}

// StateIcon is the icon for a socket's state.
func StateIcon(s sockets.State) theme.Icon {
	switch s {
	case sockets.Listen:
		return "listen"
	case sockets.Bound:
		return "bound"
	case sockets.Established:
		return "established"
	case sockets.SynSent, sockets.SynReceived:
		return "pending"
	}
	return "closing"
}

// Clock writes a time of today without its date.
func Clock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// Age is a row's age. Fyne's own fonts have no "≤", and another font's stands
// out.
func Age(t *view.Text, now time.Time) string { return strings.Replace(t.Age(now), "≤", "<", 1) }

func ago(d time.Duration) string {
	return lang.X("window.ago", "{{.Age}} ago", map[string]any{"Age": view.Duration(d)})
}
