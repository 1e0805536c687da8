package elevate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// safe reports why the program mustn't be started with root's rights, nil if
// it may: its path must be absolute and name a regular file, and neither that
// file nor any folder above it may be changed by anybody but root and the user
// who asks. A folder like /tmp, where nobody can replace what isn't theirs
// (the sticky bit), is allowed; so is a group's right to write if it is root's,
// or a private group: the user's own, of their name, that has no other member.
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
		if why := changeable(info.Mode(), int(st.Uid), int(st.Gid), os.Getuid(), privateGroup()); why != "" {
			return fmt.Errorf("%w: %s %s", ErrUnsafe, at, why)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// privateGroup is the user's primary group if it has nobody else in it, as far
// as the account files tell; otherwise 0. Many systems give each user such a
// group (USERGROUPS_ENAB in login.defs(5)); where all share one, such as
// "users", its right to write is everybody's.
func privateGroup() int {
	return privateIn(read("/etc/passwd"), read("/etc/group"), os.Getuid(), os.Getgid())
}

// read is a file's text, "" where it can't be read: then no group is private.
func read(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// privateIn finds it in the texts of passwd(5) and group(5).
func privateIn(passwd, groups string, user, group int) int {
	uid, gid := strconv.Itoa(user), strconv.Itoa(group)
	name := ""
	for line := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(line), ":")
		switch {
		case len(f) < 4:
		case f[2] == uid:
			name = f[0]
		case f[3] == gid:
			return 0 // somebody else's primary group as well
		}
	}
	for line := range strings.Lines(groups) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) == 4 && f[2] == gid {
			if name != "" && f[0] == name && (f[3] == "" || f[3] == name) {
				return group
			}
			return 0
		}
	}
	return 0
}

// changeable says who else can change a file or folder, "" if nobody can.
// private is the user's own group, 0 if that is none.
func changeable(mode os.FileMode, owner, group, user, private int) string {
	const byGroup, byOthers = 0o020, 0o002
	sticky := mode.IsDir() && mode&os.ModeSticky != 0
	switch {
	case owner != 0 && owner != user:
		return fmt.Sprintf("belongs to user %d", owner)
	case sticky:
		return ""
	case mode.Perm()&byOthers != 0:
		return "is writable by everybody"
	case mode.Perm()&byGroup != 0 && group != 0 && group != private:
		return fmt.Sprintf("is writable by group %d", group)
	}
	return ""
}
