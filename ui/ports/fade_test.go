package ports

import (
	"net/netip"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

func TestFade_TintsWhatAPersonWouldNotice(t *testing.T) {
	now := time.Unix(1000, 0)
	tests := []struct {
		name  string
		proto sockets.Proto
		port  uint16
		kind  monitor.ChangeKind
		want  fyne.ThemeColorName
		ghost bool
	}{
		{"a TCP port that opens is tinted", sockets.TCP, 3000, monitor.Opened, theme.ColorAdded, false},
		{"one that closes stays for a moment", sockets.TCP, 3000, monitor.Closed, theme.ColorRemoved, true},
		{"a language server's TCP port is one like any other", sockets.TCP, 40000, monitor.Closed, theme.ColorRemoved, true},
		{"a UDP port somebody chose is tinted", sockets.UDP, 5353, monitor.Opened, theme.ColorAdded, false},
		{"an ephemeral UDP port opens without notice", sockets.UDP, 40000, monitor.Opened, "", false},
		{"and closes without a trace", sockets.UDP, 40000, monitor.Closed, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := monitor.Endpoint{Key: monitor.Key{Proto: tt.proto, Addr: netip.AddrPortFrom(netip.IPv6Loopback(), tt.port)}}
			c := monitor.Change{Kind: tt.kind, Key: e.Key, Before: &e, After: &e}
			f := newFade(view.PortRange{First: 32768, Last: 60999})
			f.apply([]monitor.Change{c}, now)
			if got := f.tint(e.Key); got != tt.want {
				t.Errorf("tint %q, want %q", got, tt.want)
			}
			if got := len(f.merge(&monitor.Snapshot{}).Endpoints) == 1; got != tt.ghost {
				t.Errorf("still shown: %v, want %v", got, tt.ghost)
			}
			f.prune(now.Add(time.Minute))
			if f.tint(e.Key) != "" || len(f.merge(&monitor.Snapshot{}).Endpoints) != 0 {
				t.Error("a minute later it is still there")
			}
		})
	}
}
