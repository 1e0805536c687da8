// Package details is the pane beside the table: the story of one endpoint in
// lines a person reads, and what can be done about it.
package details

import (
	"net/url"

	"github.com/portlight-app/portlight/monitor"
)

// Actions are what the pane asks for. Every method returns at once.
type Actions interface {
	// OpenURL opens the address in the user's browser.
	OpenURL(*url.URL)
	// Reveal shows the executable in the desktop's file manager.
	Reveal(path string)
	// RequestStory asks for the endpoint's story with what only the kernel
	// can add (bytes, round-trip times). It is answered by
	// Window.ApplyStory and asked again with each snapshot while the pane
	// shows the endpoint: one request in flight is enough.
	RequestStory(monitor.Key)
}
