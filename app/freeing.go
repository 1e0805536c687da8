package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/bind"
	"github.com/portlight-app/portlight/monitor/containers"
	"github.com/portlight-app/portlight/monitor/doctor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/monitor/units"
)

// Examine finds out why a port can't be had.
func (engine) Examine(ctx context.Context, q doctor.Question) (*doctor.Diagnosis, error) {
	names := containers.New(nil)
	asking, cancel := context.WithTimeout(ctx, containerPatience)
	defer cancel()
	_ = names.Ask(asking) // most machines have no container engine
	return doctor.Examine(ctx, q, doctor.Options{Containers: names})
}

// Plan plans how to free what is aimed at, with everything this machine has
// for that: a service manager, a container engine, or neither.
func (engine) Plan(ctx context.Context, a free.Aim) (*free.Plan, error) {
	m := free.Machine{Look: engine{}.Once, Containers: containers.New(nil)}
	if u, err := units.Open(ctx); err == nil {
		m.Units = u
	}
	return free.Make(ctx, a, m)
}

// Discard lets go of a plan.
func (engine) Discard(p *free.Plan) { p.Close() }

// Run carries a choice out.
func (engine) Run(ctx context.Context, p *free.Plan, o free.Order, each func(free.Step)) (free.Final, error) {
	return p.Run(ctx, o, each)
}

// FreePorts finds ports that can be bound now; that there are fewer than
// wanted is no error.
func (engine) FreePorts(near uint16, count int, within bind.Range, proto sockets.Proto) ([]uint16, error) {
	ports, err := bind.Find(bind.FindOptions{Near: near, Count: count, Range: within, Proto: proto})
	if errors.Is(err, bind.ErrTooFew) {
		err = nil
	}
	return ports, err
}

// Orphans finds our own servers that have lost what they were started from.
func (engine) Orphans(ctx context.Context) ([]monitor.OrphanGroup, error) {
	s, err := engine{}.Once(ctx, false)
	if err != nil {
		return nil, err
	}
	return monitor.Orphans(s, alive), nil
}

// alive reports whether a process still runs; where that can't be told, it
// does.
func alive(id process.Identity) bool {
	now, err := process.Identify(id.PID)
	if err != nil {
		return !errors.Is(err, process.ErrGone) && !errors.Is(err, os.ErrNotExist)
	}
	return now == id
}

// Disconnect closes a connection of any process.
func (engine) Disconnect(s sockets.Socket) error { return sockets.Destroy(s) }

// Browse opens an address in the user's browser.
func (engine) Browse(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return browse(ctx, url)
}

// programName is how a shell finds this program, also root's, whose PATH is
// another.
func programName() string {
	path, err := os.Executable()
	if err != nil || runtime.GOOS == "windows" || slices.Contains([]string{"/usr/bin", "/usr/local/bin"}, filepath.Dir(path)) {
		return "portlight"
	}
	return process.JoinArgs([]string{path})
}
