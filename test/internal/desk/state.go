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
	Freeing    Freeing `json:"freeing"`
	Why        Why     `json:"why"`
	LeftBehind string  `json:"left_behind"`
	Notice     string  `json:"notice"`
	Columns    []struct {
		ID      string  `json:"id"`
		Width   float64 `json:"width"`
		Needs   float64 `json:"needs"`
		Clipped bool    `json:"clipped"`
	} `json:"columns"`
}

// Freeing is what the window shows of freeing ports.
type Freeing struct {
	Attempts []Attempt `json:"attempts"`
	Plan     *Plan     `json:"plan"`
	Holding  []int     `json:"holding"`
}

// Attempt is one attempt to free a port.
type Attempt struct {
	ID     int      `json:"id"`
	Phase  string   `json:"phase"`
	Stage  string   `json:"stage"`
	Ending string   `json:"ending"`
	Forced bool     `json:"forced"`
	Took   float64  `json:"took_s"`
	Text   string   `json:"text"`
	Steps  []string `json:"steps"`
}

// Plan is the plan that is asked about.
type Plan struct {
	Choices []struct {
		Kind    string   `json:"kind"`
		Title   string   `json:"title"`
		Blocked string   `json:"blocked"`
		Risks   []string `json:"risks"`
	} `json:"choices"`
	Chosen int    `json:"chosen"`
	Button string `json:"button"`
	Armed  bool   `json:"armed"`
	Name   string `json:"name"`
}

// Why is the page that says why a port can't be had.
type Why struct {
	Port      int      `json:"port"`
	Examining bool     `json:"examining"`
	Cause     string   `json:"cause"`
	Text      string   `json:"text"`
	Remedies  []string `json:"remedies"`
	Progress  string   `json:"progress"`
}

// Latest is the attempt that was begun last.
func (s State) Latest() Attempt {
	if n := len(s.Freeing.Attempts); n > 0 {
		return s.Freeing.Attempts[n-1]
	}
	return Attempt{}
}

// Row is one row of the table, on the screen or not.
type Row struct {
	Proto   string `json:"proto"`
	Address string `json:"address"`
	Port    int    `json:"port"`
	Process string `json:"process"`
	Project string `json:"project"`
	PIDs    []int  `json:"pids"`
	State   string `json:"state"`
	Shadow  bool   `json:"shadow"`
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
