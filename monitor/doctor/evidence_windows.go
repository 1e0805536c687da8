package doctor

import "context"

// readSystem takes what every system tells.
func (e *Evidence) readSystem(_ context.Context, q *Question) {
	if q.Reach {
		e.Barriers = boundNarrowly(e.endpointsOn(q))
	}
}
