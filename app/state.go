//go:build cgo

package app

import (
	"context"
	"time"

	"github.com/portlight-app/portlight/app/control"
	"github.com/portlight-app/portlight/ui"
)

// state is what the program shows, for tests and bug reports.
type state struct {
	PID     int32  `json:"pid"`
	Version string `json:"version"`
	Visible bool   `json:"visible"`
	// Tray: our icon was handed to the system. TrayHost: somebody shows it.
	Tray     bool `json:"tray"`
	TrayHost bool `json:"tray_host"`
	Paused   bool `json:"paused"`
	// Toasts counts those handed to the notification service.
	Toasts    int         `json:"toasts"`
	LastToast *toastState `json:"last_toast"`
	Poll      *pollState  `json:"poll"` // null before the first
	// What the window tells of itself stands beside these.
	ui.State
}

type toastState struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

type pollState struct {
	Seq       uint64    `json:"seq"`
	Taken     time.Time `json:"taken_at"`
	CostMS    float64   `json:"cost_ms"`
	Endpoints int       `json:"endpoints"`
}

// handlers answer the running instance's messages.
func (f *face) handlers() control.Handlers {
	return control.Handlers{
		control.Raise: func(context.Context) (any, error) {
			f.bridge.run(f.raise)
			return nil, nil
		},
		control.State: func(ctx context.Context) (any, error) { return f.state(ctx) },
	}
}

// state asks the window's goroutine; that it doesn't answer is an answer too.
func (f *face) state(ctx context.Context) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, control.Patience*3/4)
	defer cancel()
	s := state{PID: f.attention.surround.pid, Version: version(), TrayHost: f.trayHost()}
	f.mu.Lock()
	s.Tray = f.tray != nil
	f.mu.Unlock()
	if snap := f.engine.Snapshot(); snap != nil {
		s.Poll = &pollState{snap.Seq, snap.Taken, float64(snap.Cost.Wall.Microseconds()) / 1000, len(snap.Endpoints)}
	}
	a := f.attention
	a.mu.Lock()
	s.Paused, s.Toasts = a.paused, a.toasts
	if a.last != nil {
		s.LastToast = &toastState{a.last.Title, a.last.Body}
	}
	a.mu.Unlock()
	type shown struct {
		visible bool
		window  ui.State
	}
	answer := make(chan shown, 1)
	f.bridge.run(func() { answer <- shown{f.visible, f.win.State()} })
	select {
	case w := <-answer:
		s.Visible, s.State = w.visible, w.window
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
