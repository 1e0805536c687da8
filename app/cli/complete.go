package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor/sockets"
	"github.com/portlight-app/portlight/ui/view"
)

// patience is how long a completion may take: somebody holds the Tab key.
const patience = time.Second

// completeFilter offers the ports held now, the filter's keys, and after a key
// its values.
func completeFilter(env *Env) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		not, rest := "", typed
		if s, ok := strings.CutPrefix(typed, "-"); ok {
			not, rest = "-", s
		}
		key, _, hasKey := strings.Cut(rest, ":")
		var found []string
		if !hasKey {
			if rest == "" || rest[0] < '0' || rest[0] > '9' {
				for _, k := range view.Keys() {
					found = append(found, not+k+":")
				}
			}
			if ports := portCompletions(cmd.Context(), env, rest, not); len(ports) > 0 {
				return append(ports, withPrefix(found, typed)...), cobra.ShellCompDirectiveNoFileComp
			}
			return withPrefix(found, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		var values []string
		switch key {
		case "proto":
			values = []string{"tcp", "udp"}
		case "state":
			for _, s := range sockets.States() {
				values = append(values, s.String())
			}
		case "addr":
			values = []string{"127.0.0.1", "localhost", "*"}
		case "process":
			values = distinct(cmd.Context(), env, programs)
		case "user":
			values = distinct(cmd.Context(), env, func(r view.Row) []string { return []string{r.User} })
		}
		for _, v := range values {
			found = append(found, not+key+":"+v)
		}
		return withPrefix(found, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// completePort offers the ports held now.
func completePort(env *Env) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return portCompletions(cmd.Context(), env, typed, ""), cobra.ShellCompDirectiveNoFileComp
	}
}

// completePorts offers the ports held now, any number of them.
func completePorts(env *Env) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return portCompletions(cmd.Context(), env, typed, ""), cobra.ShellCompDirectiveNoFileComp
	}
}

// portCompletions lists the ports that begin as typed, each once, with their
// holders as description.
func portCompletions(ctx context.Context, env *Env, typed, before string) []cobra.Completion {
	var out []cobra.Completion
	last := ""
	for _, r := range quickRows(ctx, env) {
		if r.Port == last || !strings.HasPrefix(r.Port, typed) {
			continue
		}
		last = r.Port
		about := r.Process
		if r.Project != "" {
			about += " · " + r.Project
		}
		out = append(out, cobra.CompletionWithDesc(before+r.Port, escape(about)))
	}
	return out
}

// distinct lists what rows say, each once, but for what would need quotes.
func distinct(ctx context.Context, env *Env, of func(view.Row) []string) (values []string) {
	seen := map[string]bool{"": true}
	for _, r := range quickRows(ctx, env) {
		for _, v := range of(r) {
			if !seen[v] && !strings.ContainsAny(v, "\", \t\n") {
				seen[v] = true
				values = append(values, escape(v))
			}
		}
	}
	return values
}

func programs(r view.Row) (names []string) {
	for _, h := range r.Endpoint.Holders {
		names = append(names, h.Name)
	}
	return names
}

// quickRows are the rows by port; none if they can't be had at once.
func quickRows(ctx context.Context, env *Env) []view.Row {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := env.Engine.Once(ctx, false)
	if err != nil {
		return nil
	}
	return view.Build(s, view.Query{}, view.Options{}).Rows
}

func withPrefix(all []string, prefix string) []cobra.Completion {
	var out []cobra.Completion
	for _, s := range all {
		if strings.HasPrefix(s, prefix) {
			out = append(out, s)
		}
	}
	return out
}
