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

const insideVariable = "PORTLIGHT_STAGE_NETWORK"

// OwnNetwork moves the whole test into a network namespace of its own, where
// the staged programs are all there is and may have the ports they have
// everywhere. Call it in TestMain after Main. Only root can: others stay in
// the machine's network.
func OwnNetwork() {
	if os.Getuid() != 0 {
		return
	}
	if os.Getenv(insideVariable) != "" {
		if err := LoopbackUp(); err != nil {
			fmt.Fprintln(os.Stderr, "stage: loopback:", err)
			os.Exit(1)
		}
		return
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(max(exit.ExitCode(), 1))
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "stage: a network of our own:", err)
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
