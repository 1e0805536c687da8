package why

import "github.com/portlight-app/portlight/ui/view"

// State is what the page shows, as values: for tests of the built program and
// for bug reports.
type State struct {
	Port      int      `json:"port"`
	Proto     string   `json:"proto"`
	Examining bool     `json:"examining"`
	Waiting   bool     `json:"waiting"`
	Cause     string   `json:"cause"`
	Text      string   `json:"text"`
	Remedies  []string `json:"remedies"`
	Progress  string   `json:"progress"`
}

// State returns what the page shows now.
func (p *Page) State() State {
	s := State{Port: int(p.question.Port), Examining: p.examining, Waiting: p.waiting, Remedies: []string{}, Progress: p.line.Text()}
	if p.question.Port != 0 {
		s.Proto = p.question.Proto.String()
	}
	if d := p.diagnosis; d != nil {
		s.Cause, s.Text = string(d.Cause), said(view.Cause(d), &d.Finding)
		for _, r := range d.Remedies {
			s.Remedies = append(s.Remedies, string(r.Kind))
		}
	}
	return s
}
