package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/portlight-app/portlight/app/cli"
	"github.com/portlight-app/portlight/app/elevate"
	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/free"
	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// planOf plans choices for port 80 over both families: who holds IPv6's is
// hidden, IPv4's has that holder.
func planOf(choices ...free.Choice) *free.Plan {
	at := func(addr string, handle uint64, holders ...monitor.Holder) monitor.Endpoint {
		return monitor.Endpoint{Key: monitor.Key{Proto: sockets.TCP, Addr: netip.MustParseAddrPort(addr)},
			Sockets: []sockets.Socket{{Handle: handle}}, Holders: holders}
	}
	return &free.Plan{Choices: choices, Targets: []monitor.Endpoint{
		at("[::]:80", 7), at("0.0.0.0:80", 8, monitor.Holder{Process: &process.Process{Identity: nginx}})}}
}

var nginx = process.Identity{PID: 42, Start: 1000}

func one(ids ...process.Identity) free.Choice {
	c := free.Choice{Kind: free.KindProcess}
	for _, id := range ids {
		c.Victims = append(c.Victims, free.Victim{Process: &process.Process{Identity: id}, Holds: true})
	}
	return c
}

func TestElevation_NamesOneProcessOrOneSocket(t *testing.T) {
	unit, tree := one(nginx), one(nginx)
	unit.Kind, tree.Kind = free.KindUnit, free.KindTree
	for _, tt := range []struct {
		name   string
		choice free.Choice
		pid    int32
		socket uint64
		addr   string // "": it is no such thing
	}{
		{"the holder, at what it holds", one(nginx), 42, 0, "0.0.0.0:80"},
		{"whoever holds the socket, where nobody is seen", one(), 0, 7, "[::]:80"},
		{"a holder of neither has let go, which the elevated program finds out", one(process.Identity{PID: 43, Start: 1}), 43, 0, "0.0.0.0:80"},
		{"two processes", one(nginx, process.Identity{PID: 43, Start: 1}), 0, 0, ""},
		{"a unit", unit, 0, 0, ""},
		{"a tree", tree, 0, 0, ""},
	} {
		p := planOf(tt.choice)
		r, ok := elevation(p, &p.Choices[0])
		if ok != (tt.addr != "") || ok && (r.PID != tt.pid || r.Socket != tt.socket || r.Addr.String() != tt.addr || r.Proto != "tcp") {
			t.Errorf("%s: %+v, %v", tt.name, r, ok)
		}
	}
}

func TestElevated_MeansWhatTheElevatedProgramTold(t *testing.T) {
	blocked := new(free.BlockedError)
	for _, tt := range []struct {
		name string
		res  elevate.Result
		err  error
		end  free.Ending
		want error
	}{
		{"it is freed", elevate.Result{Ending: "freed"}, nil, free.EndFreed, nil},
		{"it is protected", elevate.Result{Blocked: "protected", Protection: "self"}, nil, "", process.ErrProtected},
		{"something else went wrong", elevate.Result{Error: "no"}, nil, "", nil},
		{"there is no way to ask", elevate.Result{}, elevate.ErrUnavailable, "", cli.ErrNoElevation},
		{"our program isn't safe", elevate.Result{}, fmt.Errorf("/tmp: %w", elevate.ErrUnsafe), "", cli.ErrNoElevation},
		{"the question was closed", elevate.Result{}, elevate.ErrDismissed, "", cli.ErrDismissed},
		{"it can't be told to stop", elevate.Result{}, fmt.Errorf("%w: %w", elevate.ErrOnItsOwn, context.Canceled), "", cli.ErrOnItsOwn},
		{"nobody could be asked", elevate.Result{}, fmt.Errorf("%w: no agent", elevate.ErrDenied), "", cli.ErrNotGranted},
	} {
		var asked elevate.Request
		f, err := elevated(t.Context(), planOf(one(nginx)), free.Order{Force: true, Grace: time.Hour}, func(_ context.Context, r elevate.Request) (elevate.Result, error) {
			asked = r
			return tt.res, tt.err
		})
		if f.Ending != tt.end || (err == nil) != (tt.end != "") || tt.want != nil && !errors.Is(err, tt.want) || tt.res.Blocked != "" && !errors.As(err, &blocked) {
			t.Errorf("%s: %+v, %v", tt.name, f, err)
		}
		if asked.PID != 42 || !asked.Force || asked.Grace != elevate.MaxGrace {
			t.Errorf("%s: asked for %+v", tt.name, asked)
		}
	}
	if _, err := elevated(t.Context(), planOf(free.Choice{Kind: free.KindUnit}), free.Order{}, nil); !errors.Is(err, cli.ErrNoElevation) {
		t.Errorf("a unit: %v", err)
	}
}
