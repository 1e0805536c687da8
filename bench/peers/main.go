//go:build linux

// Peers measures Portlight beside the tools people use today, all under the
// same load and in the same run: their one-shot commands in turns, then what
// `portlight watch` takes while it stays.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	gopsutil "github.com/shirou/gopsutil/v3/net"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "gopsutil" {
		// The library as a program: all sockets with their PIDs.
		if _, err := gopsutil.Connections("inet"); err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 4 && os.Args[1] == "load" {
		listeners, _ := strconv.Atoi(os.Args[2])
		pairs, _ := strconv.Atoi(os.Args[3])
		if err := load(listeners, pairs); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 {
		if ok, err := play(os.Args[1:]); ok {
			if err != nil {
				fmt.Fprintln(os.Stderr, "peers:", err)
				os.Exit(1)
			}
			return
		}
	}
	portlight := flag.String("portlight", "", "the program to measure")
	processes := flag.Int("processes", 100, "processes of the load")
	listeners := flag.Int("listeners", 50, "listeners of each")
	pairs := flag.Int("pairs", 100, "connected pairs of each")
	runs := flag.Int("runs", 7, "runs of each command")
	watch := flag.Duration("watch", 15*time.Second, "how long to watch")
	flag.Parse()
	if err := measure(*portlight, *processes, *listeners, *pairs, *runs, *watch); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func measure(portlight string, processes, listeners, pairs, runs int, watch time.Duration) error {
	port, stop, err := startLoad(processes, listeners, pairs)
	defer stop()
	if err != nil {
		return err
	}
	fmt.Printf("\nLoad: %d processes, %d listeners, %d connected pairs; as uid %d, %d runs each, in turns.\n\n",
		processes, processes*listeners, processes*pairs, os.Getuid(), runs)
	contestants := []*contestant{
		{name: "portlight list", args: []string{portlight, "list"}},
		{name: "portlight list --json", args: []string{portlight, "list", "--json"}},
		{name: "portlight list --all", args: []string{portlight, "list", "--all"}},
		{name: "portlight who PORT", args: []string{portlight, "who", port}},
		{name: "ss -tulpn", args: []string{"ss", "-tulpn"}},
		{name: "ss -tuapn", args: []string{"ss", "-tuapn"}},
		{name: "netstat -tulpn", args: []string{"netstat", "-tulpn"}},
		{name: "lsof -nP -iTCP -sTCP:LISTEN", args: []string{"lsof", "-nP", "-iTCP", "-sTCP:LISTEN"}},
		{name: "gopsutil Connections(inet)", args: []string{os.Args[0], "gopsutil"}},
		{name: "witr --port PORT", args: []string{"witr", "--port", port}},
		{name: "snitch ls -l", args: []string{"snitch", "ls", "-l"}},
	}
	for range runs {
		for _, c := range contestants {
			c.run()
		}
	}
	table(contestants, "ss -tulpn")
	fmt.Println("(target: portlight list in 0.60× the time of ss -tulpn)")
	ss := contestants[slices.IndexFunc(contestants, func(c *contestant) bool { return c.name == "ss -tulpn" })]
	if err := engine(ss); err != nil {
		return err
	}
	return steady(portlight, watch, ss)
}

// contestant is a command and what its runs took.
type contestant struct {
	name      string
	args      []string
	wall, cpu []time.Duration
	rss       int64
	absent    string
}

func (c *contestant) run() {
	if c.absent != "" {
		return
	}
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Stdout = io.Discard
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	switch {
	case cmd.ProcessState == nil:
		c.absent = "not here"
		return
	case err != nil && cmd.ProcessState.ExitCode() > 2:
		c.absent = err.Error()
		return
	}
	c.wall = append(c.wall, took)
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.rss = max(c.rss, u.Maxrss/1024)
	}
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

func table(contestants []*contestant, yardstick string) {
	var of time.Duration
	for _, c := range contestants {
		if c.name == yardstick && len(c.wall) > 0 {
			of = median(c.wall)
		}
	}
	fmt.Printf("%-30s %10s %10s %10s %10s %8s\n", "command", "wall min", "median", "CPU", "of ss", "RSS")
	for _, c := range contestants {
		if c.absent != "" || len(c.wall) == 0 {
			fmt.Printf("%-30s %10s\n", c.name, c.absent)
			continue
		}
		ratio := "-"
		if of > 0 {
			ratio = fmt.Sprintf("%.2f×", float64(median(c.wall))/float64(of))
		}
		fmt.Printf("%-30s %10s %10s %10s %10s %5d MB\n", c.name,
			ms(slices.Min(c.wall)), ms(median(c.wall)), ms(median(c.cpu)), ratio, c.rss)
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

// steady lets `portlight watch` stay for a while and reads what the kernel
// says it took, from after its first poll on.
func steady(portlight string, long time.Duration, ss *contestant) error {
	cmd := exec.Command(portlight, "watch", "--json", "--interval", "1s")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	time.Sleep(3 * time.Second) // the baseline
	before, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("watch has ended: %w", err)
	}
	time.Sleep(long)
	after, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("watch has ended: %w", err)
	}
	perSecond := time.Duration(float64(after-before) / long.Seconds())
	fmt.Printf("\nportlight watch, 1 s interval: %s of CPU a second (%.2f %% of a core), %d MB RSS at most (target: 60)",
		ms(perSecond), 100*perSecond.Seconds(), highWater(cmd.Process.Pid))
	if len(ss.cpu) > 0 && perSecond > 0 {
		fmt.Printf("; one ss -tulpn takes %.0f× as much CPU as one poll", float64(median(ss.cpu))/float64(perSecond))
	}
	fmt.Println()
	return nil
}

// cpuTime reads fields 14 and 15 of /proc/PID/stat (proc(5)), in ticks of 10 ms.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

// highWater returns the most memory the process had at once, in MB, and
// residentNow what it has now.
func highWater(pid int) int   { return statusMB(pid, "VmHWM:") }
func residentNow(pid int) int { return statusMB(pid, "VmRSS:") }

func statusMB(pid int, field string) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == field {
			kb, _ := strconv.Atoi(fields[1])
			return kb / 1024
		}
	}
	return 0
}
