package freeing

// State is what the window shows of freeing, as values: for tests of the built
// program and for bug reports.
type State struct {
	Attempts []AttemptState `json:"attempts"` // the latest last
	Plan     *PlanState     `json:"plan"`     // the one that is asked about
	Holding  []uint16       `json:"holding"`
}

// AttemptState is one attempt.
type AttemptState struct {
	ID     ID       `json:"id"`
	Port   int      `json:"port"`
	Phase  Phase    `json:"phase"`
	Stage  string   `json:"stage"`
	Ending string   `json:"ending"`
	Forced bool     `json:"forced"`
	Took   float64  `json:"took_s"`
	Text   string   `json:"text"`
	Steps  []string `json:"steps"`
}

// PlanState is a plan on the screen.
type PlanState struct {
	Choices []ChoiceState `json:"choices"`
	Chosen  int           `json:"chosen"`
	Button  string        `json:"button"`
	Armed   bool          `json:"armed"`
	Name    string        `json:"name"` // to be typed, "" if none is
}

// ChoiceState is one choice of it.
type ChoiceState struct {
	Kind    string   `json:"kind"`
	Title   string   `json:"title"`
	Why     string   `json:"why"`
	Blocked string   `json:"blocked"`
	Risks   []string `json:"risks"`
}

// State returns what is shown now.
func (d *Desk) State() State {
	s := State{Attempts: []AttemptState{}, Holding: []uint16{}}
	for _, e := range d.list {
		a := AttemptState{ID: e.ID, Port: int(e.Aim.Port), Phase: e.Phase, Stage: string(e.Step.Stage), Text: d.tell(e).text, Steps: []string{}}
		if e.Final != nil {
			a.Ending, a.Forced, a.Took = string(e.Final.Ending), e.Final.Forced, e.Final.Elapsed.Seconds()
		}
		for _, n := range d.steps(e) {
			a.Steps = append(a.Steps, n.text)
		}
		s.Attempts = append(s.Attempts, a)
	}
	if p := d.plan; p != nil {
		ps := &PlanState{Chosen: p.list.chosen, Button: p.acts().Text, Armed: p.armed()}
		if !p.name.Hidden {
			ps.Name = p.asked()
		}
		for i := range p.e.Plan.Choices {
			c := &p.e.Plan.Choices[i]
			cs := ChoiceState{Kind: string(c.Kind), Title: p.list.options[i].title, Why: p.list.options[i].why, Blocked: string(c.Blocked), Risks: []string{}}
			for _, r := range c.Risks {
				cs.Risks = append(cs.Risks, string(r))
			}
			ps.Choices = append(ps.Choices, cs)
		}
		s.Plan = ps
	}
	for _, h := range d.held {
		s.Holding = append(s.Holding, h.Port)
	}
	return s
}
