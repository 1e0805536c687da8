package details

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/view"
)

// progress is the part of the pane that says how a kill goes.
type progress struct {
	box   *fyne.Container
	text  *widget.Label
	bar   *widget.ProgressBar
	force *parts.Button
}

func newProgress(force func(), keys func(fyne.KeyName)) progress {
	p := progress{text: widget.NewLabel(""), bar: widget.NewProgressBar()}
	p.text.Wrapping = fyne.TextWrapWord
	p.bar.TextFormatter = func() string { return "" }
	p.force = parts.NewDanger(lang.X("window.kill.force", "Force…"), "force", force)
	p.force.Key = keys
	p.box = container.New(tight{}, inset(p.text), pad(container.New(slim{}, p.bar), 8), pad(container.New(pack{}, p.force), 8))
	p.box.Hide()
	return p
}

// slim makes a progress bar a line.
type slim struct{}

func (slim) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(60, 5) }
func (slim) Layout(o []fyne.CanvasObject, s fyne.Size) {
	for _, o := range o {
		o.Resize(s)
	}
}

// ReportKill tells how a kill goes, whichever row is shown.
func (p *Pane) ReportKill(k KillProgress) {
	p.kills[k.Target.Process] = k
	p.Tick()
}

// reported returns the progress of the kill of one of the holders.
func (p *Pane) reported() (KillProgress, bool) {
	for _, h := range Holders(&p.row) {
		if k, ok := p.kills[h.Identity]; ok {
			return k, true
		}
	}
	return KillProgress{}, false
}

// drawKill shows the button or the progress.
func (p *Pane) drawKill() {
	if !p.shown {
		return
	}
	hs := Holders(&p.row)
	p.kill.Hidden = len(hs) == 0 || p.row.Endpoint == nil
	color := theme.ColorNameError
	enabled := !p.gone && p.blocked() == ""
	k, ok := p.reported()
	if ok && (k.Phase == KillStopping || k.Phase == KillStillRunning) {
		enabled = false
	}
	if !enabled {
		color = theme.ColorNameDisabled
	}
	p.kill.SetDrawing("stop", color)
	if enabled {
		p.kill.Enable()
	} else {
		p.kill.Disable()
	}
	text, warn := p.blocked(), false
	if ok {
		text = KillText(k)
		warn = k.Phase == KillFailed || k.Phase == KillEndedHeld || k.Phase == KillStillRunning
	}
	set(p.progress.text, text)
	importance := widget.LowImportance
	switch {
	case warn:
		importance = widget.WarningImportance
	case ok && k.Phase == KillEnded:
		importance = widget.SuccessImportance
	}
	if p.progress.text.Importance != importance {
		p.progress.text.Importance = importance
		p.progress.text.Refresh()
	}
	p.bar.Hidden = !ok || k.Phase != KillStopping || k.Grace <= 0
	if !p.bar.Hidden {
		p.bar.SetValue(min(float64(k.Elapsed)/float64(k.Grace), 1))
	}
	p.force.Hidden = !ok || k.Phase != KillStillRunning
	p.progress.box.Hidden = text == ""
	p.reshape()
}

// blocked says why none of the holders can be ended, "" if one can.
func (p *Pane) blocked() string {
	hs := Holders(&p.row)
	if len(hs) == 0 || p.row.Endpoint == nil {
		return ""
	}
	reason := process.Protection("")
	for _, h := range hs {
		if reason = p.opt.Protected(h.Process); reason == "" {
			return ""
		}
	}
	return lang.X("window.kill.protected", "It can't be ended from here. {{.Why}}", map[string]any{"Why": view.Protection(reason)})
}

// KillText says in a sentence how far a kill has come.
func KillText(k KillProgress) string {
	d := map[string]any{"Name": plain.Text(k.Target.Name, 60), "PID": k.Target.Process.PID, "Port": k.Target.Key.Addr.Port(),
		"Seconds": int(k.Elapsed / time.Second), "Grace": int(k.Grace / time.Second)}
	switch k.Phase {
	case KillStopping:
		return lang.X("window.kill.stopping", "{{.Name}} was asked to end, {{.Seconds}} s ago…", d)
	case KillStillRunning:
		return lang.X("window.kill.running", "{{.Name}} is still running after {{.Seconds}} s.", d)
	case KillEnded:
		return lang.X("window.kill.ended", "{{.Name}} has ended and port {{.Port}} is free.", d)
	case KillEndedHeld:
		return lang.X("window.kill.held", "{{.Name}} has ended, but port {{.Port}} is held again.", d)
	}
	switch {
	case errors.Is(k.Err, process.ErrGone):
		return lang.X("window.kill.gone", "{{.Name}} (PID {{.PID}}) had ended already, or holds the port no more. Nothing was signalled.", d)
	case errors.Is(k.Err, process.ErrDenied):
		return lang.X("window.kill.denied", "The system doesn't let this user end {{.Name}}. Run Portlight as administrator or root.", d)
	case errors.Is(k.Err, process.ErrProtected):
		return lang.X("window.kill.refused", "{{.Name}} is never ended by Portlight.", d)
	case k.Err != nil:
		d["Err"] = k.Err.Error()
		return lang.X("window.kill.failed", "{{.Name}} could not be ended: {{.Err}}", d)
	}
	return lang.X("window.kill.failed_plain", "{{.Name}} could not be ended.", d)
}

