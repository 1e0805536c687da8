package freeing

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// Options are what a desk needs besides Actions.
type Options struct {
	Now    func() time.Time
	Canvas func() fyne.Canvas
	// Copy puts text on the clipboard.
	Copy func(string)
	// Why goes to the page that says why a port can't be had.
	Why func(uint16, sockets.Proto)
	// Changed is called when an attempt has come further.
	Changed func(ID)
}

// Desk keeps the window's attempts and asks what has to be asked. There is one
// in a window.
type Desk struct {
	act     Actions
	opt     Options
	last    ID
	list    []*entry // oldest first
	plan    *planSheet
	orphans *orphanSheet
	held    []Held
}

// entry is an attempt and what the window alone knows of it.
type entry struct {
	Attempt
	seen    []process.Identity // who was shown as its holders
	key     monitor.Key        // the row it was asked for at, if it was one
	quiet   bool               // somebody else shows its plan
	hold    bool               // the port is to be kept afterwards, if asked
	leaving bool               // the grace time was ended, no answer yet
	ended   time.Time          // when it was Done
	instead ID                 // the attempt that this one goes on from
}

// NewDesk returns an empty desk.
func NewDesk(act Actions, opt Options) *Desk { return &Desk{act: act, opt: opt} }

// maxKept is how many attempts that are over are remembered.
const maxKept = 64

// begin starts an attempt.
func (d *Desk) begin(e *entry, ask bool) ID {
	for _, old := range d.list {
		if old.Phase == Done && old.Again && old.Aim == e.Aim {
			d.discard(old)
		}
	}
	d.last++
	e.ID, e.Phase = d.last, Planning
	d.list = append(d.list, e)
	if len(d.list) > maxKept {
		i := slices.IndexFunc(d.list, func(e *entry) bool { return e.Phase == Done && !e.Again })
		if i >= 0 {
			d.list = slices.Delete(d.list, i, i+1)
		}
	}
	d.act.Free(e.ID, e.Aim, e.seen, ask)
	d.changed(e.ID)
	return e.ID
}

// Free frees the port of a row; with ask the plan is shown whatever it says.
func (d *Desk) Free(s *monitor.Snapshot, at *monitor.Endpoint, ask bool) ID {
	if e := d.For(at.Key); e != nil && e.busy() {
		return e.ID
	}
	return d.begin(&entry{Attempt: Attempt{Aim: AimAt(s, at)}, seen: seenAt(at), key: at.Key}, ask)
}

// FreeAim frees whatever is aimed at, which the endpoints were shown for.
func (d *Desk) FreeAim(aim free.Aim, shown []monitor.Endpoint, ask bool) ID {
	e := &entry{Attempt: Attempt{Aim: aim}}
	for i := range shown {
		e.seen = append(e.seen, seenAt(&shown[i])...)
	}
	return d.begin(e, ask)
}

// busy reports whether an attempt is not over yet.
func (e *entry) busy() bool { return e.Phase != Done }

// again begins a new attempt at the same place, and shows its plan.
func (d *Desk) again(e *entry, hold bool) ID {
	d.discard(e)
	aim := e.Aim
	if aim.Port == 0 && e.Plan != nil && len(e.Plan.Targets) > 0 {
		aim.Port = e.Plan.Targets[0].Addr.Port()
	}
	if e.Final != nil && len(e.Final.Holders) > 0 {
		aim.Process = process.Identity{} // somebody else has it now
		if e.Final.By != nil && !hold {  // who finds the port held gives up
			aim.Restarter = e.Final.By.Identity
		}
	}
	return d.begin(&entry{Attempt: Attempt{Aim: aim}, key: e.key, hold: hold, instead: e.ID}, true)
}

// Report takes in how an attempt goes.
func (d *Desk) Report(a Attempt) {
	e := d.entry(a.ID)
	if e == nil {
		return // forgotten meanwhile
	}
	was := e.Phase
	e.Attempt = a
	switch {
	case a.Phase == Done && was != Done:
		e.ended, e.leaving = d.opt.Now(), false
	case a.Phase == Running && a.Step.Stage != free.StageAsking && !a.Asking:
		e.leaving = false
	case a.Phase == Waiting && was == Planning && !e.quiet:
		d.plan = d.show(e)
	}
	d.changed(a.ID)
}

func (d *Desk) changed(id ID) {
	if s := d.orphans; s != nil {
		s.changed()
	}
	if d.opt.Changed != nil {
		d.opt.Changed(id)
	}
}

func (d *Desk) entry(id ID) *entry {
	i := slices.IndexFunc(d.list, func(e *entry) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return d.list[i]
}

// discard lets go of what an attempt holds.
func (d *Desk) discard(e *entry) {
	e.Again = false
	d.act.Discard(e.ID)
}

// drop forgets an attempt that the user thought better of.
func (d *Desk) drop(e *entry) {
	d.discard(e)
	d.list = slices.DeleteFunc(d.list, func(o *entry) bool { return o == e })
	d.changed(e.ID)
}

// For returns the latest attempt that is about an endpoint, nil if there is
// none.
func (d *Desk) For(k monitor.Key) *entry {
	for _, e := range slices.Backward(d.list) {
		if e.quiet {
			continue
		}
		if e.key == k || e.Plan != nil && slices.ContainsFunc(e.Plan.Targets, func(t monitor.Endpoint) bool { return t.Key == k }) {
			return e
		}
	}
	return nil
}

// Proves reports whether an attempt says of an endpoint that it is free now.
func (d *Desk) Proves(k monitor.Key) bool {
	e := d.For(k)
	return e != nil && e.proven()
}

func (e *entry) proven() bool {
	return e.Phase == Done && e.Final != nil && (e.Final.Ending == free.EndFreed || e.Final.Ending == free.EndLingering)
}

// Taken says that somebody holds an endpoint anew, as a reading of that time
// showed: what was said of it being free is no longer so.
func (d *Desk) Taken(k monitor.Key, at time.Time) {
	if e := d.For(k); e != nil && e.proven() && at.After(e.ended) && !d.holds(e.ID) {
		d.list = slices.DeleteFunc(d.list, func(o *entry) bool { return o == e })
		d.changed(e.ID)
	}
}

// SetHeld tells which ports are held for the user now.
func (d *Desk) SetHeld(h []Held) { d.held = h }

// Held returns them.
func (d *Desk) Held() []Held { return d.held }

func (d *Desk) holds(id ID) bool {
	return slices.ContainsFunc(d.held, func(h Held) bool { return h.ID == id })
}

// Release lets go of a port.
func (d *Desk) Release(id ID) { d.act.Release(id) }

// Follows returns the attempt that was begun in place of another, 0 if none
// was.
func (d *Desk) Follows(id ID) ID {
	for _, e := range d.list {
		if e.instead == id {
			return e.ID
		}
	}
	return 0
}

// Over reports whether an attempt has ended.
func (d *Desk) Over(id ID) bool {
	e := d.entry(id)
	return e != nil && e.Phase == Done
}
