package details

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/theme"
)

// peersSection joins connections by who is at the other end.
func peersSection(peers []monitor.Peer) (section, bool) {
	type group struct {
		name      string
		n         int
		in, out   uint64
		rtt       time.Duration
		measured  bool
		otherHost bool
	}
	var groups []*group
	by := map[string]*group{}
	for i := range peers {
		p := &peers[i]
		name, other := far(p.Connection.Remote), true
		if len(p.Local) > 0 {
			name, other = plain.Text(p.Local[0].Name, 80)+" · PID "+strconv.Itoa(int(p.Local[0].PID)), false
		}
		g := by[name]
		if g == nil {
			g = &group{name: name, otherHost: other}
			by[name], groups = g, append(groups, g)
		}
		g.n++
		if p.Info != nil {
			g.measured = true
			g.in, g.out, g.rtt = g.in+p.Info.BytesReceived, g.out+p.Info.BytesAcked, max(g.rtt, p.Info.RTT)
		}
	}
	if len(groups) == 0 {
		return section{}, false
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return b.n - a.n })
	s := section{title: lang.XN("window.details.connected", "Connected ({{.Count}})", len(peers), map[string]any{"Count": len(peers)})}
	for i, g := range groups {
		if i == maxPeers {
			rest := 0
			for _, o := range groups[i:] {
				rest += o.n
			}
			s.lines = append(s.lines, andMore(rest))
			break
		}
		v := g.name
		if g.n > 1 {
			v += " ×" + strconv.Itoa(g.n)
		}
		s.lines = append(s.lines, line{value: v})
		if g.measured {
			s.lines = append(s.lines, line{color: theme.ColorMuted, value: lang.X("window.details.traffic", "{{.In}} in, {{.Out}} out, {{.RTT}} round trip",
				map[string]any{"In": bytes(g.in), "Out": bytes(g.out), "RTT": roundTrip(g.rtt)})})
		}
	}
	return s, true
}

func andMore(n int) line {
	return line{color: theme.ColorMuted, value: lang.XN("window.details.more_peers", "and {{.Count}} more", n, map[string]any{"Count": n})}
}

// maxPeers is how many peers are told of by name, maxOther how many other
// ports.
const maxPeers, maxOther = 8, 12

func far(remote netip.AddrPort) string { return remote.Addr().Unmap().String() }

// bytes writes a size in the largest unit in which it is at least one.
func bytes(n uint64) string {
	v, unit := float64(n), 0
	for v >= 1000 && unit < 4 {
		v, unit = v/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.3g %s", v, [...]string{"B", "kB", "MB", "GB", "TB"}[unit])
}

func roundTrip(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
}
