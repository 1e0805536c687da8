package app

import (
	"context"
	"sync"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/containers"
)

// engine is package monitor as the command line asks it.
type engine struct{}

// containerPatience bounds the wait for a container engine's names: they are
// worth less than the answer.
const containerPatience = 250 * time.Millisecond

// Once reads the ports a single time, with the containers' names if their
// engine tells them at once.
func (engine) Once(ctx context.Context, connections bool) (*monitor.Snapshot, error) {
	names := containers.New(nil)
	asking, cancel := context.WithTimeout(ctx, containerPatience)
	defer cancel()
	_ = names.Ask(asking) // most machines have no container engine
	return monitor.Once(ctx, monitor.Options{Containers: names}, connections)
}

// Who tells the stories of a port.
func (engine) Who(s *monitor.Snapshot, port uint16) []monitor.Story {
	return monitor.Who(s, port)
}

// Watch polls until each or the engine fails, or ctx ends.
func (engine) Watch(ctx context.Context, interval time.Duration, each func(monitor.Update) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	var m *monitor.Monitor
	names := containers.New(func() { m.Wake() })
	m = monitor.New(monitor.Options{Interval: interval, Containers: names})
	updates := m.Subscribe()
	defer updates.Close()
	wg.Go(func() { names.Run(ctx) })
	failed := make(chan error, 1)
	polling, stop := context.WithCancel(ctx)
	wg.Go(func() {
		defer stop()
		failed <- m.Run(ctx)
	})
	for {
		u, err := updates.Next(polling)
		if err != nil {
			cancel()
			return <-failed // nil if it was ctx that ended
		}
		if err := each(u); err != nil {
			return err
		}
	}
}
