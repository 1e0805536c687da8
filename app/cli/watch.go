package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/monitor/export"
	"github.com/portlight-app/portlight/ui/view"
)

// minInterval keeps a watch from becoming a busy loop.
const minInterval = 100 * time.Millisecond

// watching are the flags of `watch`, and what it remembers.
type watching struct {
	json     bool
	interval time.Duration

	env     *Env
	query   view.Query
	builder *view.Builder
	began   time.Time // when the baseline was taken
}

func newWatch(env *Env) *cobra.Command {
	w := watching{env: env}
	cmd := &cobra.Command{
		Use:   "watch [FILTER…] [--interval 1s] [--json]",
		Short: lang.X("cli.watch.short", "Print a line whenever a port opens, closes or changes hands"),
		Long: lang.X("cli.watch.long", "Print a line whenever a port opens, closes or changes hands, until interrupted.\nWhat is open at the start is not printed.") +
			"\n\n" + filterHelp(),
		Example:           "  portlight watch\n  portlight watch 3000-3999 -proto:udp\n  portlight watch --json node",
		ValidArgsFunction: completeFilter(env),
		RunE:              func(cmd *cobra.Command, args []string) error { return w.run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.DurationVar(&w.interval, "interval", monitor.DefaultInterval, lang.X("cli.flag.interval", "time between two looks: `TIME`, at least 100ms"))
	f.BoolVar(&w.json, "json", false, lang.X("cli.flag.json_lines", "print a JSON object a line (docs/json.md)"))
	f.SortFlags = false
	cmd.DisableFlagsInUseLine = true
	return cmd
}

func (w *watching) run(ctx context.Context, args []string) (err error) {
	if w.query, err = view.ParseTerms(args); err != nil {
		return err
	}
	if w.interval < minInterval {
		return errors.New(lang.X("cli.error.interval", "--interval is too short: give at least 100ms"))
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	w.builder = view.NewBuilder()
	err = w.env.Engine.Watch(ctx, w.interval, w.update)
	switch {
	case ctx.Err() != nil: // interrupted: how a watch ends
		return nil
	case err == nil || readerGone(err):
		return err
	}
	var write *writeError
	if errors.As(err, &write) {
		return err
	}
	return readError(err)
}

// writeError is a failure to print, not to read.
type writeError struct{ error }

func (e *writeError) Unwrap() error { return e.error }

// update prints the changes that pass the filter, each in one write.
func (w *watching) update(u monitor.Update) error {
	if u.Baseline || w.began.IsZero() {
		w.began = u.Snapshot.Taken
	}
	for _, c := range u.Changes {
		now, was := w.row(c.After), w.row(c.Before)
		if now == nil && was == nil {
			continue
		}
		var err error
		if w.json {
			err = export.WriteEvent(w.env.Stdout, c)
		} else if c.Kind != monitor.Updated { // of which a line shows nothing
			_, err = io.WriteString(w.env.Stdout, w.line(c, w.any(c.After), w.any(c.Before)))
		}
		if err != nil {
			return &writeError{err}
		}
	}
	return nil
}

// row is the endpoint as a row, nil if it doesn't pass the filter.
func (w *watching) row(e *monitor.Endpoint) *view.Row { return w.rowIf(e, w.query) }

// any is the endpoint as a row, nil only for no endpoint.
func (w *watching) any(e *monitor.Endpoint) *view.Row { return w.rowIf(e, view.Query{}) }

func (w *watching) rowIf(e *monitor.Endpoint, q view.Query) *view.Row {
	if e == nil {
		return nil
	}
	one := &monitor.Snapshot{Endpoints: []monitor.Endpoint{*e}, Taken: w.began}
	rows := w.builder.Build(one, q, view.Options{Baseline: w.began}).Rows
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}

// line tells of one change: "12:00:05  opened  tcp 127.0.0.1:3000  node (42)
// shop  node server.js".
func (w *watching) line(c monitor.Change, now, was *view.Row) string {
	colour := w.env.colours()
	kind := map[monitor.ChangeKind]style{monitor.Opened: green, monitor.Closed: red, monitor.HolderChanged: yellow}[c.Kind]
	r := now
	if r == nil {
		r = was
	}
	who := holderOf(r)
	if c.Kind == monitor.HolderChanged && was != nil && holderOf(was) != who {
		who = holderOf(was) + " → " + who
	}
	parts := []string{c.At.In(w.env.Now().Location()).Format(time.TimeOnly), pad(view.Change(c.Kind), kindWidth(), false), r.Proto + " " + r.Local, who}
	for _, s := range []string{r.Project, r.Command} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	text := escape(strings.Join(parts, gap))
	if limit := w.env.Width(); limit > 0 {
		text = fit(text, limit)
	}
	word := view.Change(c.Kind)
	return strings.Replace(text, word, colour.paint(kind, word), 1) + "\n"
}

// kindWidth is the width of the longest word for a change.
func kindWidth() int {
	return max(width(view.Change(monitor.Opened)), width(view.Change(monitor.Closed)), width(view.Change(monitor.HolderChanged)))
}

// holderOf names a row's holder: "node (42)", "(nginx.service)".
func holderOf(r *view.Row) string {
	if r.PID == "" {
		return r.Process
	}
	return r.Process + " (" + r.PID + ")"
}
