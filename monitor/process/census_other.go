//go:build !linux && !windows

package process

import (
	"fmt"

	"github.com/shirou/gopsutil/v3/process"
)

func census() ([]Relation, error) {
	pids, err := process.Pids()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := make([]Relation, 0, len(pids))
	for _, pid := range pids {
		if s, err := statusOf(pid); err == nil {
			all = append(all, Relation{Identity{PID: pid, Start: s.start}, s.parent})
		}
	}
	return all, nil
}
