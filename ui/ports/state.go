package ports

import (
	"github.com/portlight-app/portlight/ui/table"
	"github.com/portlight-app/portlight/ui/view"
)

// State is what the page shows, as values: for tests of the built program and
// for bug reports.
type State struct {
	Filter     string     `json:"filter"`
	All        bool       `json:"all"` // connections too
	HideSystem bool       `json:"hide_system"`
	Sort       string     `json:"sort"`
	Descending bool       `json:"descending"`
	Details    bool       `json:"details"` // the pane is open
	Rows       []RowState `json:"rows"`    // as filtered and sorted, on the screen or not
	Selected   *RowState  `json:"selected"`
	// LeftBehind is what is said of servers left behind, "" if nothing is.
	LeftBehind string `json:"left_behind"`
	// Columns are those of the table, as far as it has room for them.
	Columns []table.Measure `json:"columns"`
}

// RowState is one row.
type RowState struct {
	Proto   string  `json:"proto"`
	Address string  `json:"address"`
	Port    int     `json:"port"`
	Remote  string  `json:"remote,omitempty"`
	State   string  `json:"state"`
	Process string  `json:"process"`
	Project string  `json:"project"`
	PIDs    []int32 `json:"pids"`
	Shadow  bool    `json:"shadow"` // other programs have its port too
}

// State returns what the page shows now.
func (p *Page) State() State {
	s := State{
		Filter: p.search.Text, All: p.all, HideSystem: p.settings.HideSystem, Details: p.side.open,
		Columns: p.table.Measure(), LeftBehind: p.left.Text(),
		Rows: make([]RowState, 0, len(p.table.Rows())),
	}
	s.Sort, s.Descending = p.table.Sort()
	for _, r := range p.table.Rows() {
		s.Rows = append(s.Rows, p.rowState(r))
	}
	if r := p.table.Current(); r != nil {
		selected := p.rowState(*r)
		s.Selected = &selected
	}
	return s
}

func (p *Page) rowState(r view.Row) RowState {
	return RowState{
		Shadow: r.Endpoint != nil && p.shadows[r.Endpoint.Key] != nil,
		Proto:  r.Proto, Address: r.Address, Port: int(r.ID.Addr.Port()), Remote: r.Remote,
		State: r.Text.State, Process: r.Process, Project: r.Project, PIDs: r.PIDs,
	}
}
