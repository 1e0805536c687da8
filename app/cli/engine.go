package cli

import (
	"context"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/containers"
)

// Local is the Engine of this machine.
type Local struct{}

// namesIn is how long a command waits for the container engine's names.
const namesIn = 250 * time.Millisecond

// Once reads the machine's ports a single time.
func (Local) Once(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
	names := containers.New(nil)
	asking, cancel := context.WithTimeout(ctx, namesIn)
	defer cancel()
	_ = names.Ask(asking) // without an engine there are no names
	return monitor.Once(ctx, monitor.Options{Containers: names}, connections)
}

// Who tells the stories of a port.
func (Local) Who(s *monitor.Snapshot, port uint16) []monitor.Story { return monitor.Who(s, port) }

// Watch polls until ctx ends, each fails or the sockets can't be read.
func (Local) Watch(ctx context.Context, interval time.Duration, each func(monitor.Update) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var m *monitor.Monitor
	names := containers.New(func() { m.Wake() })
	m = monitor.New(monitor.Options{Interval: interval, Containers: names})
	sub := m.Subscribe()
	defer sub.Close()
	asking := make(chan struct{})
	go func() {
		defer close(asking)
		names.Run(ctx)
	}()
	defer func() { cancel(); <-asking }()
	ended := make(chan error, 1)
	go func() {
		defer cancel() // wakes Next
		ended <- m.Run(ctx)
	}()
	for {
		u, err := sub.Next(ctx)
		if err != nil {
			return <-ended
		}
		if err := each(u); err != nil {
			cancel()
			<-ended
			return err
		}
	}
}
