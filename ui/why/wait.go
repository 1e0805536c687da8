package why

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/ui/view"
)

// waitFor looks again until the port can be had.
func (p *Page) waitFor() {
	p.waiting = true
	p.waitOn()
	p.draw()
}

const (
	shortWait = 3 * time.Second // where the kernel tells no time
	longWait  = time.Minute     // it may have been freed earlier
)

func (p *Page) waitOn() {
	d := p.diagnosis
	if d == nil || d.Cause == doctor.Free {
		p.waiting = false
		return
	}
	wait := d.Finding.Wait
	if wait <= 0 {
		wait = shortWait
	}
	p.retry = p.opt.Now().Add(min(wait, longWait))
	p.sayWait(wait)
}

func (p *Page) sayWait(left time.Duration) {
	text := lang.X("window.why.waiting", "Looking again in {{.Left}}.", map[string]any{"Left": view.Seconds(max(left.Round(time.Second), time.Second))})
	if p.wait.Text != text {
		p.wait.SetText(text)
	}
}
