package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/portlight-app/portlight/monitor/process"
	"github.com/portlight-app/portlight/monitor/sockets"
)

// unpublished finds containers in which something listens on the port while
// nothing does on this machine: each network namespace once, through a
// process in it (proc_pid_net(5)).
func unpublished(q *Question) []Barrier {
	if q.Proto != sockets.TCP {
		return nil
	}
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil
	}
	seen := map[string]bool{own: true}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var all []Barrier
	for _, dir := range dirs {
		cgroup, err := os.ReadFile(dir + "/cgroup")
		if err != nil {
			continue
		}
		container := containerIn(string(cgroup))
		if container == "" {
			continue
		}
		net, err := os.Readlink(dir + "/ns/net")
		if err != nil {
			net = container // another user's: the container stands for its network
		}
		if seen[net] {
			continue
		}
		seen[net] = true
		for _, table := range [...]string{"tcp", "tcp6"} {
			if text, err := os.ReadFile(dir + "/net/" + table); err == nil && listensOn(string(text), q.Port) {
				all = append(all, Barrier{Kind: BarrierUnpublish, Evidence: container, Certain: true})
				break
			}
		}
	}
	return all
}

// containerIn reads cgroup(7)'s file: lines of "id:controllers:path".
func containerIn(text string) string {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) == 3 {
			if id := process.ParseCgroup(f[2]).Container; id != "" {
				return id
			}
		}
	}
	return ""
}

// listensOn reads /proc/net/tcp: the second column is the local address, its
// port in hexadecimal, the fourth the state (0A: listening).
func listensOn(table string, port uint16) bool {
	end := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) > 3 && strings.HasSuffix(f[1], end) && f[3] == "0A" {
			return true
		}
	}
	return false
}
