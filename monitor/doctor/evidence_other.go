//go:build !linux && !windows

package doctor

import (
	"context"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// readSystem takes closed connections from the table, without timers; such
// systems tell no more.
func (e *Evidence) readSystem(_ context.Context, q *Question) {
	for _, c := range e.Snapshot.Connections {
		if c.Proto == q.Proto && c.Local.Port() == q.Port && c.State == sockets.TimeWait {
			e.Lingering = append(e.Lingering, sockets.Lingering{Socket: c.Socket})
		}
	}
	if q.Reach {
		e.Barriers = boundNarrowly(e.endpointsOn(q))
	}
}
