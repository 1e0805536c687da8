package notify

// relay hands toasts to the window library, which knows the system's
// notifications from Objective-C. Clicks don't come back from there.
type relay struct {
	queue
	opt Options
}

func newNotifier(opt Options) Notifier {
	r := &relay{newQueue(), opt}
	go r.run()
	return r
}

func (r *relay) run() {
	defer close(r.ended)
	for {
		select {
		case <-r.ctx.Done():
			return
		case t := <-r.toasts:
			if r.opt.Send != nil {
				r.opt.Send(inert(t.Title), inert(t.Body))
			}
		}
	}
}
