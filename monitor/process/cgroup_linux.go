package process

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cgroups names cgroup v2 ids: the id the kernel gives with a socket is the
// inode number of the cgroup's folder (cgroup_id() in linux/cgroup.h).
type cgroups struct {
	places map[uint64]Place
	read   time.Time
}

// The tree is walked again for an id that is not in it, but not more often
// than this: a socket of a cgroup that is gone keeps its id.
const cgroupRefresh = 5 * time.Second

// The unified hierarchy, alone or beside the old ones.
var cgroupRoots = [...]string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}

func (c *cgroups) place(id uint64) Place {
	p, ok := c.places[id]
	if !ok && time.Since(c.read) > cgroupRefresh {
		c.walk()
		p = c.places[id]
	}
	return p
}

func (c *cgroups) walk() {
	c.read = time.Now()
	c.places = make(map[uint64]Place)
	for _, root := range cgroupRoots {
		var st syscall.Statfs_t
		const cgroup2Magic = 0x63677270 // CGROUP2_SUPER_MAGIC, linux/magic.h
		if syscall.Statfs(root, &st) != nil || st.Type != cgroup2Magic {
			continue
		}
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return nil // gone or closed to us meanwhile
			}
			if info, err := d.Info(); err == nil {
				if st, ok := info.Sys().(*syscall.Stat_t); ok {
					c.places[st.Ino] = ParseCgroup(strings.TrimPrefix(path, root))
				}
			}
			return nil
		})
	}
}
