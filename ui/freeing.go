package ui

import (
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/freeing"
)

// ReportAttempt tells how freeing a port goes.
func (w *Window) ReportAttempt(a freeing.Attempt) { w.desk.Report(a) }

// attempted shows it wherever it is to be seen.
func (w *Window) attempted(id freeing.ID) {
	w.ports.Attempted()
	w.why.Attempt(id)
}

// SetHeld tells which ports are held for the user.
func (w *Window) SetHeld(h []freeing.Held) {
	w.desk.SetHeld(h)
	w.status.showHeld()
	w.ports.Attempted()
}

// ApplyDiagnosis answers Actions.Examine.
func (w *Window) ApplyDiagnosis(q doctor.Question, d *doctor.Diagnosis, err error) {
	w.why.Apply(q, d, err)
}

// Explain goes to the page that says why a port can't be had, and asks; port 0
// only goes there.
func (w *Window) Explain(port uint16, proto sockets.Proto) {
	w.show(pageWhy)
	if port == 0 {
		w.why.Focus()
		return
	}
	w.why.Ask(port, proto)
}

// FreeEndpoint frees an endpoint's port as the button in its details does, for
// somebody who saw that process hold it: if another has it now, the plan is
// shown. It reports whether there is such an endpoint.
func (w *Window) FreeEndpoint(k monitor.Key, seen process.Identity) bool {
	if !w.SelectEndpoint(k) {
		return false
	}
	e, ok := w.last.Endpoint(k)
	w.ports.Free(!ok || !e.HeldBy(seen))
	return true
}

// SetOrphans tells of servers that outlived what they were started from.
func (w *Window) SetOrphans(groups []monitor.OrphanGroup) {
	w.orphans = groups
	w.ports.SetOrphans(groups)
}
