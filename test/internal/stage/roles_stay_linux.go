package stage

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// stubborn NETWORK ADDRESS: listens, and takes no notice of being asked to end.
func stubborn(args []string) (*Held, error) {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	return listen(args)
}

// respawn NETWORK ADDRESS: starts a child that listens, and another one at the
// same port each time the last has ended.
func respawn(args []string) (*Held, error) {
	held, ended, err := offspring(args[0], args[1])
	if err != nil {
		return nil, err
	}
	address := args[1]
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		address = address[:i+1] + strconv.Itoa(int(held.Port))
	}
	go func() {
		for err == nil {
			<-ended
			_, ended, err = offspring(args[0], address)
		}
	}()
	return held, nil
}

// offspring starts a child in the role "listen" that ends with this process;
// ended is closed when it has.
func offspring(network, address string) (*Held, <-chan struct{}, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVariable+"=listen", argsVariable+"="+network+"\x1f"+address)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	held := &Held{}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, held)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		in.Close()
		close(ended)
	}()
	return held, ended, err
}
