package process

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func census() ([]Relation, error) {
	fs, err := openProc()
	if err != nil {
		return nil, err
	}
	// A descriptor of our own: listing moves its position.
	fd, err := unix.Openat(fs.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer unix.Close(fd)
	var pids []int32
	if err := readDir(fd, make([]byte, 32<<10), func(pid int32) { pids = append(pids, pid) }); err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := make([]Relation, 0, len(pids))
	buf := make([]byte, 1024)
	for _, pid := range pids {
		d, err := fs.open(pid)
		if err != nil {
			continue // it has ended meanwhile, or is hidden from us (hidepid, proc(5))
		}
		st, err := d.stat(buf)
		d.close()
		if err == nil && !st.zombie {
			all = append(all, Relation{Identity{PID: pid, Start: st.start, Boot: fs.boot}, st.parent})
		}
	}
	return all, nil
}
