package app

import (
	"os"
	"os/user"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/ui/view"
)

// surroundings are facts of this machine and user that don't change while the
// program runs.
type surroundings struct {
	pid       int32
	self      process.Identity // zero where it isn't known
	uid       uint32
	hasUID    bool // users have numbers here
	user      string
	ephemeral view.PortRange
}

func observe() surroundings {
	s := surroundings{pid: int32(os.Getpid()), ephemeral: ephemeralPorts()}
	s.self, _ = process.Self()        // without it our own rows are not marked
	if uid := os.Getuid(); uid >= 0 { // -1 on Windows
		s.uid, s.hasUID = uint32(uid), true
	}
	if u, err := user.Current(); err == nil {
		s.user = u.Username
	}
	return s
}
