//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// idleWindows lets an empty Fyne window and Portlight's stand side by side on
// the display there is, untouched, and prints what each takes.
func idleWindows(empty, portlight string) error {
	type idle struct {
		name  string
		cmd   *exec.Cmd
		began time.Duration
		share float64
		rss   int
	}
	windows := []*idle{
		{name: "an empty Fyne window", cmd: exec.Command(empty)},
		{name: "Portlight's window", cmd: exec.Command(portlight)},
	}
	for _, w := range windows {
		home, err := os.MkdirTemp("", "portlight-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(home)
		w.cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home, "LIBGL_ALWAYS_SOFTWARE=1")
		w.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := w.cmd.Start(); err != nil {
			return err
		}
		defer func() { w.cmd.Process.Kill(); w.cmd.Wait() }()
	}
	const settle, long = 8 * time.Second, 20 * time.Second
	time.Sleep(settle)
	var err error
	for _, w := range windows {
		if w.began, err = cpuTime(w.cmd.Process.Pid); err != nil {
			return fmt.Errorf("%s has ended: %w", w.name, err)
		}
	}
	time.Sleep(long)
	fmt.Printf("\n%-30s %12s %10s\n", "idle for 20 s", "of a core", "RSS")
	for _, w := range windows {
		now, err := cpuTime(w.cmd.Process.Pid)
		if err != nil {
			return fmt.Errorf("%s has ended: %w", w.name, err)
		}
		w.share, w.rss = (now-w.began).Seconds()/long.Seconds(), residentNow(w.cmd.Process.Pid)
		fmt.Printf("%-30s %10.2f %% %7d MB\n", w.name, 100*w.share, w.rss)
	}
	fmt.Printf("%-30s %10.2f %% %7d MB (target: 0.5 %%, 40 MB)\n", "Portlight above the empty one", 100*(windows[1].share-windows[0].share), windows[1].rss-windows[0].rss)
	return nil
}
