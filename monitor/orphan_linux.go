package monitor

import (
	"fmt"
	"os"

	"github.com/portlight-app/portlight/monitor/process"
)

// detached reports whether all three standard streams are /dev/null, as
// daemon(3) and step 9 of daemon(7) leave them. A process that hides its
// descriptors even from its own user (gpg-agent and other keepers of secrets)
// counts as one: nothing is claimed of it.
func detached(id process.Identity) bool {
	for fd := range 3 {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", id.PID, fd)); err == nil && to != "/dev/null" {
			return false
		} else if err != nil && os.IsNotExist(err) {
			continue // closed, which serves the same end
		}
	}
	return true
}
