package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/ui/view"
)

// listing are the flags of `list`.
type listing struct {
	all, json, csv, noHeader bool
	sort                     string
}

func newList(env *Env) *cobra.Command {
	var l listing
	cmd := &cobra.Command{
		Use:               "list [FILTER…] [--all] [--json|--csv]",
		Short:             lang.X("cli.list.short", "Show the ports and who holds them"),
		Long:              lang.X("cli.list.long", "Show every port something waits at, and which process holds it.") + "\n\n" + filterHelp(),
		Example:           "  portlight list 3000\n  portlight list node -proto:udp\n  portlight list --all 5432\n  portlight list --json 3000-3999",
		ValidArgsFunction: completeFilter(env),
		RunE:              func(cmd *cobra.Command, args []string) error { return l.run(cmd.Context(), env, args) },
	}
	f := cmd.Flags()
	f.BoolVar(&l.all, "all", false, lang.X("cli.flag.all", "add connections, with their remote end"))
	f.BoolVar(&l.json, "json", false, lang.X("cli.flag.json", "print JSON (docs/json.md)"))
	f.BoolVar(&l.csv, "csv", false, lang.X("cli.flag.csv", "print CSV"))
	f.StringVar(&l.sort, "sort", "port", lang.X("cli.flag.sort", "sort by a `COLUMN`; -COLUMN for descending"))
	f.BoolVar(&l.noHeader, "no-header", false, lang.X("cli.flag.no_header", "print the table without its header"))
	f.SortFlags = false
	cmd.DisableFlagsInUseLine = true
	_ = cmd.RegisterFlagCompletionFunc("sort", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, c := range view.Columns() {
			names = append(names, c.String())
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}) // fails for unknown flags only
	return cmd
}

func (l *listing) run(ctx context.Context, env *Env, args []string) error {
	q, err := view.ParseTerms(args)
	if err != nil {
		return err
	}
	by, desc, err := view.ParseSort(l.sort)
	if err != nil {
		return err
	}
	if l.json && l.csv {
		return errors.New(lang.X("cli.error.json_csv", "--json and --csv exclude each other: choose one"))
	}
	s, err := env.Engine.Once(ctx, l.all)
	if err != nil {
		return readError(err)
	}
	rows := view.Build(s, q, view.Options{Sort: by, Desc: desc, All: l.all}).Rows
	switch {
	case l.json:
		err = export.WriteJSON(env.Stdout, s.Taken, items(rows), s.Warnings)
	case l.csv:
		err = export.WriteCSV(env.Stdout, items(rows), !l.noHeader)
	case len(rows) > 0:
		t := table{out: env.Stdout, width: env.Width(), header: !l.noHeader, colour: env.colours(), now: env.Now()}
		err = t.write(rows, l.all)
		env.footer(s, rows)
	default:
		env.remark(lang.X("cli.list.nothing", "nothing found"))
	}
	if err == nil && len(rows) == 0 {
		return errNothing
	}
	return err
}

func items(rows []view.Row) []export.Item {
	out := make([]export.Item, len(rows))
	for i, r := range rows {
		out[i] = export.Item{Endpoint: r.Endpoint, Connection: r.Connection}
	}
	return out
}

// readError says that the system's sockets could not be read.
func readError(err error) error {
	return fmt.Errorf("%s: %w", lang.X("cli.error.read", "the system's sockets can't be read"), err)
}

// footer tells a person what the table could not show.
func (e *Env) footer(s *monitor.Snapshot, rows []view.Row) {
	hidden := 0
	for _, r := range rows {
		if r.Endpoint != nil && r.Endpoint.Owner == monitor.OwnerHidden ||
			r.Connection != nil && r.Connection.Owner == monitor.OwnerHidden {
			hidden++
		}
	}
	if d := map[string]any{"Count": hidden}; hidden > 0 && e.Root {
		e.remark(lang.XN("cli.list.unreadable", "{{.Count}} sockets belong to processes that can't be read", hidden, d))
	} else if hidden > 0 {
		e.remark(lang.XN("cli.list.hidden", "{{.Count}} sockets belong to other users; run as root or administrator to see who", hidden, d))
	}
	for _, w := range s.Warnings {
		if w.Code != monitor.WarnUnreadable { // said above, of what is shown
			e.remark(view.Warning(w))
		}
	}
}

// remark writes a line beside the result, if a person looks at both.
func (e *Env) remark(s string) {
	if e.StderrTerminal && e.Width() > 0 {
		io.WriteString(e.Stderr, e.colours().paint(dim, escape(s))+"\n")
	}
}
