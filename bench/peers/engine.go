//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

// The engine is measured inside a process of its own, by that process's CPU
// time over many polls, garbage collection and all. The parts run as
// subcommands of this program.
const (
	polls        = 40
	pollInterval = 250 * time.Millisecond
)

// figures is what one part measured.
type figures struct {
	CPU           time.Duration // a poll
	Read, Resolve time.Duration // wall time, median
	Share         float64       // of one core
	Stale         time.Duration // the oldest evidence in any snapshot
	Latencies     []time.Duration
	Rows          int
}

// part runs one of the parts and returns its median figures over some runs.
func part(user *syscall.Credential, args ...string) (f figures, err error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return f, json.Unmarshal(out, &f)
}

// rounds is how often the bare loop, the engine and ss are measured in turns:
// a machine's speed drifts by a third within minutes, a ratio of neighbours
// doesn't.
const rounds = 5

// engine prints what the polls of a running Portlight cost.
func engine(ss *contestant) error {
	var raw, endpoints figures
	var rawCPU, pollCPU, above []time.Duration
	var ofRaw, ofSS []float64
	for range rounds {
		var err error
		if raw, err = part(nil, "raw"); err != nil {
			return err
		}
		if endpoints, err = part(nil, "poll"); err != nil {
			return err
		}
		rawCPU, pollCPU = append(rawCPU, raw.CPU), append(pollCPU, endpoints.CPU)
		above = append(above, endpoints.Resolve)
		ofRaw = append(ofRaw, float64(endpoints.CPU)/float64(raw.CPU))
		if ss.run(); ss.absent == "" {
			ofSS = append(ofSS, float64(ss.cpu[len(ss.cpu)-1])/float64(endpoints.CPU))
		}
	}
	rawAll, err := part(nil, "raw", "all")
	if err != nil {
		return err
	}
	all, err := part(nil, "poll", "all")
	if err != nil {
		return err
	}
	found, err := part(nil, "latency")
	if err != nil {
		return err
	}
	fmt.Printf("\n%-44s %12s   %s\n", fmt.Sprintf("a steady poll, %d rounds in turns", rounds), "CPU, median", "ratios: least, median, most")
	fmt.Printf("%-44s %12s\n", fmt.Sprintf("bare receive loop, LISTEN and UDP (%d rows)", raw.Rows), ms(median(rawCPU)))
	fmt.Printf("%-44s %12s   %s of the bare loop (target: 2)\n", "Portlight, endpoints with holders", ms(median(pollCPU)), spread(ofRaw))
	fmt.Printf("%-44s %12s   (wall; target: 1.5 ms)\n", "  of it holders, grouping, publishing", ms(median(above)))
	if len(ofSS) > 0 {
		fmt.Printf("%-44s %12s   %s as much as a poll (target: 50)\n", "one ss -tulpn", ms(median(ss.cpu)), spread(ofSS))
	}
	fmt.Printf("%-44s %12s\n", fmt.Sprintf("bare receive loop, all states (%d rows)", rawAll.Rows), ms(rawAll.CPU))
	fmt.Printf("%-44s %12s   %.2f× of the bare loop (target: 2)\n", "Portlight, everything with holders", ms(all.CPU), float64(all.CPU)/float64(rawAll.CPU))
	fmt.Printf("\na new listener with its holder, 1 s interval: median %s, worst %s of %d (target: 1100 ms)\n",
		ms(median(found.Latencies)), ms(slices.Max(found.Latencies)), len(found.Latencies))
	return ordinary()
}

// spread writes the least, the median and the most of some ratios.
func spread(r []float64) string {
	s := slices.Sorted(slices.Values(r))
	return fmt.Sprintf("%.2f× %.2f× %.2f×", s[0], s[len(s)/2], s[len(s)-1])
}

// ordinary measures an ordinary user's view: their own load, sockets of root's
// they may not read, and twenty new sockets a second.
func ordinary() error {
	if os.Geteuid() != 0 {
		fmt.Println("(the ordinary user's churn is staged by root: not measured)")
		return nil
	}
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	for _, role := range []struct {
		user *syscall.Credential
		args []string
	}{{nil, []string{"hidden", "50"}}, {nobody, []string{"churn", "20"}}} {
		cmd := exec.Command(os.Args[0], role.args...)
		cmd.Stderr = os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: role.user, Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			return err
		}
		defer func() { cmd.Process.Kill(); cmd.Wait() }()
	}
	f, err := part(nobody, "share")
	if err != nil {
		return err
	}
	fmt.Printf("an ordinary user, 20 new sockets a second, 50 unreadable, 1 s interval: %.2f %% of a core (target: 5), evidence at most %s old (target: 5 s)\n",
		100*f.Share, ms(f.Stale))
	return nil
}

