package cli

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/ui/view"
)

func newDoctor(env *Env) *cobra.Command {
	var address, proto string
	var q doctor.Question
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor PORT [--address A] [--proto tcp|udp] [--reach] [--probe] [--json]",
		Short: lang.X("cli.doctor.short", "Tell why a program can't have a port"),
		Long: lang.X("cli.doctor.long", "Tell why a program can't have a port. It is really bound for an instant, as servers\ndo and without options, at 127.0.0.1, 0.0.0.0, ::1 and ::, or at one address; then\none cause is named, with what shows it and what helps. Nothing is sent, but with --probe.") +
			"\n\n" + lang.X("cli.doctor.exit", "Exit codes: 0 it can be had, if only by programs that set SO_REUSEADDR; 2 it can't;\n1 that could not be told. With several addresses it can be had if every address that\nexists here can: one that is missing, such as ::1 without IPv6, doesn't count."),
		Example:               "  portlight doctor 3000\n  portlight doctor 80 --address 0.0.0.0\n  portlight doctor 8080 --reach\n  portlight doctor 53 --proto udp --json",
		ValidArgsFunction:     completePort(env),
		Annotations:           ownExitCodes(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if q.Port, err = onePort(args); err != nil {
				return err
			}
			if q.Proto, err = parseProto(proto); err != nil {
				return err
			}
			if q.Addr, err = parseAddress(address); err != nil {
				return err
			}
			return diagnose(cmd.Context(), env, q, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&address, "address", "", lang.X("cli.flag.address", "the address `A` that the program binds; otherwise the usual four"))
	f.StringVar(&proto, "proto", "tcp", lang.X("cli.flag.proto", "the protocol: `tcp|udp`"))
	f.BoolVar(&q.Reach, "reach", false, lang.X("cli.flag.reach", "also tell why others can't connect to what listens there"))
	f.BoolVar(&q.Probe, "probe", false, lang.X("cli.flag.probe", "connect, to see what localhost reaches; the listener notices"))
	f.BoolVar(&asJSON, "json", false, lang.X("cli.flag.json", "print JSON (docs/json.md)"))
	f.SortFlags = false
	_ = cmd.RegisterFlagCompletionFunc("proto", protos) // fails for unknown flags only
	return cmd
}

func diagnose(ctx context.Context, env *Env, q doctor.Question, asJSON bool) error {
	d, err := env.Engine.Examine(ctx, q)
	if err != nil {
		return err
	}
	if asJSON {
		err = export.WriteDiagnosis(env.Stdout, d)
	} else {
		err = env.diagnosis(d).print(env.Stdout)
	}
	switch {
	case err != nil:
		return err
	case d.Verdict == doctor.CanHave:
		return nil
	case d.Verdict == doctor.CanNotHave:
		return errNothing
	}
	if asJSON {
		return exit(ExitError)
	}
	return errors.New(lang.X("cli.doctor.unknown", "whether it can be had could not be told"))
}

// diagnosis lays a diagnosis out.
func (e *Env) diagnosis(d *doctor.Diagnosis) *page {
	p := e.page()
	p.headline(view.Cause(d))
	p.facts("  ", view.Evidence(d))
	e.remedies(p, view.Remedies(d))
	var notes []view.Fact
	label := lang.X("cli.doctor.note", "also")
	for i := range d.Notes {
		notes = append(notes, view.Fact{Label: label, Text: view.Note(&d.Notes[i], d.Question)})
		label = ""
	}
	p.facts("", notes)
	return p
}

// remedies lists what helps: commands stand first, to be copied, and are
// never broken into lines.
func (e *Env) remedies(p *page, rs []view.Remedy) {
	if len(rs) == 0 {
		return
	}
	p.text("", "", lang.X("cli.doctor.fix", "to fix it:"))
	commands := make([]string, len(rs))
	widest := 0
	for i, r := range rs {
		commands[i] = e.command(r)
		if w := width(commands[i]); w <= maxCommand {
			widest = max(widest, w)
		}
	}
	for i, r := range rs {
		c := commands[i]
		switch {
		case c == "":
			p.text("  ", "", r.Text)
		case width(c) > maxCommand:
			p.b.WriteString("  " + p.colour.paint(cyan, c) + "\n")
			p.text("      ", dim, r.Text)
		default:
			before := "  " + pad(c, widest, false) + "  "
			rest := p.width - width(before)
			for j, line := range wrap(escape(r.Text), rest) {
				if j == 0 {
					p.b.WriteString("  " + p.colour.paint(cyan, pad(c, widest, false)) + "  ")
				} else {
					p.b.WriteString(pad("", width(before), false))
				}
				p.b.WriteString(p.colour.paint(dim, line) + "\n")
			}
		}
	}
}

// maxCommand is the longest command beside which its explanation stands.
const maxCommand = 44

// command is a remedy's line for a shell.
func (e *Env) command(r view.Remedy) string {
	c := escape(r.Command)
	if r.Admin && !e.Root && !e.Windows && c != "" {
		if ours, ok := strings.CutPrefix(c, "portlight "); ok && e.Program != "" {
			c = e.Program + " " + ours // root's PATH is another
		}
		c = "sudo " + c
	}
	return c
}
