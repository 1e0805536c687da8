package cli

import (
	"bufio"
	"io"
	"strings"
	"time"

	"github.com/portlight-app/portlight/monitor"
	"github.com/portlight-app/portlight/ui/view"
)

// gap separates two columns.
const gap = "  "

// column is one column of a table: what it is, and how much room it can do
// with.
type column struct {
	view.Column
	// comfort is the width up to which it isn't worth to cut, least the one
	// below which it is left out.
	comfort, least int
	width          int // 0: left out
	empty          bool
	cells          []string
}

// tableColumns are the columns of `list`, as they stand from left to right.
func tableColumns(all bool) []*column {
	cs := []*column{
		{Column: view.ColProto, comfort: 5, least: 3},
		{Column: view.ColAddress, comfort: 15, least: 9},
		{Column: view.ColPort, comfort: 5, least: 4},
	}
	if all {
		cs = append(cs,
			&column{Column: view.ColRemote, comfort: 21, least: 14},
			&column{Column: view.ColState, comfort: 11, least: 6})
	}
	return append(cs,
		&column{Column: view.ColProject, comfort: 14, least: 6},
		&column{Column: view.ColProcess, comfort: 18, least: 6},
		&column{Column: view.ColPID, comfort: 10, least: 3},
		&column{Column: view.ColUser, comfort: 10, least: 7},
		&column{Column: view.ColSince, comfort: 8, least: 5},
		&column{Column: view.ColCommand, comfort: 20, least: 14})
}

// importance is the order in which columns get room where there is little.
var importance = []view.Column{
	view.ColPort, view.ColProcess, view.ColProto, view.ColAddress, view.ColRemote, view.ColPID,
	view.ColProject, view.ColState, view.ColCommand, view.ColUser, view.ColSince,
}

// table writes rows as a table.
type table struct {
	out    io.Writer
	width  int // of the terminal; 0: as wide as need be
	header bool
	colour palette
	now    time.Time
}

func (t *table) write(rows []view.Row, all bool) error {
	cols := tableColumns(all)
	for _, c := range cols {
		c.cells = make([]string, len(rows))
		for i := range rows {
			cell := rows[i].Cell(c.Column, t.now)
			if c.Column == view.ColSince {
				cell = strings.Replace(cell, "≤", "<", 1) // as the window writes it
			}
			c.cells[i] = escape(cell)
		}
	}
	layOut(cols, t.width, t.header)

	out := bufio.NewWriterSize(t.out, 64<<10)
	if t.header {
		t.line(out, cols, func(c *column) (string, style) { return c.Title(), bold })
	}
	for i := range rows {
		t.line(out, cols, func(c *column) (string, style) { return c.cells[i], styleOf(&rows[i], c.Column) })
	}
	return out.Flush()
}

// line writes one line; nothing follows the last cell.
func (t *table) line(out *bufio.Writer, cols []*column, cell func(*column) (string, style)) {
	last := len(cols) - 1
	for last > 0 && cols[last].width == 0 {
		last--
	}
	var b strings.Builder
	for i, c := range cols {
		if c.width == 0 {
			continue
		}
		s, st := cell(c)
		s = fit(s, c.width)
		spaces := strings.Repeat(" ", c.width-width(s))
		if b.Len() > 0 {
			b.WriteString(gap)
		}
		switch painted := t.colour.paint(st, s); {
		case c.Numeric():
			b.WriteString(spaces + painted)
		case i == last:
			b.WriteString(painted)
		default:
			b.WriteString(painted + spaces)
		}
	}
	out.WriteString(strings.TrimRight(b.String(), " "))
	out.WriteByte('\n')
}

// layOut gives the columns their widths: all they need if there is room or no
// limit, otherwise in order of importance what they are comfortable with, and
// then what is left. Columns that don't get their least, or have nothing to show, are
// left out.
func layOut(cols []*column, limit int, header bool) {
	need := map[*column]int{}
	total := -len(gap)
	for _, c := range cols {
		for _, s := range c.cells {
			need[c] = max(need[c], width(s))
		}
		c.empty = need[c] == 0
		if header {
			need[c] = max(need[c], width(c.Title()))
		}
		c.width = max(need[c], 1)
		total += c.width + len(gap)
	}
	if limit <= 0 || total <= limit {
		return
	}
	for _, c := range cols {
		c.width = 0
	}
	left := limit + len(gap)
	byImportance := func(f func(*column)) {
		for _, name := range importance {
			for _, c := range cols {
				if c.Column == name {
					f(c)
				}
			}
		}
	}
	byImportance(func(c *column) {
		want := min(need[c], c.comfort)
		got := min(want, left-len(gap))
		if got >= min(want, c.least) && got > 0 && !c.empty {
			c.width = got
			left -= got + len(gap)
		}
	})
	byImportance(func(c *column) {
		if more := min(need[c]-c.width, left); c.width > 0 && more > 0 && c.Column != view.ColCommand {
			more = min(more, max(12, c.comfort)) // the command is to get some as well
			c.width += more
			left -= more
		}
	})
	byImportance(func(c *column) {
		if more := min(need[c]-c.width, left); c.width > 0 && more > 0 {
			c.width += more
			left -= more
		}
	})
}

// styleOf says by colour what the text says as well.
func styleOf(r *view.Row, c view.Column) style {
	switch c {
	case view.ColPort:
		return cyan
	case view.ColAddress:
		if r.Endpoint != nil && r.Endpoint.Exposure == monitor.ExposureAll {
			return yellow
		}
	case view.ColProcess:
		if r.Owner != "" && len(r.PIDs) == 0 {
			return dim
		}
		return bold
	case view.ColCommand, view.ColSince, view.ColUser:
		return dim
	}
	return ""
}
