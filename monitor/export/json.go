package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/portlight-app/portlight/monitor"
)

// WriteJSON writes the document of `portlight list --json`: one entry a line,
// in the order given, never more than one of them in memory.
func WriteJSON(w io.Writer, taken time.Time, items []Item, ws []monitor.Warning) error {
	return write(w, taken, len(items), func(i int) any { return items[i].document() }, ws)
}

// JSON returns the document of everything in a snapshot.
func JSON(s *monitor.Snapshot) ([]byte, error) {
	var b bytes.Buffer
	err := WriteJSON(&b, s.Taken, Items(s), s.Warnings)
	return b.Bytes(), err
}

func write(w io.Writer, taken time.Time, n int, entry func(int) any, ws []monitor.Warning) error {
	out := bufio.NewWriterSize(w, 64<<10)
	stamp, err := encode(at(taken))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `{"schema":%d,"taken_at":%s,"endpoints":[`, Schema, stamp)
	for i := range n {
		line, err := encode(entry(i))
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if n > 0 {
		out.WriteByte('\n')
	}
	rest, err := encode(warnings(ws))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `],"warnings":%s}`+"\n", rest)
	return out.Flush()
}

// Event is one line of `portlight watch --json`.
type Event struct {
	Schema   int       `json:"schema"`
	Time     time.Time `json:"time"`
	Kind     string    `json:"kind"`
	Endpoint Endpoint  `json:"endpoint"`
	// PreviousHolders are those before a change of holders.
	PreviousHolders []Holder `json:"previous_holders,omitempty"`
}

// WriteEvent writes a change as one line, in a single write.
func WriteEvent(w io.Writer, c monitor.Change) error {
	e := Event{Schema: Schema, Time: *at(c.At), Kind: c.Kind.String()}
	if c.After != nil {
		e.Endpoint = endpoint(c.After)
	} else {
		e.Endpoint = endpoint(c.Before)
	}
	if c.Kind == monitor.HolderChanged && c.Before != nil {
		e.PreviousHolders = holders(c.Before.Holders)
	}
	line, err := encode(e)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// encode writes a value on one line. Beyond what encoding/json escapes, so are
// DEL and the C1 controls: a terminal may obey them, and names of processes
// are whatever somebody chose.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
	if bytes.IndexByte(line, 0x7f) < 0 && bytes.IndexByte(line, 0xc2) < 0 {
		return line, nil
	}
	out := make([]byte, 0, len(line)+16)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == 0x7f:
			out = append(out, `\u007f`...)
		case c == 0xc2 && i+1 < len(line) && line[i+1] < 0xa0: // U+0080 to U+009F
			i++
			out = fmt.Appendf(out, `\u%04x`, line[i])
		default:
			out = append(out, c)
		}
	}
	return out, nil
}
