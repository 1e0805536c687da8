package free

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/portlight-app/portlight/monitor/process"
)

func TestMake_AHolderThatCannotBeOpenedStandsInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want Blocked
	}{
		"the system doesn't let us":     {process.ErrDenied, BlockedRights},
		"there are no descriptors left": {unix.EMFILE, BlockedRights},
		"it ended meanwhile":            {process.ErrGone, BlockedGone},
	} {
		t.Run(name, func(t *testing.T) {
			p := stage(t, "listen 127.0.0.1:0")
			plan := p.plan(t, Machine{open: func(id process.Identity) (*process.Handle, error) {
				if id == p.id {
					return nil, c.err
				}
				return process.Open(id)
			}})
			got := &plan.Choices[0]
			there := !errors.Is(c.err, process.ErrGone)
			if got.Blocked != c.want || there != (len(got.Victims) == 1) {
				t.Errorf("blocked %q with victims %v, want %q", got.Blocked, got.Victims, c.want)
			}
			if got.Elevate != (there && !process.Privileged()) {
				t.Errorf("it says %v of an administrator's rights", got.Elevate)
			}
			if f, err := plan.Run(t.Context(), Order{}, nil); f.Ending == EndFreed || !p.alive() {
				t.Errorf("it ran: %+v, %v", f, err)
			}
		})
	}
}
