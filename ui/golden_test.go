package ui

import (
	"net/netip"
	"testing"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

func key(addr string) monitor.Key {
	return monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)}
}

func TestThePagesLookAsTheyDid(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*stage)
	}{
		{"ports", func(s *stage) {}},
		{"details", func(s *stage) {
			s.SelectEndpoint(key("0.0.0.0:3000"))
			s.ApplyStory(uitest.Story(s.last, key("0.0.0.0:3000")))
		}},
		{"settings", func(s *stage) { s.show(1) }},
	} {
		for variant, choice := range map[string]theme.Choice{"light": theme.Light, "dark": theme.Dark} {
			for _, language := range []string{"en", "zh"} {
				t.Run(c.name+"-"+variant+"-"+language, func(t *testing.T) {
					s := open(t, language, choice)
					c.do(s)
					uitest.Golden(t, c.name+"-"+variant+"-"+language, s.win.Canvas())
				})
			}
		}
	}
}
