//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// startLoad starts the processes of the load and waits until each has opened
// its sockets. It returns one port of theirs and what ends them.
func startLoad(processes, listeners, pairs int) (port string, stop func(), err error) {
	var ends []func()
	stop = func() {
		for _, end := range ends {
			end()
		}
	}
	for i := range processes {
		cmd := exec.Command(os.Args[0], "load", strconv.Itoa(listeners), strconv.Itoa(pairs))
		cmd.Stderr = os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		in, err := cmd.StdinPipe()
		if err != nil {
			return "", stop, err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return "", stop, err
		}
		if err := cmd.Start(); err != nil {
			return "", stop, err
		}
		ends = append(ends, func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
		said, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return "", stop, fmt.Errorf("process %d of the load: %w", i, err)
		}
		port = strings.TrimSpace(said)
	}
	return port, stop, nil
}

// load opens the sockets of one process and keeps them until its input ends.
func load(listeners, pairs int) error {
	var open []any
	var last net.Listener
	for range listeners {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		last = l
		open = append(open, l)
	}
	for range pairs {
		c, err := net.Dial("tcp", last.Addr().String())
		if err != nil {
			return err
		}
		s, err := last.Accept()
		if err != nil {
			return err
		}
		open = append(open, c, s)
	}
	fmt.Println(last.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
	_ = open
	return nil
}