// askKill asks which holder is meant, if there are several, and whether to end
// it.
func (p *Pane) askKill() {
	if p.row.Endpoint == nil {
		return
	}
	var items []*fyne.MenuItem
	var only *monitor.Holder
	for i := range p.row.Endpoint.Holders {
		h := &p.row.Endpoint.Holders[i]
		if p.opt.Protected(h.Process) != "" {
			continue
		}
		if only == nil {
			only = h
		}
		items = append(items, fyne.NewMenuItem(plain.Text(h.Name, 60)+" · PID "+strconv.Itoa(int(h.PID)), func() { p.Confirm(p.row, h, false) }))
	}
	switch len(items) {
	case 0:
	case 1:
		p.Confirm(p.row, only, false)
	default:
		menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.opt.Canvas())
		menu.ShowAtRelativePosition(fyne.NewPos(0, p.kill.Size().Height), p.kill)
		p.opt.Canvas().Focus(menu)
	}
}

// Ask asks whether to end the row's processes, as the pane's button does.
func (p *Pane) Ask() {
	if p.shown && !p.gone && !p.kill.Disabled() {
		p.askKill()
	}
}

func (p *Pane) askForce() {
	k, ok := p.reported()
	if !ok {
		return
	}
	for i := range p.row.Endpoint.Holders {
		if h := &p.row.Endpoint.Holders[i]; h.Identity == k.Target.Process {
			p.Confirm(p.row, h, true)
			return
		}
	}
}

// Confirm asks whether to end a holder of the row, saying exactly which
// process that is and which other ports go with it.
func (p *Pane) Confirm(row view.Row, h *monitor.Holder, force bool) *parts.Confirmation {
	t := Target{Process: h.Identity, Name: h.Name, Key: row.Endpoint.Key}
	also := heldWith(p.snapshot, row.Endpoint, []monitor.Holder{*h})
	q := question(h, t.Key, also, force, p.opt.Now())
	return parts.Ask(p.opt.Canvas(), q, func() {
		// Shown at once; the app reports from now on.
		p.kills[t.Process] = KillProgress{Target: t, Phase: KillStopping}
		p.drawKill()
		if force {
			p.act.Force(t)
		} else {
			p.act.Stop(t)
		}
	})
}

func question(h *monitor.Holder, key monitor.Key, also []monitor.Key, force bool, now time.Time) parts.Question {
	d := map[string]any{"Name": plain.Text(h.Name, 60), "Port": key.Addr.Port()}
	q := parts.Question{
		Icon:   "stop",
		Title:  lang.X("window.kill.title", "End {{.Name}}, which holds port {{.Port}}?", d),
		Do:     lang.X("window.kill.do", "End process"),
		Cancel: lang.X("window.cancel", "Cancel"),
		Danger: true,
	}
	add := func(label, value string) {
		if value != "" {
			q.Facts = append(q.Facts, [2]string{label, plain.Text(value, 300)})
		}
	}
	add(lang.X("window.details.process", "Process"), h.Name)
	add(lang.X("window.details.pid", "PID"), strconv.Itoa(int(h.PID)))
	add(lang.X("window.details.command", "Command"), h.CommandLine())
	add(lang.X("window.details.user", "User"), h.User)
	if !h.Started.IsZero() {
		add(lang.X("window.details.started", "Started"), Clock(h.Started, now)+" · "+ago(now.Sub(h.Started)))
	}
	var warnings []string
	if force {
		q.Icon = "force"
		q.Title = lang.X("window.kill.title_force", "Force {{.Name}} to end?", d)
		q.Do = lang.X("window.kill.do_force", "Force")
		warnings = append(warnings, lang.X("window.kill.unsaved", "It gets no chance to save anything or to clean up."))
	}
	if h.Unit != "" {
		warnings = append(warnings, lang.X("window.kill.unit", "It belongs to the service {{.Unit}}, which may start it again.", map[string]any{"Unit": h.Unit}))
	}
	if n := len(also); n > 0 {
		shown := also[:min(n, 6)]
		list := strings.ReplaceAll(addresses(shown), "\n", ", ")
		if n > len(shown) {
			list += " …"
		}
		warnings = append(warnings, lang.XN("window.kill.also", "{{.Count}} other ports close with it: {{.List}}", n, map[string]any{"Count": n, "List": list}))
	}
	q.Warning = strings.Join(warnings, "\n")
	return q
}

// Forceable reports whether force is offered.
func (p *Pane) Forceable() bool { return p.shown && p.progress.box.Visible() && p.force.Visible() }

// AskForce asks whether to force the process that was asked to end, if that is
// offered.
func (p *Pane) AskForce() {
	if p.Forceable() {
		p.askForce()
	}
}

// Note returns what is said about the row, "" if nothing is.
func (p *Pane) Note() string { return p.notice.Text() }
