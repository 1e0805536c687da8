package elevate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// CanStop tells whether an elevated program sees that Run's context ended.
const CanStop = true

func run(ctx context.Context, r Request, terminal bool) (Result, error) {
	self, err := os.Executable()
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return polkit{self, pkexecs[:], safe, terminal}.run(ctx, r)
}

// pkexecs are where pkexec is installed, NixOS' place last. It isn't looked for
// in PATH: what is found there could ask for the password itself.
var pkexecs = [...]string{"/usr/bin/pkexec", "/usr/local/bin/pkexec", "/run/wrappers/bin/pkexec"}

// polkit starts programs with root's rights through pkexec(1).
type polkit struct {
	self    string
	pkexecs []string
	safe    func(string) error
	// terminal allows pkexec to ask at the terminal, if no agent is registered.
	terminal bool
}

// The exit codes of pkexec itself (pkexec(1), RETURN VALUE).
const (
	pkexecDismissed = 126
	pkexecDenied    = 127
)

// tidy is how long the elevated program may take to end once told so.
const tidy = 3 * time.Second

func (p polkit) run(ctx context.Context, r Request) (Result, error) {
	if err := p.safe(p.self); err != nil {
		return Result{}, err
	}
	pkexec := ""
	for _, path := range p.pkexecs {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			pkexec = path
			break
		}
	}
	if pkexec == "" {
		return Result{}, fmt.Errorf("%w: pkexec isn't installed", ErrUnavailable)
	}
	args := append([]string{p.self}, r.Args()...)
	if !p.terminal {
		// Or pkexec would ask at whatever terminal the window was started from.
		args = append([]string{"--disable-internal-agent"}, args...)
	}
	cmd := exec.CommandContext(ctx, pkexec, append(args, watchFlag)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return Result{}, err
	}
	// Root's program can't be signalled, but it sees its input end.
	cmd.Cancel = stdin.Close
	cmd.WaitDelay = tidy
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		switch exit.ExitCode() {
		case pkexecDismissed:
			return Result{}, ErrDismissed
		case pkexecDenied:
			return Result{}, fmt.Errorf("%w: %s", ErrDenied, clean(said.String()))
		}
	}
	var res Result
	if json.Unmarshal(out.Bytes(), &res) == nil && (res.Ending != "" || res.Blocked != "" || res.Error != "") {
		return res, nil
	}
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	return Result{}, fmt.Errorf("the elevated program answered %q (%v): %s", clean(out.String()), err, clean(said.String()))
}

// clean keeps one line of what another program complained of.
func clean(said string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	const most = 300
	return line[:min(len(line), most)]
}
