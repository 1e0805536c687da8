package stage

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// reap EXE ARGS0 ROLE ARG…: spawn by a process that adopts whoever is left
// behind below it (PR_SET_CHILD_SUBREAPER, prctl(2)), as a user's service
// manager does.
func reap(args []string) (*Held, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, err
	}
	return pair(args)
}

// leave EXE ARGS0 ROLE ARG…: spawn by a process that ends as soon as its child
// holds what it is to hold.
func leave(args []string) (*Held, error) {
	held, err := pair(args)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(os.Stdout).Encode(held); err != nil {
		return nil, err
	}
	os.Exit(0)
	return nil, nil
}

// pair is spawn, but parent and child share their input: the child doesn't end
// with its parent.
func pair(args []string) (*Held, error) {
	cmd := exec.Command(args[0])
	cmd.Args = strings.Fields(args[1])
	cmd.Env = append(os.Environ(), roleVariable+"="+args[2], argsVariable+"="+strings.Join(args[3:], "\x1f"))
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	kept = append(kept, out)
	held := &Held{}
	return held, json.NewDecoder(out).Decode(held)
}
