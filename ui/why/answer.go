package why

import (
	"net/netip"
	"runtime"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	ftheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/parts"
	"github.com/portlight-app/portlight/ui/plain"
	"github.com/portlight-app/portlight/ui/theme"
	"github.com/portlight-app/portlight/ui/view"
)

// maxSaid is how long a line with foreign names in it may become.
const maxSaid = 400

// sentence begins with a capital letter and is safe to show.
func sentence(s string) string { return plain.Sentence(s, maxSaid) }

// sections lay an answer out.
func (p *Page) sections(d *doctor.Diagnosis) []fyne.CanvasObject {
	out := []fyne.CanvasObject{p.cause(d)}
	add := func(title string, lines ...fyne.CanvasObject) {
		if len(lines) > 0 {
			out = append(out, container.New(parts.Column{Gap: -4}, append([]fyne.CanvasObject{parts.Caption(title)}, lines...)...))
		}
	}
	add(lang.X("window.why.helps", "What helps"), p.remedies(d)...)
	add(lang.X("window.why.holders", "Held by"), p.holders(d)...)
	if d.Shadow != nil {
		add(lang.X("window.why.careful", "Careful"), parts.Marked("warning", ftheme.ColorNameWarning, sentence(view.ShadowText(d.Shadow))))
	}
	var lines []fyne.CanvasObject
	for i := range d.Notes {
		lines = append(lines, parts.Marked("info", theme.ColorMuted, said(view.Note(&d.Notes[i], d.Question), &d.Notes[i])))
	}
	add(lang.X("window.why.notes", "Besides"), lines...)
	lines = nil
	for _, b := range d.Barriers {
		icon, color := theme.Icon("warning"), ftheme.ColorNameWarning
		if !b.Certain {
			icon, color = "unknown", theme.ColorMuted
		}
		lines = append(lines, parts.Marked(icon, color, sentence(view.Barrier(b))))
	}
	if d.Reach && len(lines) == 0 {
		lines = append(lines, parts.Marked("check", ftheme.ColorNameSuccess, lang.X("window.why.no_barrier", "Nothing that could be read keeps others from connecting.")))
	}
	add(lang.X("window.why.others", "Others on the network"), lines...)
	add(lang.X("window.why.tried", "Tried"), tries(d))
	lines = nil
	for _, r := range d.Localhost {
		lines = append(lines, parts.Marked("loopback", theme.ColorMuted, sentence(view.Route(r))))
	}
	add("localhost", lines...)
	lines = nil
	for _, err := range d.Missing {
		lines = append(lines, parts.Marked("unknown", theme.ColorMuted, sentence(err.Error())))
	}
	add(lang.X("window.why.missing", "Could not be read"), lines...)
	return out
}

// cause is the answer in one sentence.
func (p *Page) cause(d *doctor.Diagnosis) fyne.CanvasObject {
	icon, color := theme.Icon("warning"), ftheme.ColorNameWarning
	switch d.Verdict {
	case doctor.CanHave:
		icon, color = "check", ftheme.ColorNameSuccess
	case doctor.CanNotTell:
		icon, color = "unknown", theme.ColorMuted
	}
	return parts.Heading(icon, color, said(view.Cause(d), &d.Finding))
}

// said is a sentence about a finding. It begins with a capital letter, unless
// that is a program's name.
func said(s string, f *doctor.Finding) string {
	if who := view.HolderNames(view.FindingHolders(f)); who != "" && len(s) >= len(who) && s[:len(who)] == who {
		return plain.Text(s, maxSaid)
	}
	return sentence(s)
}

// maxHolders is how many are listed.
const maxHolders = 6

func (p *Page) holders(d *doctor.Diagnosis) (lines []fyne.CanvasObject) {
	for i, h := range view.FindingHolders(&d.Finding) {
		if i == maxHolders {
			break
		}
		lines = append(lines, parts.Marked("app", theme.ColorMuted, plain.Text(view.ProcessLine(h.Process, d.Taken), maxSaid)))
	}
	if len(d.Finding.Endpoints) > 0 && p.opt.Select != nil {
		k := d.Finding.Endpoints[0].Key
		b := parts.NewQuiet(lang.X("window.why.show", "Show in the table"), "ports", func() { p.opt.Select(k) })
		lines = append(lines, container.NewHBox(b))
	}
	return lines
}

