//go:build cgo

package app

import (
	"context"
	"errors"
	"io/fs"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
	"github.com/portlight-app/portlight/ui"
)

// plan makes a plan with all that this machine has for it.
func (f *face) plan(ctx context.Context, aim free.Aim) (*free.Plan, error) {
	m := free.Machine{Names: f.names, Containers: f.names}
	if u, err := units.Open(ctx); err == nil {
		m.Units = u
	}
	return free.Make(ctx, aim, m)
}

// Examine finds out why a port can't be had.
func (f *face) Examine(q doctor.Question) {
	f.StopExamining()
	ctx, cancel := context.WithCancel(f.ctx)
	f.examining = cancel
	f.work.run(func() {
		defer cancel()
		d, err := doctor.Examine(ctx, q, doctor.Options{Containers: f.names, Recorded: f.engine.Snapshot()})
		if ctx.Err() != nil {
			return // nobody waits for it
		}
		f.bridge.run(func() { f.win.ApplyDiagnosis(q, d, err) })
	})
}

// StopExamining says that nobody waits for the answer any more.
func (f *face) StopExamining() {
	if f.examining != nil {
		f.examining()
		f.examining = nil
	}
}

// Disconnect closes a connection of any process.
func (f *face) Disconnect(c monitor.Connection) {
	f.work.run(func() {
		err := sockets.Destroy(c.Socket)
		end := ui.Disconnected{Connection: c}
		switch {
		case err == nil, errors.Is(err, sockets.ErrGone):
		case errors.Is(err, fs.ErrPermission):
			end.Denied = true
			end.Command = programName() + " disconnect " + process.JoinArgs([]string{c.Local.String(), c.Remote.String()})
		default:
			end.Err = err
		}
		f.bridge.run(func() { f.win.ReportDisconnect(end) })
		f.engine.Wake()
	})
}
