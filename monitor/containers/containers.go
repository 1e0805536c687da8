// Package containers knows the containers of this machine's container engine:
// their names, and which of the machine's ports they publish. It asks the
// engine's API (Docker, or Podman's compatible one) in its own time and answers
// from memory; a machine without an engine simply has no containers.
package containers

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/sockets"
)

const (
	// askTimeout bounds one question: a hung engine must not leave us waiting
	// for ever with old names.
	askTimeout = 5 * time.Second
	// retry is the time between attempts while no engine answers, refresh
	// that between questions while one does, should its events fail us.
	retry   = 15 * time.Second
	refresh = time.Minute
	// gather waits for the rest of a burst of events: compose starts a dozen
	// containers at once.
	gather = 200 * time.Millisecond
)

// Engine is what the container engine said last. It implements
// monitor.ContainerNamer.
type Engine struct {
	mu         sync.Mutex
	generation uint64
	byID       map[string]monitor.Container
	published  map[publication]monitor.Container
	changed    func()
}

// publication is one published port. An invalid address stands for all.
type publication struct {
	proto sockets.Proto
	addr  netip.Addr
	port  uint16
}

// New returns an Engine that knows nothing yet. changed, if not nil, is called
// after an answer that differs from the last.
func New(changed func()) *Engine { return &Engine{changed: changed} }

// ByID returns the container with that full id.
func (e *Engine) ByID(id string) (monitor.Container, bool) {
	if id == "" {
		return monitor.Container{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.byID[id]
	return c, ok
}

// Published returns the container that publishes a port there.
func (e *Engine) Published(k monitor.Key) (monitor.Container, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.published[publication{k.Proto, k.Addr.Addr().Unmap().WithZone(""), k.Addr.Port()}]
	return c, ok
}

// Generation changes whenever an answer may.
func (e *Engine) Generation() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.generation
}

// Run asks until ctx ends. It never fails: without an engine, or without
// permission to ask it, there are no names.
func (e *Engine) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if cli, err := dial(); err == nil {
			e.follow(ctx, cli)
			cli.Close()
		}
		e.store(nil)
		pause(ctx, retry)
	}
}

// Ask asks once, within the context's time: what a command line needs.
func (e *Engine) Ask(ctx context.Context) error {
	cli, err := dial()
	if err != nil {
		return err
	}
	defer cli.Close()
	return e.ask(ctx, cli)
}

// follow asks at every event until the engine stops answering.
func (e *Engine) follow(ctx context.Context, cli *client.Client) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := cli.Events(ctx, client.EventsListOptions{Filters: make(client.Filters).Add("type", "container")})
	for {
		if e.ask(ctx, cli) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-events.Err:
			return
		case <-events.Messages:
			drain(ctx, events.Messages)
		case <-time.After(refresh):
		}
	}
}

// drain takes the events that come within the gathering time.
func drain[T any](ctx context.Context, ch <-chan T) {
	t := time.NewTimer(gather)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			return
		case <-ch:
		}
	}
}

func (e *Engine) ask(ctx context.Context, cli *client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	list, err := cli.ContainerList(ctx, client.ContainerListOptions{})
	if err != nil {
		return err
	}
	e.store(list.Items)
	return nil
}

// store replaces what is known.
func (e *Engine) store(items []container.Summary) {
	byID := make(map[string]monitor.Container, len(items))
	published := make(map[publication]monitor.Container)
	for i := range items {
		it := &items[i]
		c := monitor.Container{ID: it.ID, Name: it.ID, Image: it.Image, Project: it.Labels["com.docker.compose.project"]}
		if len(it.Names) > 0 {
			c.Name = strings.TrimPrefix(it.Names[0], "/")
		}
		byID[c.ID] = c
		for _, p := range it.Ports {
			proto := map[string]sockets.Proto{"tcp": sockets.TCP, "udp": sockets.UDP}[p.Type]
			if p.PublicPort == 0 || proto == 0 {
				continue
			}
			published[publication{proto, p.IP.Unmap(), p.PublicPort}] = c
		}
	}
	e.mu.Lock()
	same := equal(e.byID, byID) && equal(e.published, published)
	if !same {
		e.byID, e.published = byID, published
		e.generation++
	}
	e.mu.Unlock()
	if !same && e.changed != nil {
		e.changed()
	}
}

func equal[K, V comparable](a, b map[K]V) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// dial prepares a client: DOCKER_HOST and its companions if set, else the
// first socket there is of Docker's and Podman's usual ones.
func dial() (*client.Client, error) {
	if os.Getenv(client.EnvOverrideHost) != "" {
		return client.New(client.FromEnv)
	}
	for _, path := range socketPaths() {
		if _, err := os.Stat(path); err == nil {
			return client.New(client.WithHost("unix://" + path))
		}
	}
	return client.New(client.FromEnv)
}

func socketPaths() []string {
	paths := []string{"/var/run/docker.sock"}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		paths = append(paths, filepath.Join(dir, "docker.sock"), filepath.Join(dir, "podman", "podman.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		paths = append(paths, filepath.Join(home, ".docker", "desktop", "docker.sock"), filepath.Join(home, ".docker", "run", "docker.sock"))
	}
	return paths
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
