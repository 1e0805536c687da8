package bind

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/portlight-app/portlight/monitor/netsh"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// reserved reads the four lists of excluded ranges and the dynamic ports of
// IPv4 TCP, which the others follow unless somebody set them apart. Nothing is
// remembered: the ranges of Hyper-V and winnat move.
//
// https://learn.microsoft.com/windows-server/administration/windows-commands/netsh-interface-ipv4
func reserved(ctx context.Context) (Reserved, error) {
	var (
		r     Reserved
		lists [4][]Excluded
		errs  [5]error
		wait  sync.WaitGroup
	)
	for i := range lists {
		proto, family := sockets.TCP, 4
		if i&1 != 0 {
			proto = sockets.UDP
		}
		if i&2 != 0 {
			family = 6
		}
		wait.Go(func() {
			text, err := netsh.Run(ctx, "interface", fmt.Sprintf("ipv%d", family),
				"show", "excludedportrange", "protocol="+proto.String())
			if err == nil {
				lists[i], err = parseExcluded(text, proto, family)
			}
			errs[i] = err
		})
	}
	wait.Go(func() {
		text, err := netsh.Run(ctx, "interface", "ipv4", "show", "dynamicportrange", "protocol=tcp")
		if err == nil {
			r.Ephemeral, err = parseDynamic(text)
		}
		errs[4] = err
	})
	wait.Wait()
	for _, list := range lists {
		r.Excluded = append(r.Excluded, list...)
	}
	return r, errors.Join(errs[:]...)
}
