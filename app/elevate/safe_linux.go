package elevate

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// safe reports why the program mustn't be started with root's rights, nil if
// it may: its path must be absolute and name a regular file, and neither that
// file nor any folder above it may be changed by anybody but root and the user
// who asks. A folder like /tmp, where nobody can replace what isn't theirs
// (the sticky bit), is allowed; so is a group's right to write if it is root's
// or the user's own.
//
// A program in the user's home can still be replaced by that user's other
// programs. They could as well wait for a password in a terminal; polkit's
// question names the path.
func safe(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("%w: %q is no absolute path", ErrUnsafe, path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsafe, err)
	}
	for at := real; ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnsafe, err)
		}
		if at == real && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %s is no regular file", ErrUnsafe, at)
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("%w: %s tells no owner", ErrUnsafe, at)
		}
		if why := changeable(info.Mode(), int(st.Uid), int(st.Gid), os.Getuid(), os.Getgid()); why != "" {
			return fmt.Errorf("%w: %s %s", ErrUnsafe, at, why)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// changeable says who else can change a file or folder, "" if nobody can.
func changeable(mode os.FileMode, owner, group, user, users int) string {
	const byGroup, byOthers = 0o020, 0o002
	sticky := mode.IsDir() && mode&os.ModeSticky != 0
	switch {
	case owner != 0 && owner != user:
		return fmt.Sprintf("belongs to user %d", owner)
	case sticky:
		return ""
	case mode.Perm()&byOthers != 0:
		return "is writable by everybody"
	case mode.Perm()&byGroup != 0 && group != 0 && group != users:
		return fmt.Sprintf("is writable by group %d", group)
	}
	return ""
}
