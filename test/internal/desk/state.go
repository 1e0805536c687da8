//go:build linux

package desk

import "slices"

// State is what `portlight debug state` tells of the running program.
type State struct {
	PID      int  `json:"pid"`
	Visible  bool `json:"visible"`
	Tray     bool `json:"tray"`
	TrayHost bool `json:"tray_host"`
	Paused   bool `json:"paused"`
	Toasts   int  `json:"toasts"`
	Poll     struct {
		Seq uint64 `json:"seq"`
	} `json:"poll"`
	Inside
}

// Inside is what the window shows.
type Inside struct {
	Page       string  `json:"page"`
	Filter     string  `json:"filter"`
	All        bool    `json:"all"`
	Sort       string  `json:"sort"`
	Descending bool    `json:"descending"`
	Details    bool    `json:"details"`
	HideSystem bool    `json:"hide_system"`
	Rows       []Row   `json:"rows"`
	Selected   *Row    `json:"selected"`
	Width      float64 `json:"width"`
	Height     float64 `json:"height"`
	Focused    string  `json:"focused"`
	Settings   struct {
		Theme      string
		HideSystem bool
		Notify     struct{ On bool }
	} `json:"settings"`
	Columns []struct {
		ID      string  `json:"id"`
		Width   float64 `json:"width"`
		Needs   float64 `json:"needs"`
		Clipped bool    `json:"clipped"`
	} `json:"columns"`
}

// Row is one row of the table, on the screen or not.
type Row struct {
	Proto   string `json:"proto"`
	Address string `json:"address"`
	Port    int    `json:"port"`
	Process string `json:"process"`
	Project string `json:"project"`
	PIDs    []int  `json:"pids"`
}

// HasPort reports whether the table shows the port.
func (s State) HasPort(port uint16) bool {
	return slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Port == int(port) })
}

// Only reports whether the port's rows are all that the table shows.
func (s State) Only(port uint16) bool {
	return s.HasPort(port) && !slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Port != int(port) })
}

// Selects reports whether the selected row is one of the port's.
func (s State) Selects(port uint16) bool {
	return s.Selected != nil && s.Selected.Port == int(port)
}

// brief is the state without its hundreds of rows, for failure messages.
func (s State) brief() State {
	if len(s.Rows) > 3 {
		s.Rows = append(slices.Clip(s.Rows[:3]), Row{Process: "…"})
	}
	return s
}
