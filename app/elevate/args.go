package elevate

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"time"
)

// Args are the request as command line arguments, the verb first.
func (r Request) Args() []string {
	args := []string{
		Verb, "--pid", strconv.FormatInt(int64(r.PID), 10), "--start", strconv.FormatUint(r.Start, 10),
		"--boot", hex.EncodeToString(r.Boot[:]), "--socket", strconv.FormatUint(r.Socket, 10),
		"--proto", r.Proto, "--addr", r.Addr.String(), "--grace", r.Grace.String(),
	}
	if r.Force {
		args = append(args, "--force")
	}
	return args
}

// watchFlag makes the elevated program stop when its standard input ends: an
// ordinary user may not signal it.
const watchFlag = "--while-stdin"

// Parse reads the arguments after the verb. Every flag must be there once and
// spelled out; nothing else may be. watch tells to go no further once standard
// input has ended.
func Parse(args []string) (r Request, watch bool, err error) {
	seen := make(map[string]bool)
	for len(args) > 0 {
		name := args[0]
		if seen[name] {
			return Request{}, false, fmt.Errorf("%s is there twice", name)
		}
		seen[name] = true
		switch name {
		case "--force":
			r.Force, args = true, args[1:]
			continue
		case watchFlag:
			watch, args = true, args[1:]
			continue
		}
		if len(args) < 2 {
			return Request{}, false, fmt.Errorf("%q needs a value", name)
		}
		if err := r.set(name, args[1]); err != nil {
			return Request{}, false, fmt.Errorf("%s %q: %w", name, args[1], err)
		}
		args = args[2:]
	}
	for _, name := range []string{"--pid", "--start", "--boot", "--socket", "--proto", "--addr", "--grace"} {
		if !seen[name] {
			return Request{}, false, fmt.Errorf("%s is missing", name)
		}
	}
	return r, watch, r.check()
}

func (r *Request) set(name, value string) (err error) {
	switch name {
	case "--pid":
		var pid int64
		pid, err = strconv.ParseInt(value, 10, 32)
		r.PID = int32(pid)
	case "--start":
		r.Start, err = strconv.ParseUint(value, 10, 64)
	case "--boot":
		if len(value) != hex.EncodedLen(len(r.Boot)) {
			return fmt.Errorf("is not %d digits", hex.EncodedLen(len(r.Boot)))
		}
		_, err = hex.Decode(r.Boot[:], []byte(value))
	case "--socket":
		r.Socket, err = strconv.ParseUint(value, 10, 64)
	case "--proto":
		r.Proto = value
	case "--addr":
		r.Addr, err = netip.ParseAddrPort(value)
	case "--grace":
		r.Grace, err = time.ParseDuration(value)
	default:
		return fmt.Errorf("unknown flag")
	}
	return err
}

// endings are what an exit code can tell, where nothing else comes back from
// the elevated program (Windows). Their order is part of the codes.
var endings = [...]string{
	"freed", "lingering", "taken_again", "still_held", "running", "taken_back", "denied", "not_held", "unproven", "reserved",
}

// firstCode is far from what a program that fails for reasons of its own
// exits with, and from pkexec's 126 and 127.
const firstCode = 20

// Exit codes beside those of endings.
const (
	exitError   = 1
	exitBlocked = firstCode + len(endings)
)

// Code is the exit code that tells the result's ending.
func (r Result) Code() int {
	for i, e := range endings {
		if r.Ending == e {
			return firstCode + i
		}
	}
	if r.Blocked != "" {
		return exitBlocked
	}
	return exitError
}

// fromCode is what the exit code alone tells, ok false if nothing.
func fromCode(code int) (r Result, ok bool) {
	switch i := code - firstCode; {
	case i >= 0 && i < len(endings):
		return Result{Ending: endings[i]}, true
	case code == exitBlocked:
		return Result{Blocked: "protected"}, true
	}
	return Result{}, false
}

// Sudo is the command line, for a person, that does the same from a terminal:
// it shows the plan first.
func Sudo(exe string, r Request) []string {
	args := []string{"sudo", exe, "kill", strconv.Itoa(int(r.Addr.Port()))}
	if r.PID != 0 {
		args = append(args, "--pid", strconv.Itoa(int(r.PID)))
	}
	if r.Force {
		args = append(args, "--force")
	}
	return args
}
