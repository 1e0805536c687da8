package containers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// Errors of Stop and Policy; test with errors.Is.
var (
	ErrNoEngine = errors.New("no container engine answers")
	ErrNotFound = errors.New("no such container")
	ErrDenied   = errors.New("the container engine doesn't let this user do that")
	// ErrRefused: the engine answered that it can't, for a reason of its own.
	ErrRefused = errors.New("the container engine refused")
)

// Policy says when the engine starts a container again.
type Policy string

// The policies ("docker run --restart"). A container that was stopped on
// request isn't started again by any of the first four while the engine runs
// (https://docs.docker.com/engine/containers/start-containers-automatically/).
const (
	PolicyNo            Policy = "no"
	PolicyOnFailure     Policy = "on-failure"
	PolicyUnlessStopped Policy = "unless-stopped"
	// PolicyAlways: it comes back when the engine itself starts, so mostly at
	// the next boot.
	PolicyAlways Policy = "always"
	// PolicySwarm: it is a task of a swarm's service, which replaces it at once.
	PolicySwarm Policy = "swarm"
)

// ComesBack reports whether a container that was stopped on request is replaced
// at once.
func (p Policy) ComesBack() bool { return p == PolicySwarm }

// ComesBackAtBoot reports whether it is there again after the engine's next start.
func (p Policy) ComesBackAtBoot() bool { return p == PolicySwarm || p == PolicyAlways }

// Policy asks when the engine starts that container again.
func (e *Engine) Policy(ctx context.Context, id string) (Policy, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	cli, err := dial()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	defer cli.Close()
	got, err := cli.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return "", fmt.Errorf("container %.12s: %w", id, meaning(ctx, cli, err))
	}
	if c := got.Container.Config; c != nil && c.Labels["com.docker.swarm.service.id"] != "" {
		return PolicySwarm, nil
	}
	policy := PolicyNo
	if h := got.Container.HostConfig; h != nil && h.RestartPolicy.Name != "" {
		policy = Policy(h.RestartPolicy.Name)
	}
	return policy, nil
}

// slack is what the engine gets beyond the grace time to tidy up and answer.
const slack = 10 * time.Second

// Stop stops a container through the engine and returns when that has
// happened: it asks the container's first process to end (with the signal the
// image names, SIGTERM unless it does) and kills it after the grace time, which
// is rounded up to whole seconds; 0 kills at once, also while an earlier Stop
// waits, and less than 0 never does ("t" of the API's ContainerStop). A
// container that has stopped already is no error. If ctx ends, its error is
// returned; the engine goes on, and kills even so when the time is over.
func (e *Engine) Stop(ctx context.Context, id string, grace time.Duration) error {
	cli, err := dial()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	defer cli.Close()
	return stop(ctx, cli, id, grace, slack)
}

func stop(ctx context.Context, cli *client.Client, id string, grace, slack time.Duration) error {
	seconds := -1
	bounded, cancel := context.WithCancel(ctx)
	if grace >= 0 {
		seconds = int(math.Ceil(grace.Seconds()))
		bounded, cancel = context.WithTimeout(ctx, time.Duration(seconds)*time.Second+slack)
	}
	defer cancel()
	_, err := cli.ContainerStop(bounded, id, client.ContainerStopOptions{Timeout: &seconds})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("stop container %.12s: %w", id, meaning(bounded, cli, err))
}

// meaning gives an error of the engine's client the meaning it has here.
func meaning(ctx context.Context, cli *client.Client, err error) error {
	kind := ErrRefused
	switch {
	case errdefs.IsNotFound(err):
		kind = ErrNotFound
	case errdefs.IsPermissionDenied(err), errdefs.IsUnauthorized(err), closedToUs(ctx, cli):
		kind = ErrDenied
	case client.IsErrConnectionFailed(err), ctx.Err() != nil:
		kind = ErrNoEngine
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// closedToUs reports whether the engine's socket is there and not for this
// user: the client's error tells it in words only.
func closedToUs(ctx context.Context, cli *client.Client) bool {
	path, ok := strings.CutPrefix(cli.DaemonHost(), "unix://")
	if !ok {
		return false
	}
	var d net.Dialer
	c, err := d.DialContext(context.WithoutCancel(ctx), "unix", path)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, fs.ErrPermission)
}
