package free

import (
	"context"
	"fmt"
	"time"
)

// Prove says what came of the targets without ending anybody: for somebody who
// asked a victim to end in an earlier run, was not told of its end there, and
// finds that the holder has gone. began is when that was.
func (p *Plan) Prove(ctx context.Context, o Order, began time.Time, step func(Step)) (Final, error) {
	if o.Choice < 0 || o.Choice >= len(p.Choices) || p.held == nil {
		return Final{}, fmt.Errorf("choice %d of %d: %w", o.Choice, len(p.Choices), errNoChoice)
	}
	if step == nil {
		step = func(Step) {}
	}
	r := &run{plan: p, choice: &p.Choices[o.Choice], order: o, tell: step, began: began, sent: true, before: p.Targets}
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	return r.final(r.prove(ctx)), nil
}
