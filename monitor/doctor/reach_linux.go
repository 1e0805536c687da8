package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// firewallTimeout bounds one run of nft.
const firewallTimeout = 3 * time.Second

// barriers finds what stands between the port and other machines.
func (e *Evidence) barriers(ctx context.Context, q *Question) []Barrier {
	on := e.endpointsOn(q)
	all := boundNarrowly(on)
	if len(on) == 0 {
		all = append(all, unpublished(q)...)
	}
	all = append(all, ufwBarriers(q)...)
	all = append(all, nftBarriers(ctx, q)...)
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil && isWSL(string(release)) {
		all = append(all, Barrier{Kind: BarrierWSL, Evidence: strings.TrimSpace(string(release))})
	}
	return all
}

// isWSL: Microsoft's kernels say so in their release. Whether Windows forwards
// the network's connections depends on settings of Windows' own.
func isWSL(release string) bool { return strings.Contains(strings.ToLower(release), "microsoft") }

// nftBarriers asks nft(8), which also shows what iptables' newer half wrote.
// The old half, iptables-legacy, isn't read.
func nftBarriers(ctx context.Context, q *Question) []Barrier {
	nft := program("nft")
	if nft == "" {
		if program("iptables") != "" {
			return []Barrier{{Kind: BarrierUnknown, Evidence: "iptables, without nft"}}
		}
		return nil // nobody could have made rules
	}
	ctx, cancel := context.WithTimeout(ctx, firewallTimeout)
	defer cancel()
	rules, err := output(ctx, nft, "-j", "list", "ruleset")
	if err != nil {
		return []Barrier{{Kind: BarrierUnknown, Evidence: err.Error()}}
	}
	text, err := output(ctx, nft, "-a", "list", "ruleset")
	if err != nil {
		text = nil // then rules are named by their handles
	}
	all, err := parseNft(rules, string(text), q.Proto, q.Port)
	if err != nil {
		return []Barrier{{Kind: BarrierUnknown, Evidence: err.Error()}}
	}
	return all
}

// output runs a program and returns what it prints; its complaint is the error.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		line, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return nil, fmt.Errorf("%s %s: %s", filepath.Base(name), strings.Join(args, " "), line)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	return out, nil
}

// program finds an administrator's program, whose folder isn't in every
// user's PATH.
func program(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range [...]string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

// ufwBarriers reads ufw's own files (ufw-framework(8)); its rules are root's
// to read.
func ufwBarriers(q *Question) []Barrier {
	conf, err := os.ReadFile("/etc/ufw/ufw.conf")
	if err != nil || !ufwEnabled(string(conf)) {
		return nil
	}
	rules, err := os.ReadFile("/etc/ufw/user.rules")
	if err != nil {
		return []Barrier{{Kind: BarrierUnknown, Evidence: err.Error()}}
	}
	defaults, err := os.ReadFile("/etc/default/ufw")
	if err != nil {
		return []Barrier{{Kind: BarrierUnknown, Evidence: err.Error()}}
	}
	return parseUFW(string(rules), ufwAccepts(string(defaults)), q.Proto, q.Port)
}
