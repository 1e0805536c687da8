//go:build linux

package stage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

const insideVariable = "PORTLIGHT_STAGE_INSIDE"

// OwnNetwork moves the whole test into a network namespace of its own, where
// the staged programs are all there is and may have the ports they have
// everywhere. Call it in TestMain after Main. Only root can: others stay in
// the machine's network. The libraries of unpacked parts are found there by
// every program.
func OwnNetwork() {
	move(syscall.CLONE_NEWNET|syscall.CLONE_NEWNS, func() error {
		return errors.Join(LoopbackUp(), privateMounts(), UnpackedParts().link())
	})
}

// OwnMachine is OwnNetwork with a process namespace as well: no other process
// is seen, none outlives the test, and /home is empty.
func OwnMachine() {
	move(syscall.CLONE_NEWNET|syscall.CLONE_NEWPID|syscall.CLONE_NEWNS, func() error {
		return errors.Join(LoopbackUp(), privateMounts(),
			unix.Mount("proc", "/proc", "proc", 0, ""),
			unix.Mount("tmpfs", "/home", "tmpfs", 0, "mode=755"))
	})
}

// privateMounts keeps what is mounted from now on to ourselves.
func privateMounts() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") }

// Inside reports whether the test is in namespaces of its own.
func Inside() bool { return os.Getenv(insideVariable) != "" }

// move starts the test again in new namespaces and ends with it; there it
// sets them up.
func move(namespaces uintptr, setUp func() error) {
	if os.Getuid() != 0 {
		return
	}
	if Inside() {
		if err := setUp(); err != nil {
			fmt.Fprintln(os.Stderr, "stage: namespaces of our own:", err)
			os.Exit(1)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(max(exit.ExitCode(), 1))
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "stage: namespaces of our own:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// LoopbackUp brings up the network's loopback interface (netdevice(7)).
func LoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}
