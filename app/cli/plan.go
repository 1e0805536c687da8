package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/ui/view"
)

// plan lays a plan out: who holds what, and the choices, the chosen one
// marked.
func (e *Env) plan(plan *free.Plan, chosen int, all bool) *page {
	p := e.page()
	for i := range plan.Targets {
		t := &plan.Targets[i]
		f := doctor.Finding{Cause: doctor.Held, Endpoints: plan.Targets[i : i+1]}
		if len(t.Holders) == 0 && t.Owner != monitor.OwnerKernel {
			f.Cause = doctor.HeldHidden
		}
		p.headline(view.Finding(&f, doctor.Question{Port: t.Addr.Port(), Proto: t.Proto}))
	}
	for i := range plan.Choices {
		if !all && i != chosen {
			continue
		}
		c := &plan.Choices[i]
		before := "   "
		if i == chosen {
			before = " → "
		}
		indent := "     "
		if all && len(plan.Choices) > 1 {
			before += strconv.Itoa(i+1) + "  "
			indent = "        "
		}
		st := bold
		if c.Blocked != "" {
			st = dim
		}
		p.text(before, st, view.ChoiceTitle(c))
		p.facts(indent, choiceFacts(plan, c, i == 0))
	}
	return p
}

func choiceFacts(plan *free.Plan, c *free.Choice, recommended bool) []view.Fact {
	var facts []view.Fact
	add := func(label string, texts ...string) {
		for _, s := range texts {
			if s != "" {
				facts = append(facts, view.Fact{Label: label, Text: s})
				label = ""
			}
		}
	}
	if recommended && c.Blocked == "" {
		add(lang.X("cli.plan.because", "because"), view.Reason(c))
	}
	var ends []string
	for i, v := range c.Victims {
		if i == maxPeers {
			ends = append(ends, lang.XN("cli.who.more_peers", "and {{.Count}} more", len(c.Victims)-i, map[string]any{"Count": len(c.Victims) - i}))
			break
		}
		ends = append(ends, view.ProcessLine(v.Process, plan.Made))
	}
	add(lang.X("cli.plan.ends", "ends"), ends...)
	if !slices.Contains(c.Risks, free.RiskOtherPorts) { // which names them
		add(lang.X("cli.plan.also", "also frees"), view.KeyNames(c.Also))
	}
	add(lang.X("cli.plan.clients", "clients"), view.Clients(c))
	add(lang.X("cli.plan.risk", "careful"), view.Risks(c)...)
	add(lang.X("cli.plan.blocked", "can't be"), view.Blocked(c))
	return facts
}

// mayAsk reports whether there is somebody to ask.
func (e *Env) mayAsk() bool { return e.StdinTerminal && e.StderrTerminal && e.Stdin != nil }

// errNo is the answer no.
var errNo = errors.New("no")

// ask asks which choice to take, and returns its index. What concerns others
// more than the user is asked for by name.
func (k *killing) ask(ctx context.Context, plan *free.Plan, chosen int) (int, error) {
	no := errors.New(lang.X("cli.ask.no", "nothing was done"))
	var open []string
	for i := range plan.Choices {
		if plan.Choices[i].Blocked == "" {
			open = append(open, strconv.Itoa(i+1))
		}
	}
	d := map[string]any{"Choices": strings.Join(open, ", "), "Chosen": chosen + 1}
	blocked := plan.Choices[chosen].Blocked != ""
	for asked := false; len(open) > 1 || blocked || !view.Grave(&plan.Choices[chosen]); asked = true {
		question := lang.X("cli.ask.yes", "Go on? y/N")
		switch {
		case blocked:
			question = lang.X("cli.ask.which", "Which? {{.Choices}}, or N for none", d)
		case len(open) > 1:
			question = lang.X("cli.ask.which_or_yes", "Which? {{.Choices}}, y for {{.Chosen}}, or N for none", d)
		}
		answer, err := k.answer(ctx, question)
		if err != nil {
			return 0, no
		}
		switch {
		case yes(answer) && !blocked:
			return chosen, k.byName(ctx, &plan.Choices[chosen], no)
		case answer == "" || slices.Contains([]string{"n", "no", "否"}, strings.ToLower(answer)):
			return 0, no
		}
		if slices.Contains(open, answer) {
			n, _ := strconv.Atoi(answer)
			return n - 1, k.byName(ctx, &plan.Choices[n-1], no)
		}
		if asked {
			return 0, no
		}
	}
	return chosen, k.byName(ctx, &plan.Choices[chosen], no)
}

// yes reports whether an answer agrees.
func yes(answer string) bool {
	return slices.Contains([]string{"y", "yes", "是"}, strings.ToLower(answer))
}

// byName has a grave choice's name typed: nobody does that by habit.
func (k *killing) byName(ctx context.Context, c *free.Choice, no error) error {
	if !needsName(c) {
		return nil
	}
	name := escape(c.Name)
	answer, err := k.answer(ctx, lang.X("cli.ask.name", "To go on, type its name ({{.Name}})", map[string]any{"Name": name}))
	if err != nil || answer != name {
		return no
	}
	return nil
}

func needsName(c *free.Choice) bool { return view.Grave(c) && escape(c.Name) != "" }

// answer asks on the terminal and returns the line typed.
func (k *killing) answer(ctx context.Context, question string) (string, error) {
	if k.answers == nil {
		k.answers = bufio.NewReader(k.env.Stdin)
	}
	_, _ = io.WriteString(k.env.Stderr, question+": ")
	type line struct {
		text string
		err  error
	}
	typed := make(chan line, 1)
	go func() { // reading a terminal can't be interrupted; the program ends
		s, err := k.answers.ReadString('\n')
		typed <- line{s, err}
	}()
	select {
	case <-ctx.Done():
		_, _ = io.WriteString(k.env.Stderr, "\n")
		return "", ctx.Err()
	case l := <-typed:
		if l.err != nil && l.text == "" {
			_, _ = io.WriteString(k.env.Stderr, "\n")
			return "", errNo
		}
		return strings.TrimSpace(l.text), nil
	}
}