// play runs one part, if the arguments name one.
func play(args []string) (ok bool, err error) {
	var f figures
	switch args[0] {
	case "raw":
		f, err = rawDumps(len(args) > 1)
	case "poll":
		f, err = enginePolls(pollInterval, polls, len(args) > 1, false)
	case "share":
		f, err = enginePolls(time.Second, 20, false, true)
	case "latency":
		f, err = latencies(20)
	case "hidden":
		n, _ := strconv.Atoi(args[1])
		return true, keepUDP(n)
	case "churn":
		n, _ := strconv.Atoi(args[1])
		return true, churnUDP(n)
	case "listen":
		return true, listenOnce()
	case "windows":
		return true, idleWindows(args[1], args[2])
	default:
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(f)
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// enginePolls runs the engine and measures the polls after the first two.
// With stale it also looks for the oldest evidence, which is work of its own.
func enginePolls(interval time.Duration, n int, connections, stale bool) (f figures, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m := monitor.New(monitor.Options{Interval: interval})
	m.WantConnections(connections)
	sub := m.Subscribe()
	go m.Run(ctx)
	var read, resolve []time.Duration
	var began time.Duration
	var since time.Time
	for i := range n + 2 {
		u, err := sub.Next(ctx)
		if err != nil {
			return f, err
		}
		if i == 1 {
			began, since = ownCPU(), time.Now()
		}
		if i < 2 {
			continue
		}
		read, resolve = append(read, u.Snapshot.Cost.Read), append(resolve, u.Snapshot.Cost.Resolve)
		f.Rows = len(u.Snapshot.Endpoints) + len(u.Snapshot.Connections)
		for i := 0; i < len(u.Snapshot.Endpoints) && stale; i++ {
			for _, h := range u.Snapshot.Endpoints[i].Holders {
				f.Stale = max(f.Stale, u.Snapshot.Taken.Sub(h.VerifiedAt))
			}
		}
	}
	used := ownCPU() - began
	f.CPU, f.Read, f.Resolve = used/time.Duration(n), median(read), median(resolve)
	f.Share = used.Seconds() / time.Since(since).Seconds()
	return f, nil
}

// latencies opens listeners in fresh processes at odd moments and waits until
// a subscriber is told of each, holder and all.
func latencies(n int) (f figures, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m := monitor.New(monitor.Options{Interval: time.Second})
	sub := m.Subscribe()
	go m.Run(ctx)
	if _, err := sub.Next(ctx); err != nil {
		return f, err
	}
	for i := range n {
		time.Sleep(time.Duration(100+37*i) * time.Millisecond)
		cmd := exec.Command(os.Args[0], "listen")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return f, err
		}
		if err := cmd.Start(); err != nil {
			return f, err
		}
		var addr string
		if _, err := fmt.Fscan(out, &addr); err != nil {
			return f, err
		}
		opened := time.Now()
		want := netip.MustParseAddrPort(addr)
		for known := false; !known; {
			u, err := sub.Next(ctx)
			if err != nil {
				return f, err
			}
			for i := range u.Snapshot.Endpoints {
				e := &u.Snapshot.Endpoints[i]
				known = known || e.Addr == want && len(e.Holders) > 0 && e.Holders[0].PID == int32(cmd.Process.Pid)
			}
		}
		f.Latencies = append(f.Latencies, time.Since(opened))
		cmd.Process.Kill()
		cmd.Wait()
	}
	return f, nil
}

func listenOnce() error {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	time.Sleep(time.Minute)
	return ln.Close()
}

func keepUDP(n int) error {
	var keep []net.PacketConn
	for range n {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		keep = append(keep, c)
	}
	for {
		time.Sleep(time.Hour)
		_ = keep
	}
}

// churnUDP opens n sockets a second, as a browser does, each for two seconds.
func churnUDP(n int) error {
	for {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		time.AfterFunc(2*time.Second, func() { c.Close() })
		time.Sleep(time.Second / time.Duration(n))
	}
}
