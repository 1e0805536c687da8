package ui

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/uitest"
)

func key(addr string) monitor.Key {
	return monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)}
}

// change is an update that opens one endpoint and closes another.
func change(s *stage) monitor.Update {
	next := *s.last
	next.Endpoints = slices.Clone(s.last.Endpoints)
	at := slices.IndexFunc(next.Endpoints, func(e monitor.Endpoint) bool { return e.Key == key("127.0.0.1:631") })
	next.Endpoints = slices.Delete(next.Endpoints, at, at+1)
	dev := uitest.Proc(49001, "node", "storefront", "/home/alice/src/storefront", time.Second, "node", "server.js")
	next.Endpoints = append(next.Endpoints, uitest.Endpoint(sockets.TCP, "[::]:3001", uitest.Now, dev))
	slices.SortFunc(next.Endpoints, func(a, b monitor.Endpoint) int { return a.Key.Compare(b.Key) })
	return monitor.Update{Snapshot: &next, Changes: monitor.Diff(s.last, &next)}
}

func TestTheStatesLookAsTheyDid(t *testing.T) {
	for _, c := range []struct {
		name     string
		choice   theme.Choice
		language string
		do       func(*stage)
	}{
		{"state-new-and-gone", theme.Light, "en", func(s *stage) { s.Apply(change(s)); s.SetPaused(true) }},
		{"state-connections", theme.Dark, "en", func(s *stage) {
			s.win.Canvas().Focus(s.ports.Mode())
			s.press(fyne.KeyRight)
		}},
		{"state-wrong-filter", theme.Light, "en", func(s *stage) { s.ports.Search(); s.write("proto:tpc") }},
		{"state-nothing-matches", theme.Light, "en", func(s *stage) { s.ports.Search(); s.write("kubernetes") }},
		{"state-plan", theme.Light, "en", func(s *stage) { s.SelectEndpoint(key("0.0.0.0:3000")); s.free(watched(s)) }},
		{"state-plan-service", theme.Dark, "zh", func(s *stage) { s.SelectEndpoint(key("0.0.0.0:80")); s.free(service(s)) }},
		{"state-plan-blocked", theme.Dark, "en", func(s *stage) { s.SelectEndpoint(key("0.0.0.0:22")); s.free(forbidden(s)) }},
		{"state-asked", theme.Light, "en", func(s *stage) {
			s.SelectEndpoint(key("127.0.0.1:8080"))
			s.free(alone(s))
			s.step(free.Step{Stage: free.StageAsking, Elapsed: 1200 * time.Millisecond, Grace: freeing.GraceTime})
		}},
		{"state-freed", theme.Dark, "zh", func(s *stage) {
			s.SelectEndpoint(key("127.0.0.1:8080"))
			s.free(alone(s))
			s.SetHeld([]freeing.Held{{ID: 1, Port: 8080}})
			s.end(free.Final{Ending: free.EndLingering, Elapsed: 400 * time.Millisecond, Wait: 42 * time.Second})
		}},
		{"state-taken-again", theme.Light, "en", func(s *stage) {
			s.SelectEndpoint(key("0.0.0.0:3000"))
			s.free(watched(s))
			s.end(takenAgain())
		}},
		{"state-denied", theme.Light, "zh", func(s *stage) {
			s.SelectEndpoint(key("0.0.0.0:80"))
			s.free(service(s))
			s.last1.Elevate, s.last1.Command = true, "sudo /usr/bin/portlight kill 80 --pid 1502"
			s.end(free.Final{Ending: free.EndDenied})
		}},
		{"state-shadow", theme.Dark, "en", func(s *stage) { s.shadow() }},
		{"state-orphans", theme.Light, "en", func(s *stage) { s.SetOrphans(leftBehind()); s.desk.ShowOrphans(leftBehind()) }},
		{"state-vacant", theme.Light, "zh", func(s *stage) { s.ports.Search(); s.write("3999") }},
		{"state-disconnect", theme.Light, "en", func(s *stage) { s.askDisconnect() }},
		{"state-menu", theme.Dark, "en", func(s *stage) { s.SelectEndpoint(key("0.0.0.0:3000")); s.press(desktop.KeyMenu) }},
		{"state-problem", theme.Dark, "en", func(s *stage) { s.ShowProblem(ProblemSave, errors.New("disk full")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, c.language, c.choice)
			s.win.Resize(fyne.NewSize(1000, 560))
			c.do(s)
			uitest.Golden(t, c.name, s.win.Canvas(), c.language == "zh")
		})
	}
	t.Run("state-nothing-open", func(t *testing.T) {
		s := open0(t, "en", theme.Light)
		s.win.Resize(fyne.NewSize(1000, 560))
		s.Apply(monitor.Update{Snapshot: &monitor.Snapshot{Taken: uitest.Now}, Baseline: true})
		uitest.Golden(t, "state-nothing-open", s.win.Canvas(), false)
	})
	t.Run("state-reading", func(t *testing.T) {
		s := open0(t, "en", theme.Light)
		s.win.Resize(fyne.NewSize(1000, 560))
		uitest.Golden(t, "state-reading", s.win.Canvas(), false)
	})
	t.Run("state-unreadable", func(t *testing.T) {
		s := open0(t, "en", theme.Light)
		s.win.Resize(fyne.NewSize(1000, 560))
		s.ShowProblem(ProblemEngine, nil)
		uitest.Golden(t, "state-unreadable", s.win.Canvas(), false)
	})
}

func TestThePagesLookAsTheyDid(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*stage)
	}{
		{"ports", func(s *stage) {}},
		{"details", func(s *stage) {
			s.SelectEndpoint(key("0.0.0.0:3000"))
			s.ApplyStory(uitest.Story(s.last, key("0.0.0.0:3000")), nil)
		}},
		{"why", func(s *stage) {
			s.Explain(3000, sockets.TCP)
			s.ApplyDiagnosis(s.why.Question(), diagnosis(s), nil)
		}},
		{"settings", func(s *stage) { s.show(2) }}, // offers Chinese in Chinese
	} {
		for variant, choice := range map[string]theme.Choice{"light": theme.Light, "dark": theme.Dark} {
			for _, language := range []string{"en", "zh"} {
				// Both of each, but not every page in every way.
				if c.name != "ports" && (variant == "light") == (language == "zh") == (c.name == "settings") {
					continue
				}
				t.Run(c.name+"-"+variant+"-"+language, func(t *testing.T) {
					s := open(t, language, choice)
					c.do(s)
					uitest.Golden(t, c.name+"-"+variant+"-"+language, s.win.Canvas(), language == "zh" || c.name == "settings")
				})
			}
		}
	}
}
