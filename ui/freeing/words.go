package freeing

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/plain"
	pt "github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// maxSaid is how long a sentence with foreign names in it may become.
const maxSaid = 500

// sentence begins with a capital letter and is safe to show.
func sentence(s string) string { return plain.Sentence(s, maxSaid) }

// places names what is to become free: "port 3000, port 3001".
func (a *Attempt) places() string {
	if a.Plan == nil || len(a.Plan.Targets) == 0 {
		if a.Aim.Port != 0 {
			return view.PortName(a.Aim.Proto, a.Aim.Port)
		}
		return lang.X("window.free.its_ports", "its ports")
	}
	var names []string
	seen := map[string]bool{}
	for i := range a.Plan.Targets {
		t := &a.Plan.Targets[i]
		if n := view.PortName(t.Proto, t.Addr.Port()); !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// said is one sentence and how it is to be taken.
type said struct {
	text  string
	icon  pt.Icon
	color fyne.ThemeColorName
}

// tell says how far an attempt has come.
func (d *Desk) tell(e *entry) said {
	now := d.opt.Now()
	switch {
	case e.Phase == Planning:
		return said{lang.X("window.free.planning", "Looking who is concerned…"), "clock", pt.ColorMuted}
	case e.Phase == Waiting:
		return said{lang.X("window.free.waiting", "Waiting for your decision."), "clock", pt.ColorMuted}
	case e.Phase == Running && e.leaving:
		return said{lang.X("window.free.leaving", "Ending the grace time…"), "clock", pt.ColorMuted}
	case e.Asking:
		return said{lang.X("window.free.asking_rights", "Asked the system for permission to end it…"), "lock", pt.ColorMuted}
	case e.Phase == Running && e.Step.Stage == "":
		return said{sentence(view.Stage(free.Step{Stage: free.StageChecking})), "clock", pt.ColorMuted}
	case e.Phase == Running:
		return said{sentence(view.Stage(e.Step)), "clock", pt.ColorMuted}
	case e.Err != nil:
		return d.failed(e)
	case e.Final == nil:
		return said{}
	}
	f := *e.Final
	s := said{icon: "warning", color: theme.ColorNameWarning}
	switch f.Ending {
	case free.EndFreed:
		s.icon, s.color = "check", theme.ColorNameSuccess
	case free.EndLingering:
		s.icon, s.color = "check", theme.ColorNameSuccess
		if f.Wait > 0 {
			if f.Wait -= now.Sub(e.ended); f.Wait <= 0 {
				f.Ending = free.EndFreed
			} else {
				f.Wait = max(f.Wait.Round(time.Second), time.Second)
			}
		}
	case free.EndTakenBack, free.EndNotHeld, free.EndReserved:
		s.icon, s.color = "info", pt.ColorMuted
	case free.EndDenied:
		s.icon = "lock"
		f.Err = nil // "operation not permitted" says it once more
	}
	s.text = sentence(view.Ending(&f, e.places()))
	if d.holds(e.ID) {
		s.text += " · " + lang.X("window.free.held", "Portlight holds it for you")
		s.icon, s.color = "keep", theme.ColorNamePrimary
	}
	return s
}

// failed says why there is no ending.
func (d *Desk) failed(e *entry) said {
	s := said{icon: "warning", color: theme.ColorNameWarning}
	p := map[string]any{"Port": e.places()}
	var blocked *free.BlockedError
	switch {
	case errors.Is(e.Err, free.ErrNobody), errors.Is(e.Err, process.ErrGone):
		s.icon, s.color = "info", pt.ColorMuted
		s.text = lang.X("window.free.nobody", "nobody holds {{.Port}} any more: nothing was done", p)
	case errors.Is(e.Err, ErrGivenUp):
		s.icon, s.color = "info", pt.ColorMuted
		s.text = lang.X("window.free.given_up", "stopped in time: nothing was done")
	case errors.As(e.Err, &blocked):
		s.text = view.Blocked(&free.Choice{Blocked: blocked.Why, Protection: blocked.Protection})
	default:
		s.text = lang.X("window.free.failed", "{{.Port}} could not be freed: {{.Error}}", map[string]any{"Port": e.places(), "Error": e.Err.Error()})
	}
	s.text = sentence(s.text)
	return s
}

// next is a step that may follow.
type next struct {
	text   string
	icon   pt.Icon
	danger bool
	do     func()
}

// steps are the next steps of an attempt, the likeliest first.
func (d *Desk) steps(e *entry) []next {
	dontForce := next{lang.X("window.free.dont_force", "Don't force"), "close", false, func() { e.leaving = true; d.act.DontForce(e.ID); d.changed(e.ID) }}
	switch {
	case e.leaving, e.Asking && !e.CanStop:
		return nil
	case e.Asking:
		return []next{dontForce}
	case e.Phase == Running && e.Step.Stage == free.StageAsking:
		return []next{
			dontForce,
			{lang.X("window.free.force_now", "Force now"), "force", true, func() { e.leaving = true; d.act.ForceNow(e.ID); d.changed(e.ID) }},
		}
	case e.Phase == Done && errors.Is(e.Err, free.ErrNobody):
		return d.why(e)
	case e.Phase != Done || e.Final == nil:
		return nil
	}
	again := func(text string) next {
		return next{text, "stop", false, func() { d.again(e, false) }}
	}
	keep := next{lang.X("window.free.and_keep", "Free and keep it…"), "keep", false, func() { d.again(e, true) }}
	force := next{lang.X("window.free.force", "Force"), "force", true, func() {
		e.Again = false
		e.leaving = true
		d.act.Run(e.ID, free.Order{Choice: e.Choice, Force: true})
		d.changed(e.ID)
	}}
	if d.holds(e.ID) {
		return []next{{lang.X("window.free.release", "Release"), "keep", false, func() { d.act.Release(e.ID) }}}
	}
	switch f := e.Final; f.Ending {
	case free.EndTakenAgain:
		if f.By != nil {
			name := plain.Text(f.By.Name, 24)
			return []next{again(lang.X("window.free.stop_too", "Stop {{.Name}} too…", map[string]any{"Name": name})), keep}
		}
		return []next{again(lang.X("window.free.again", "Free it again…")), keep}
	case free.EndStillHeld:
		return []next{again(lang.X("window.free.those_too", "End those too…"))}
	case free.EndRunning, free.EndTakenBack:
		if e.Again {
			// Force isn't where "Don't force" was a moment ago.
			leave := next{lang.X("window.free.leave", "Leave it"), "close", false, func() { d.drop(e) }}
			return []next{leave, force}
		}
		if f.Ending == free.EndTakenBack {
			return nil
		}
		return []next{again(lang.X("window.free.once_more", "Try again…"))}
	case free.EndDenied:
		var out []next
		if e.Elevate {
			out = append(out, next{lang.X("window.free.permission", "Ask for permission…"), "lock", false, func() { d.act.AskPermission(e.ID, e.Choice) }})
		}
		if e.Command != "" {
			out = append(out, next{lang.X("window.free.copy_command", "Copy the command"), "copy", false, func() { d.opt.Copy(e.Command) }})
		}
		return out
	case free.EndNotHeld:
		return []next{again(lang.X("window.free.look_again", "Look again…"))}
	case free.EndUnproven:
		return d.why(e)
	}
	return nil
}

// why leads to the page that says why the port can't be had.
func (d *Desk) why(e *entry) []next {
	if d.opt.Why == nil || e.Aim.Port == 0 {
		return nil
	}
	proto := e.Aim.Proto
	if proto == 0 {
		proto = sockets.TCP
	}
	return []next{{lang.X("window.free.why", "Why can't I use it?"), "why", false, func() { d.opt.Why(e.Aim.Port, proto) }}}
}

// Does is what a button says that carries a choice out.
func Does(c *free.Choice) string {
	p := map[string]any{"Name": plain.Text(c.Name, 32), "Count": len(c.Victims)}
	switch {
	case c.Kind == free.KindUnit, c.Kind == free.KindContainer:
		return lang.X("window.free.do.stop", "Stop {{.Name}}", p)
	case len(c.Victims) > 1:
		return lang.XN("window.free.do.end_several", "End {{.Count}} processes", len(c.Victims), p)
	case c.Name == "":
		return lang.X("window.free.do.end", "End it")
	}
	return lang.X("window.free.do.end_name", "End {{.Name}}", p)
}

// riskIcon is a risk's sign.
func riskIcon(r free.Risk) pt.Icon {
	switch r {
	case free.RiskOtherUser:
		return "lock"
	case free.RiskOtherPorts:
		return "ports"
	case free.RiskRemoteClients:
		return "remote"
	case free.RiskService, free.RiskShares:
		return "system"
	case free.RiskContainer:
		return "container"
	case free.RiskSeveral:
		return "several"
	case free.RiskComesBack:
		return "again"
	case free.RiskForceOnly:
		return "force"
	case free.RiskUnseen:
		return "unknown"
	}
	return "warning"
}
