package process

import (
	"bytes"
	"encoding/binary"
	"path"
)

// parseProcArgs reads what macOS's sysctl kern.procargs2 returns: the number
// of arguments as a 32-bit integer, the path that was executed, NULs up to the
// next word, then that many NUL-terminated arguments, and the environment,
// which is none of our business (bsd/kern/kern_sysctl.c, sysctl_procargsx).
// What is cut off is left out.
func parseProcArgs(b []byte) (exe string, args []string) {
	if len(b) < 4 {
		return "", nil
	}
	count := int(int32(binary.LittleEndian.Uint32(b)))
	image, rest, _ := bytes.Cut(b[4:], []byte{0})
	rest = bytes.TrimLeft(rest, "\x00")
	for len(args) < count && len(rest) > 0 {
		arg, more, terminated := bytes.Cut(rest, []byte{0})
		if !terminated {
			break
		}
		args, rest = append(args, string(arg)), more
	}
	// The path is as it was given to execve: a relative one, of a directory
	// since left, names nothing.
	if exe = string(image); !path.IsAbs(exe) {
		exe = ""
	}
	return exe, args
}
