package notify

import (
	"encoding/xml"
	"fmt"
	"net/netip"
	"strings"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// toastXML writes a toast in the schema of Windows (learn.microsoft.com, "Toast
// content schema"). The texts are plain and escaped here, all of them: there is
// no CDATA that "]]>" could leave. The launch argument comes back with a click.
func toastXML(t Toast) string {
	var b strings.Builder
	duration := "short"
	if t.Important {
		duration = "long"
	}
	fmt.Fprintf(&b, `<toast activationType="foreground" duration="%s" launch="%s"><visual><binding template="ToastGeneric">`,
		duration, escaped(launchArg(t.Key)))
	for _, s := range []string{t.Title, t.Body} {
		if s != "" {
			fmt.Fprintf(&b, `<text>%s</text>`, escaped(s))
		}
	}
	b.WriteString(`</binding></visual><audio silent="true"/></toast>`)
	return b.String()
}

// escaped makes text of s for element content and quoted attributes; what XML
// 1.0 can't hold at all becomes U+FFFD.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}

// launchArg writes a key so that parseLaunchArg reads it back.
func launchArg(k monitor.Key) string {
	if !k.Addr.IsValid() {
		return ""
	}
	return k.Proto.String() + "|" + k.Addr.String() + "|" + k.Device
}

// parseLaunchArg reads what Windows hands back, which may come from an older
// version's toast or from anybody who activates our class.
func parseLaunchArg(s string) (monitor.Key, bool) {
	if s == "" {
		return monitor.Key{}, true
	}
	proto, rest, ok := strings.Cut(s, "|")
	addr, device, ok2 := strings.Cut(rest, "|")
	at, err := netip.ParseAddrPort(addr)
	if !ok || !ok2 || err != nil {
		return monitor.Key{}, false
	}
	k := monitor.Key{Addr: at, Device: device}
	switch proto {
	case sockets.TCP.String():
		k.Proto = sockets.TCP
	case sockets.UDP.String():
		k.Proto = sockets.UDP
	default:
		return monitor.Key{}, false
	}
	return k, true
}