// remedies are what helps, each with what does it at the left.
func (p *Page) remedies(d *doctor.Diagnosis) (lines []fyne.CanvasObject) {
	words := view.Remedies(d)
	for i, r := range d.Remedies {
		w := words[i]
		var do *parts.Button
		command := ""
		switch r.Kind {
		case doctor.RemedyFree:
			do = parts.NewButton(lang.X("window.free.this", "Free this port"), "stop", p.Free)
			do.SetDrawing("stop", ftheme.ColorNameError)
		case doctor.RemedyWait:
			do = parts.NewButton(lang.X("window.why.wait", "Wait for it"), "clock", p.waitFor)
		case doctor.RemedyOtherPort:
			number := strconv.Itoa(int(r.Port))
			do = p.copies(lang.X("window.why.copy_port", "Copy {{.Port}}", map[string]any{"Port": number}), number)
		case doctor.RemedyCloseConn:
			if d.Finding.Client == nil {
				break
			}
			client := *d.Finding.Client
			do = parts.NewButton(lang.X("window.why.close_connection", "Close connection"), "close", func() { p.opt.Disconnect(client) })
		default:
			if command = w.Command; command != "" {
				if r.Admin && runtime.GOOS != "windows" && !process.Privileged() {
					command = "sudo " + command
				}
				do = p.copies(lang.X("window.why.copy", "Copy"), command)
			}
		}
		text := container.New(parts.Column{Gap: -10}, parts.Wrapped(sentence(w.Text), widget.MediumImportance))
		if command != "" {
			c := widget.NewLabelWithStyle(plain.Text(command, maxSaid), fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
			c.Wrapping = fyne.TextWrapBreak
			text.Add(c)
		}
		left := fyne.CanvasObject(parts.Muted(""))
		if do != nil {
			left = do
		}
		lines = append(lines, container.New(doing{}, left, text))
	}
	return lines
}

// copies is a button that puts a text on the clipboard, and says so.
func (p *Page) copies(label, text string) *parts.Button {
	var b *parts.Button
	b = parts.NewButton(label, "copy", func() {
		p.opt.Copy(text)
		b.SetDrawing("check", ftheme.ColorNameSuccess)
		b.SetText(lang.X("window.why.copied", "Copied"))
	})
	return b
}

// Free frees what was asked about.
func (p *Page) Free() {
	var shown []monitor.Endpoint
	if p.diagnosis != nil {
		shown = p.diagnosis.Finding.Endpoints
	}
	p.attempt = p.opt.Desk.FreeAim(free.Aim{Port: p.question.Port, Proto: p.question.Proto, Addr: p.aimed()}, shown, false)
	p.draw()
}

// aimed is the address to be freed: the one asked for, if that is what is in
// the way.
func (p *Page) aimed() netip.Addr {
	d := p.diagnosis
	if d == nil || !p.question.Addr.IsValid() {
		return netip.Addr{}
	}
	for i := range d.Finding.Endpoints {
		if d.Finding.Endpoints[i].Addr.Addr() == p.question.Addr {
			return p.question.Addr
		}
	}
	return netip.Addr{}
}

// tries is the evidence as a table: of each address what became of each
// manner of binding it.
func tries(d *doctor.Diagnosis) fyne.CanvasObject {
	manners := []bind.Manner{bind.Server, bind.Plain, bind.Exclusive}
	manners = slices.DeleteFunc(manners, func(m bind.Manner) bool {
		return !slices.ContainsFunc(d.Tries, func(t bind.Try) bool { return t.Manner == m })
	})
	type place struct {
		addr netip.Addr
		dual bool
	}
	var order []place
	by := map[place]map[bind.Manner]bind.Try{}
	for _, t := range d.Tries {
		at := place{t.Addr.Addr(), t.Manner == bind.Dual}
		if by[at] == nil {
			by[at] = map[bind.Manner]bind.Try{}
			order = append(order, at)
		}
		by[at][t.Manner] = t
	}
	grid := container.New(tableLayout{len(manners) + 1})
	cell := func(o fyne.CanvasObject) { grid.Add(o) }
	cell(parts.Muted(lang.X("window.why.address", "Address")))
	for _, m := range manners {
		cell(parts.Muted(manner(m)))
	}
	for _, at := range order {
		name := at.addr.String()
		if at.dual {
			name = lang.X("window.why.both_families", "{{.Address}} and IPv4", map[string]any{"Address": name})
		}
		cell(widget.NewLabelWithStyle(name, fyne.TextAlignLeading, fyne.TextStyle{Monospace: true}))
		for i, m := range manners {
			if at.dual && i == 0 {
				m = bind.Dual
			}
			t, ok := by[at][m]
			if !ok {
				cell(parts.Muted("–"))
				continue
			}
			icon, color := theme.Icon("close"), ftheme.ColorNameWarning
			switch t.Code {
			case bind.OK:
				icon, color = "check", ftheme.ColorNameSuccess
			case bind.NotLocal, bind.NoFamily:
				icon, color = "info", theme.ColorMuted
			}
			cell(parts.Marked(icon, color, view.TryCode(t.Code)))
		}
	}
	return grid
}

func manner(m bind.Manner) string {
	switch m {
	case bind.Server:
		return lang.X("window.why.as_servers", "As servers do")
	case bind.Plain:
		return lang.X("window.why.plainly", "Without options")
	}
	return lang.X("window.why.exclusively", "Exclusively")
}

// doing sets what is done beside what it is for.
type doing struct{}

const doingWidth = 170

func (doing) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(doingWidth+200, max(o[0].MinSize().Height+10, o[1].MinSize().Height))
}

func (doing) Layout(o []fyne.CanvasObject, s fyne.Size) {
	m := o[0].MinSize()
	o[0].Move(fyne.NewPos(4, 2))
	o[0].Resize(fyne.NewSize(min(max(m.Width, 0), doingWidth-8), m.Height))
	o[1].Move(fyne.NewPos(doingWidth, 0))
	o[1].Resize(fyne.NewSize(s.Width-doingWidth, s.Height))
}

// tableLayout is a small table, its lines near to each other.
type tableLayout struct{ columns int }

const (
	tableColumn  = 190
	tableTighter = 10
)

func (l tableLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	rows := (len(o) + l.columns - 1) / l.columns
	h := widget.NewLabel("").MinSize().Height - tableTighter
	return fyne.NewSize(float32(l.columns)*tableColumn, float32(rows)*h+tableTighter)
}

func (l tableLayout) Layout(o []fyne.CanvasObject, _ fyne.Size) {
	full := widget.NewLabel("").MinSize().Height
	for i, c := range o {
		c.Move(fyne.NewPos(float32(i%l.columns)*tableColumn, float32(i/l.columns)*(full-tableTighter)))
		c.Resize(fyne.NewSize(tableColumn, full))
	}
}
